"""Those whom the user brings along, a child and her guardians, and a death, through a real hub: who reads what."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.channel.terms import AgeGroup
from domain.ids import MAIN_THREAD, Millis, ThreadNo
from protocol.contents import Summary
from samsnakk import Audience, Channel, Refused, State, Terms, Text, Topic
from samsnakk.cli.commands import parse
from samsnakk.cli.conversation import Conversation
from samsnakk.cli.people import Names
from samsnakk.cli.texts import BOKMAL
from samsnakk.demo.world import World, now_ms
from tests.client.conftest import Connect, opened, texts
from tests.journeys.who_reads.everybody import could_read, keys_of

YEAR = 365 * 86_400_000
BROTHER = "Máhtte"


class Family:
    """Kari and Jon of the clinic, Elle, and a thread about her family that her brother may come into."""

    def __init__(self, kari: Channel, jon: Channel, elle: Channel, thread: int) -> None:
        self.kari, self.jon, self.elle, self.thread = kari, jon, elle, thread

    async def met(self) -> None:
        """Everybody has seen what the others have done."""
        newest = max(channel.version for channel in (self.kari, self.jon, self.elle))
        for channel in (self.kari, self.jon, self.elle):
            await channel.reached(newest)

    async def is_of_age(self, group: AgeGroup, next_change: int | None) -> None:
        """Two people record it."""
        for channel in (self.kari, self.jon):
            await channel.record_age(group, None if next_change is None else Millis(next_change))
            await self.met()

    def members(self) -> set[bytes]:
        """Who is on the thread's list right now."""
        state = self.elle.state
        return {m.principal for m in state.threads[ThreadNo(self.thread)].members.values() if m.active(now_ms())}


@pytest.fixture
async def family(connect: Connect, terms: Callable[..., Terms], world: World) -> Family:
    kari = await (await connect("Kari")).open_channel()
    await kari.join(0, terms("Jon"))
    await kari.user_arrived(world.person("Elle").id)
    about = await kari.open_thread(Audience.WITH_USER, Topic.FAMILY_AND_NETWORK, "Familien", [terms("Jon")])
    assert about.thread is not None
    jon, elle = await opened(await connect("Jon"), kari), await opened(await connect("Elle"), kari)
    return Family(kari, jon, elle, about.thread)


async def is_out(channel: Channel) -> None:
    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(lambda: channel.ended)


def brothers(family: Family, world: World) -> list[str]:
    """What opens to her brother with his keys and everything that the hub has."""
    brother = world.person(BROTHER)
    return could_read(family.elle, brother.id, keys_of(brother.holder))


def a_relative(terms: Callable[..., Terms], function: str, basis: str = "users-choice") -> Terms:
    return replace(terms(BROTHER, basis=basis), function=function)


async def test_a_relative_is_labelled_reads_its_own_thread_only_and_is_out_when_the_user_says_so(
    family: Family, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await family.elle.join(family.thread, a_relative(terms, "sibling"))
    his = await opened(await connect(BROTHER), family.elle)
    sent = await family.elle.post(family.thread, Text("to the family"))
    await family.elle.post(0, Text("not for my brother"))
    await his.reached(sent.version)
    said: list[str] = []
    talk = Conversation(
        his, Names(world.trust, his.me, BOKMAL), lambda lines: said.extend(line.plain for line in lines), 80
    )
    talk.thread = talk.first_thread()
    who = parse("/hvem")
    assert who is not None
    await talk.do(who, now_ms())
    assert talk.thread == family.thread
    assert any("søsken" in line for line in said)
    with pytest.raises(Refused):
        await family.elle.join(0, a_relative(terms, "sibling"))
    await family.elle.remove_from_thread(family.thread, world.person(BROTHER).id)
    await is_out(his)
    await family.elle.post(family.thread, Text("after he left"))
    assert await texts(his) == ["to the family"] == brothers(family, world)
    assert could_read(family.elle, his.me, keys_of(world.person("Jon").holder)) == []


async def test_a_proxy_who_may_consent_does_so_until_it_is_revoked(
    family: Family, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await family.elle.join(family.thread, a_relative(terms, "proxy:consent"))
    his = await opened(await connect(BROTHER), family.elle)
    nav = world.person("Berit").organisation
    assert nav is not None
    given = await his.consent(nav, "på hennes vegne", [family.thread])
    await family.elle.reached(given.version)
    assert any(line.stands and line.organisation == nav for line in family.elle.consents())
    with pytest.raises(Refused):
        await his.consent(nav, "også i felles tråd", [0])
    await family.elle.remove_from_thread(family.thread, world.person(BROTHER).id)
    await is_out(his)
    withdrawn = await family.elle.withdraw_consent(nav)
    await family.kari.reached(withdrawn.version)
    assert not any(line.stands for line in family.kari.consents())


async def test_a_friend_speaks_for_nobody(
    family: Family, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await family.elle.join(family.thread, a_relative(terms, "friend"))
    his = await opened(await connect(BROTHER), family.elle)
    nav = world.person("Berit").organisation
    assert nav is not None
    with pytest.raises(Refused) as refused:
        await his.consent(nav, "?", [family.thread])
    assert refused.value.code == "not_a_proxy"


async def test_a_user_of_thirteen_shields_a_thread_and_her_guardian_reads_nothing_that_follows(
    family: Family, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await family.is_of_age(AgeGroup.FROM_12, now_ms() + 3 * YEAR)
    await family.kari.join(family.thread, a_relative(terms, "guardian", "child-guardian"))
    his = await opened(await connect(BROTHER), family.kari)
    await family.met()
    sent = await family.kari.post(family.thread, Text("with the guardian"))
    await his.reached(sent.version)
    await family.met()
    await family.elle.shield(family.thread)
    await is_out(his)
    await family.elle.post(family.thread, Text("mine"))
    await family.met()
    assert await texts(his) == ["with the guardian"] == brothers(family, world)
    assert (await texts(family.kari))[-1] == "mine"
    with pytest.raises(Refused) as refused:
        await family.kari.join(family.thread, a_relative(terms, "guardian", "child-guardian"))
    assert refused.value.code in {"objected_to", "needs_approval"}
    lifted = await family.elle.lift_shield(family.thread)
    await family.kari.reached(lifted.version)
    await family.kari.join(family.thread, a_relative(terms, "guardian", "child-guardian"))


async def test_a_change_of_guardian_leaves_the_old_one_out_and_the_new_one_with_what_was_chosen(
    family: Family, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await family.is_of_age(AgeGroup.UNDER_12, now_ms() + 3 * YEAR)
    await family.kari.join(family.thread, a_relative(terms, "guardian", "child-guardian"))
    old = await opened(await connect(BROTHER), family.kari)
    sent = await family.kari.post(family.thread, Text("first"))
    await old.reached(sent.version)
    await family.met()
    with pytest.raises(Refused) as refused:
        await family.elle.remove_from_thread(family.thread, old.me)
    assert refused.value.code == "guardian_decides"
    await old.leave("guardian-changed")
    await is_out(old)
    await family.met()
    sent = await family.kari.post(family.thread, Text("between"))
    await family.kari.join(family.thread, a_relative(terms, "guardian", "child-guardian"))
    await old.resume()
    await old.caught_up()
    last = await family.kari.post(family.thread, Text("to the new guardian"))
    await old.reached(last.version)
    await family.elle.reached(last.version)
    assert await texts(old) == ["first", "to the new guardian"] == brothers(family, world), "a gap stays a gap"


async def test_at_sixteen_nobody_is_there_by_parental_responsibility_and_nobody_had_to_click(
    family: Family, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await family.is_of_age(AgeGroup.FROM_12, now_ms() + 3 * YEAR)
    await family.kari.join(family.thread, a_relative(terms, "parent", "parental-responsibility"))
    his = await opened(await connect(BROTHER), family.kari)
    # She turns sixteen sooner than was recorded: what gives her rights holds when one person says it.
    await family.kari.record_age(AgeGroup.FROM_12, Millis(now_ms() + 1200))
    await is_out(his)
    assert world.person(BROTHER).id not in family.members()
    sent = await family.kari.post(family.thread, Text("she is sixteen"))
    await family.elle.reached(sent.version)
    assert await texts(his) == []
    await family.elle.join(family.thread, a_relative(terms, "parent"))
    assert world.person(BROTHER).id in family.members(), "whom she then wants along she adds herself"


async def test_a_death_that_two_report_makes_the_channel_read_only_and_two_take_it_back(family: Family) -> None:
    await family.kari.post(0, Text("before"))
    await family.kari.report_death()
    await family.met()
    await family.jon.post(0, Text("one report changes nothing"))
    await family.met()
    await family.jon.report_death()
    await family.met()
    with pytest.raises(Refused) as refused:
        await family.kari.post(0, Text("after"))
    assert refused.value.code == "channel_is_closed"
    assert await texts(family.elle) == ["before", "one report changes nothing"]
    await family.kari.report_death(died=False)
    await family.met()
    await family.jon.report_death(died=False)
    await family.met()
    sent = await family.elle.post(0, Text("I am here"))
    await family.kari.reached(sent.version)


async def test_the_user_always_keeps_reading_whoever_goes_and_whatever_is_closed(
    family: Family, connect: Connect, world: World
) -> None:
    with pytest.raises(Refused) as refused:
        await family.kari.remove(world.person("Elle").id)
    assert refused.value.code in {"user_never_leaves", "not_a_member"}
    await family.kari.post(0, Text("something"))
    await family.kari.close("ended", Summary("Vi er ferdige.", "Fastlegen"))
    await family.met()
    hers = await opened(await connect("Elle"), family.kari)
    assert await texts(hers) == ["something"]
    again = Summary("Vi er ferdige.", "Fastlegen")
    found = [event async for event in hers.events(follow=False) if event.content == again]
    assert [event.state for event in found] == [State.READABLE]
    assert any(span.until is None for span in hers.state.threads[MAIN_THREAD].ranges[hers.me])
