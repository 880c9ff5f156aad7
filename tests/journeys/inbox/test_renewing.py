"""The next key of an inbox: by whoever is there first, also if one is stopped on the way; and nothing is ever lost."""

import asyncio
from collections.abc import Callable
from shutil import copytree, ignore_patterns

import pytest

from crypto.inbox_files import parse_inbox_file
from crypto.random import new_id
from domain.ids import DeviceId
from protocol.inbox_keys import Due
from protocol.node_requests import Wish
from samsnakk import Channel, Client, Disconnected, Profile, Refused, Text
from samsnakk.enrolling import Desk, Enrolled
from samsnakk.errors import InboxHasNoKey, NoSeatYet, NotEligible
from samsnakk.keyring_home import KeyringHome
from samsnakk.node_issuing import NodeIssuer, Use, desk_of
from samsnakk.profile_changes import roles_in_profile
from tests.client.conftest import KEY, texts
from tests.journeys.inbox.conftest import PATIENCE, Telephone


async def holds(condition: Callable[[], object]) -> None:
    """Wait for it, however slow the machine is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


def seeds(client: Client, telephone: Telephone) -> dict[int, bytes]:
    return dict(roles_in_profile(client.inboxes.unlocked).get(telephone.inbox, {}))


async def test_two_who_renew_at_once_end_up_with_one_key(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Jon")
    kari, jon = await telephone.program("Kari"), await telephone.program("Jon")
    both = await asyncio.gather(*(one.inboxes.renew(telephone.inbox) for one in (kari, jon)))
    assert telephone.versions() == [1]
    assert sorted((one.version for one in both), key=str) == [1, None]
    assert seeds(kari, telephone) == seeds(jon, telephone) != {}


async def test_stopped_between_file_and_certificate_nothing_is_lost_and_the_next_one_finishes(
    telephone: Telephone,
) -> None:
    await telephone.on_duty("Kari", "Jon", "Liv")
    kari, jon = await telephone.program("Kari"), await telephone.program("Jon")
    await kari.inboxes.renew(telephone.inbox)
    channel = await telephone.channel_with_inbox(kari)
    await channel.post(0, Text("Før Liv sluttet."))
    await telephone.on_duty("Kari", "Jon")
    door, telephone.node_url = telephone.node_url, "http://127.0.0.1:9"  # nobody listens there
    stopped = await telephone.program("Kari")
    with pytest.raises(Disconnected):
        await stopped.inboxes.renew(telephone.inbox)
    telephone.node_url = door
    assert (telephone.versions(), sorted(seeds(stopped, telephone))) == ([1], [1])
    his = await telephone.answering(jon, channel)
    assert await texts(his) == ["Før Liv sluttet."]
    assert (await jon.inboxes.renew(telephone.inbox)).version == 2
    assert (await stopped.inboxes.renew(telephone.inbox)).version is None
    assert seeds(stopped, telephone) == seeds(jon, telephone)
    assert sorted(seeds(jon, telephone)) == [1, 2]


async def test_an_answer_of_the_node_that_is_lost_takes_no_key_along(
    telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is certified, and whoever made it has not heard so; the file holds its seed."""
    await telephone.on_duty("Kari", "Jon")
    kari, jon = await telephone.program("Kari"), await telephone.program("Jon")
    ask = Desk.ask

    async def unheard(desk: Desk, wish: Wish, *, ticket: str = "") -> Enrolled:
        await ask(desk, wish, ticket=ticket)
        raise Disconnected

    with monkeypatch.context() as patched:
        patched.setattr(Desk, "ask", unheard)
        with pytest.raises(Disconnected):
            await kari.inboxes.renew(telephone.inbox)
    assert (telephone.versions(), seeds(kari, telephone)) == ([1], {})
    assert sorted(await jon.inboxes.open(telephone.inbox)) == [1]
    assert (await kari.inboxes.renew(telephone.inbox)).version is None
    assert seeds(kari, telephone) == seeds(jon, telephone)


async def test_programs_make_the_next_key_by_themselves_and_who_reads_goes_on_reading(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Jon", "Liv")
    kari = await telephone.program("Kari")
    await kari.inboxes.renew(telephone.inbox)
    channel = await telephone.channel_with_inbox(kari)
    jon = await telephone.program("Jon", tending=True)
    his = await telephone.answering(jon, channel)
    await channel.post(0, Text("Mens Liv er med."))
    await telephone.on_duty("Kari", "Jon")  # entered in the channel, which wakes Jon's program
    await holds(lambda: telephone.versions() == [1, 2])
    await holds(lambda: _enters(channel, telephone, 2))
    posted = await channel.post(0, Text("Etter at Liv sluttet."))
    await his.reached(posted.version, PATIENCE)
    await holds(lambda: his._held.event(posted.version).content == Text("Etter at Liv sluttet."))
    assert telephone.inbox not in jon.inboxes.troubles


async def test_who_reads_gets_the_key_that_a_colleague_made_without_starting_anew(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Jon", "Liv")
    kari, liv = await telephone.program("Kari"), await telephone.program("Liv")
    await kari.inboxes.renew(telephone.inbox)
    channel = await telephone.channel_with_inbox(liv)
    jon = await telephone.program("Jon", node=False, tending=True)  # it can renew nothing, only take up
    his = await telephone.answering(jon, channel)
    await telephone.on_duty("Kari", "Jon")
    await kari.inboxes.renew(telephone.inbox)
    await holds(lambda: _enters(channel, telephone, 2))
    posted = await channel.post(0, Text("Med den nye nøkkelen."))
    await his.reached(posted.version, PATIENCE)
    await holds(lambda: his._held.event(posted.version).content == Text("Med den nye nøkkelen."))
    kept = await telephone.program("Jon", node=False)
    again = await telephone.answering(kept, channel)
    assert await texts(again) == ["Med den nye nøkkelen."]


async def test_a_program_that_connects_makes_the_key_that_is_due(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Jon")
    await (await telephone.program("Kari")).inboxes.renew(telephone.inbox)
    await (await telephone.program("Jon")).inboxes.open(telephone.inbox)
    await telephone.on_duty("Jon")
    await telephone.program("Jon", tending=True)
    await holds(lambda: telephone.versions() == [1, 2])


async def test_a_lost_device_reads_nothing_that_follows(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Nils")
    kari, nils = await telephone.program("Kari"), await telephone.program("Nils")
    await kari.inboxes.renew(telephone.inbox)
    await nils.inboxes.open(telephone.inbox)
    person = telephone.world.person("Nils")
    telephone.node.issuer.revoke(person.id, person.device)
    looked = await telephone.node.look()
    assert [one.why for one in looked.due if one.inbox == telephone.inbox] == [Due.KEYS_LOST]
    with pytest.raises(Refused, match="device_not_valid"):
        await nils.inboxes.renew(telephone.inbox)
    assert (await kari.inboxes.renew(telephone.inbox)).version == 2
    assert [one for one in (await telephone.node.look()).due if one.inbox == telephone.inbox] == []
    with pytest.raises(Refused, match="device_not_valid"):
        await nils.inboxes.open(telephone.inbox)
    assert sorted(seeds(nils, telephone)) == [1]


async def test_a_device_that_has_not_heard_of_its_persons_new_key_fetches_it_and_goes_on(telephone: Telephone) -> None:
    """Her other device has cut one off and made a new key: the inbox's next key is sealed to that one."""
    await telephone.on_duty("Sunniva", "Kari")
    await (await telephone.program("Kari")).inboxes.renew(telephone.inbox)
    first = await telephone.program("Sunniva")
    await first.inboxes.open(telephone.inbox)
    async with KeyringHome(first.inboxes.unlocked, telephone.hub.url, _by_wishes(first, telephone)) as home:
        await home.begin("Laptop")
        copytree(telephone.folder / "Sunniva", telephone.folder / "other", ignore=ignore_patterns("local.db*"))
        await home.lose(DeviceId(new_id()))
    other = Profile.open(telephone.folder / "other").unlock(key=KEY)
    assert sorted(other.kem_keys[first.me]) == [1]
    behind = Client(other, telephone.hub.url, node=telephone.node_url, tending=False)
    async with behind:
        assert (await behind.inboxes.renew(telephone.inbox)).version == 2
        assert sorted(behind.inboxes.unlocked.kem_keys[first.me]) == [1, 2]
        assert (await behind.inboxes.renew(telephone.inbox)).version is None
    seat = parse_inbox_file((await telephone.files())[-1]).seat_of(first.me)
    assert seat is not None
    assert seat.version == 2


def _by_wishes(client: Client, telephone: Telephone) -> NodeIssuer:
    async def nobody(_: Use) -> Enrolled:
        raise Refused("no_login", "node")

    return NodeIssuer(desk_of(client.inboxes.unlocked, telephone.node_url), nobody)


async def test_who_is_not_eligible_gets_and_makes_nothing(telephone: Telephone) -> None:
    await telephone.on_duty("Kari")
    await (await telephone.program("Kari")).inboxes.renew(telephone.inbox)
    for attempt in ((await telephone.program("Jon")).inboxes.open, (await telephone.program("Liv")).inboxes.renew):
        with pytest.raises(NotEligible):
            await attempt(telephone.inbox)


async def test_an_inbox_without_a_key_and_nobody_to_certify_one_says_so(telephone: Telephone) -> None:
    await telephone.on_duty("Kari")
    kari = await telephone.program("Kari", node=False)
    with pytest.raises(InboxHasNoKey):
        await kari.inboxes.open(telephone.inbox)
    assert (await kari.inboxes.renew(telephone.inbox)).due is Due.FIRST_KEY
    assert sorted(await (await telephone.program("Kari")).inboxes.open(telephone.inbox)) == [1]


async def test_where_everybody_left_at_once_the_next_one_begins_anew_and_gets_the_history_from_a_member(
    telephone: Telephone,
) -> None:
    await telephone.on_duty("Kari")
    kari, liv = await telephone.program("Kari"), await telephone.program("Liv")
    await kari.inboxes.renew(telephone.inbox)
    jon = await telephone.program("Jon")
    channel = await telephone.channel_with_inbox(jon)
    await channel.post(0, Text("Fra tida før."))
    await telephone.on_duty("Liv")
    with pytest.raises(NoSeatYet):
        await liv.inboxes.renew(telephone.inbox)
    assert (await liv.inboxes.renew(telephone.inbox, begin_anew=True)).version == 2
    hers = await telephone.answering(liv, channel)
    assert await texts(hers) == []
    granted = await channel.grant_history(0, telephone.inbox)
    await hers.reached(granted.version, PATIENCE)
    await holds(lambda: Text("Fra tida før.") in [hers._held.event(v).content for v in range(1, hers.version + 1)])  # type: ignore[arg-type]
    await telephone.on_duty("Kari", "Liv")
    await liv.inboxes.renew(telephone.inbox)  # Kari is back, and brings the old seed along
    await kari.inboxes.renew(telephone.inbox)
    await liv.inboxes.renew(telephone.inbox)
    assert sorted(seeds(liv, telephone)) == [1, 2]


async def test_beginning_anew_is_for_where_nobody_is_left(telephone: Telephone) -> None:
    await telephone.on_duty("Kari")
    await (await telephone.program("Kari")).inboxes.renew(telephone.inbox)
    await telephone.on_duty("Kari", "Liv")
    liv = await telephone.program("Liv")
    with pytest.raises(NoSeatYet):
        await liv.inboxes.renew(telephone.inbox, begin_anew=True)


def _enters(channel: Channel, telephone: Telephone, version: int) -> bool:
    """Whether the channel has entered that version of the inbox's key."""
    member = channel.state.threads[0].members.get(telephone.inbox)  # type: ignore[index]
    return member is not None and member.key.version == version
