"""A hub that serves an old file, another inbox's, a forged one or none is caught, and the text says what happened."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.inbox_files import InboxSeed, Recipient, inbox_file_hash, parse_inbox_file, seal_inbox
from crypto.kem import KemKey
from crypto.key_statements import SignedStatement
from crypto.random import new_id, random_bytes
from crypto.shapes import SecretKey
from domain.ids import PrincipalId
from samsnakk import Client, Refused, Text
from samsnakk.cli.error_texts import ERRORS, told
from samsnakk.enrolling import Desk
from samsnakk.errors import (
    InboxFileForeign,
    InboxFileNotBelieved,
    InboxFileOld,
    InboxFileWithheld,
    InboxReadersMoved,
    NoSeatYet,
)
from samsnakk.profile_changes import roles_in_profile
from tests.client.conftest import texts
from tests.journeys.inbox.conftest import Liar, Telephone

Served = Callable[[bytes | None], bytes | None]


@pytest.fixture
async def kari(telephone: Telephone, liar: Liar) -> Client:
    """Kari and Jon answer the inbox; Kari's program, which speaks through the liar, has made its first key."""
    await telephone.on_duty("Kari", "Jon")
    kari = await telephone.program("Kari", liar.url)
    await kari.inboxes.renew(telephone.inbox)
    return kari


async def second_key(telephone: Telephone) -> Client:
    """Jon has made a second key, because Liv was there for a moment; returns his program."""
    jon = await telephone.program("Jon")
    await telephone.on_duty("Kari", "Jon", "Liv")
    await telephone.on_duty("Kari", "Jon")
    assert (await jon.inboxes.renew(telephone.inbox)).version == 2
    return jon


async def caught(client: Client, telephone: Telephone, error: type[InboxFileNotBelieved]) -> None:
    before = roles_in_profile(client.inboxes.unlocked)
    for attempt in (client.inboxes.open, client.inboxes.renew):
        with pytest.raises(InboxFileNotBelieved) as found:
            await attempt(telephone.inbox)
        assert type(found.value) is error
        assert told(found.value) == ERRORS[error.__name__]
    assert roles_in_profile(client.inboxes.unlocked) == before


async def test_an_old_file_is_caught(telephone: Telephone, liar: Liar, kari: Client) -> None:
    old = liar.seen[-1]
    await second_key(telephone)
    liar.served = lambda _: old
    await caught(kari, telephone, InboxFileOld)
    liar.served = lambda file: file
    assert sorted(await kari.inboxes.open(telephone.inbox)) == [1, 2]


async def test_another_inboxs_file_is_caught_also_under_this_ones_name(
    telephone: Telephone, liar: Liar, kari: Client
) -> None:
    other = PrincipalId(new_id())
    await telephone.on_duty("Kari", "Jon", inbox=other)
    await kari.inboxes.renew(other)
    foreign = liar.seen[-1]
    await second_key(telephone)
    liar.served = lambda _: foreign
    await caught(kari, telephone, InboxFileForeign)
    me = kari.directory.state(kari.me).key_versions[0].kem[0]
    theirs = [InboxSeed(1, SecretKey(random_bytes(32))), InboxSeed(2, SecretKey(random_bytes(32)))]
    place = parse_inbox_file(liar.seen[0]).place  # with all that the hub knows it makes a file of its own
    forged = seal_inbox(place, theirs, [Recipient(kari.me, 1, me)], file_key=SecretKey(random_bytes(32)))
    liar.served = lambda _: forged
    await caught(kari, telephone, InboxFileForeign)


async def test_a_withheld_file_is_caught(telephone: Telephone, liar: Liar, kari: Client) -> None:
    await second_key(telephone)
    liar.served = lambda _: None
    await caught(kari, telephone, InboxFileWithheld)


@pytest.mark.parametrize("damage", [lambda file: file[:-1], lambda file: file[:-1] + b"x", lambda _: b""])
async def test_a_damaged_file_is_caught(
    telephone: Telephone, liar: Liar, kari: Client, damage: Callable[[bytes], bytes]
) -> None:
    await second_key(telephone)
    liar.served = lambda file: damage(file or b"")
    await caught(kari, telephone, InboxFileNotBelieved)


async def test_a_newcomer_who_is_shown_an_older_file_is_told_that_the_keys_have_not_come(
    telephone: Telephone, liar: Liar, kari: Client
) -> None:
    old = liar.seen[-1]
    await telephone.on_duty("Kari", "Jon", "Liv")
    liv = await telephone.program("Liv", liar.url)
    for served in (lambda file: file, lambda _: old):  # nobody has sealed them for her yet; and then, the hub hides it
        liar.served = served
        for attempt in (liv.inboxes.open, liv.inboxes.renew):
            with pytest.raises(NoSeatYet) as found:
                await attempt(telephone.inbox)
            assert "holder huben dem tilbake" in told(found.value)
        liar.served = lambda file: file
        assert (await kari.inboxes.renew(telephone.inbox)).version is None
    assert sorted(await liv.inboxes.open(telephone.inbox)) == [1]


async def test_a_hub_that_says_it_has_stored_a_file_and_has_not_is_caught_and_the_seed_is_not_lost(
    telephone: Telephone, liar: Liar, kari: Client
) -> None:
    await telephone.on_duty("Kari", "Jon", "Liv")
    await telephone.on_duty("Kari", "Jon")
    liar.stored = lambda _: False
    with pytest.raises((InboxReadersMoved, InboxFileOld)):
        await kari.inboxes.renew(telephone.inbox)
    assert telephone.versions() == [1, 2]
    jon = await telephone.program("Jon")
    with pytest.raises(InboxFileOld):
        await jon.inboxes.open(telephone.inbox)
    liar.stored = lambda _: True
    assert (await kari.inboxes.renew(telephone.inbox)).version is None  # she had the seed and leaves it again
    assert sorted(await jon.inboxes.open(telephone.inbox)) == [1, 2]


async def test_a_hub_that_has_lost_the_file_gets_it_back_from_whoever_holds_the_seeds(
    telephone: Telephone, liar: Liar, kari: Client
) -> None:
    channel = await telephone.channel_with_inbox(await telephone.program("Liv"))
    await channel.post(0, Text("Før huben mistet noe."))
    liar.served = lambda _: None
    with pytest.raises(InboxFileWithheld):  # it has not lost it: it takes no first one in
        await kari.inboxes.renew(telephone.inbox)
    liar.served = lambda file: file
    await telephone.forget_files()
    assert (await kari.inboxes.renew(telephone.inbox)).sealed_for == 2
    jon = await telephone.program("Jon")
    assert await texts(await telephone.answering(jon, channel)) == ["Før huben mistet noe."]


@pytest.mark.parametrize("bad", ["other seeds", "no seeds", "a seat that does not open"])
async def test_a_colleague_who_leaves_a_file_that_is_good_for_nobody_takes_nothing_from_the_others(
    telephone: Telephone, liar: Liar, kari: Client, bad: str
) -> None:
    """Whoever holds the seeds puts a good file in its place; nobody blames the hub for it."""
    newest = liar.seen[-1]
    place = replace(parse_inbox_file(newest).place, generation=2, replaces=inbox_file_hash(newest))
    jon = await telephone.program("Jon")
    keys = {one: kari.directory.state(one).key_versions[0].kem[0] for one in (kari.me, jon.me)}
    if bad == "a seat that does not open":
        keys[kari.me] = KemKey.from_seed(random_bytes(32)).public
    seeds = [InboxSeed(1, SecretKey(random_bytes(32)))] if bad == "other seeds" else []
    recipients = [Recipient(one, 1, key) for one, key in keys.items()]
    left = seal_inbox(place, seeds, recipients, file_key=SecretKey(random_bytes(32)))
    signed = jon.inboxes._signed(telephone.inbox, f"keep inbox file {inbox_file_hash(left).hex()}")
    await jon.inboxes._doors.exchange("PUT", f"inbox-files/{telephone.inbox.hex()}", left, signed)
    with pytest.raises(InboxFileNotBelieved):
        await jon.inboxes.open(telephone.inbox)
    assert (await kari.inboxes.renew(telephone.inbox)).sealed_for == 2
    assert sorted(await jon.inboxes.open(telephone.inbox)) == [1]


async def test_a_hub_that_takes_no_file_in_is_told_of(telephone: Telephone, liar: Liar, kari: Client) -> None:
    old = liar.seen[-1]
    await telephone.on_duty("Kari", "Jon", "Liv")
    await kari.inboxes.renew(telephone.inbox)
    await telephone.on_duty("Kari", "Jon")
    liar.served = lambda _: old  # it shows an older file, so that the next one never follows its newest
    with pytest.raises(Refused, match="inbox_file_moved"):
        await kari.inboxes.renew(telephone.inbox)
    assert telephone.versions() == [1]


async def test_a_hub_that_hides_that_somebody_left_hides_it_from_nobody_who_asks_the_node(
    telephone: Telephone, liar: Liar, kari: Client
) -> None:
    await telephone.on_duty("Kari")
    liar.hides_newest_of = telephone.inbox
    assert (await kari.inboxes.renew(telephone.inbox)).version == 2
    assert {seat.person for seat in parse_inbox_file(liar.seen[-1]).seats} == {kari.me}


async def test_where_the_node_knows_more_than_a_program_was_shown_no_key_is_stated(
    telephone: Telephone, liar: Liar, kari: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_desk: Desk, _principal: PrincipalId) -> tuple[SignedStatement, ...]:
        return ()

    await second_key(telephone)
    await telephone.on_duty("Kari", "Jon", "Liv")
    await telephone.on_duty("Kari", "Jon")  # so a key is due
    await telephone.on_duty("Kari")  # and this the hub hides
    liar.hides_newest_of, before = telephone.inbox, len(liar.seen)
    with monkeypatch.context() as patched:
        patched.setattr(Desk, "key_stream", nothing)
        with pytest.raises(InboxReadersMoved) as found:
            await kari.inboxes.renew(telephone.inbox)
    assert "Huben viser ikke" in told(found.value)
    assert telephone.versions() == [1, 2]
    jon = telephone.world.person("Jon").id
    assert all(jon in {seat.person for seat in parse_inbox_file(data).seats} for data in liar.seen[before:])
    # What was sealed for Jon in these attempts is never certified.
    assert (await kari.inboxes.renew(telephone.inbox)).version == 3
    assert {seat.person for seat in parse_inbox_file(liar.seen[-1]).seats} == {kari.me}


async def test_a_seed_that_somebody_who_left_plants_through_the_hub_is_never_certified(
    telephone: Telephone, liar: Liar, kari: Client
) -> None:
    """Jon holds the first seed, so with the hub he makes a file that looks right, with a seed of his own behind it."""
    jon = await telephone.program("Jon")
    await jon.inboxes.open(telephone.inbox)
    first = SecretKey(roles_in_profile(jon.inboxes.unlocked)[telephone.inbox][1])
    planted = SecretKey(random_bytes(32))
    await telephone.on_duty("Kari")
    place = parse_inbox_file(liar.seen[-1]).place
    me = Recipient(kari.me, 1, kari.directory.state(kari.me).key_versions[0].kem[0])
    forged = seal_inbox(place, [InboxSeed(1, first), InboxSeed(2, planted)], [me], file_key=SecretKey(random_bytes(32)))
    await telephone.replace_file(forged)
    assert (await kari.inboxes.renew(telephone.inbox)).version == 2
    state = telephone.node.issuer.state(telephone.inbox)
    assert state is not None
    assert state.key_versions[-1].kem != (KemKey.from_seed(planted).public,)
