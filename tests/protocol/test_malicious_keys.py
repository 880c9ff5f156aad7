"""A hub (or a member) that lies about keys and devices: substituted, taken from another, brought back from the past."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.errors import BadKey
from crypto.key_statements import (
    DeviceRevoked,
    KeyFact,
    PrincipalEnded,
    PrincipalFounded,
    PrincipalKind,
)
from crypto.key_streams import replay as replay_stream
from domain.channel import events as e
from domain.channel.terms import KeyRef, RosterEntry, Standing, VaultRef
from domain.ids import Digest, PrincipalId, Version
from protocol.acts import body_hash
from protocol.directory import Directory
from protocol.errors import ForgedRecord, SubstitutedKey, UnauthorisedRecord, UnknownDevice, UnknownKey
from protocol.records import Record
from tests.crypto.fixed import flipped, signing_key, some_id
from tests.protocol.keyholders import (
    ANNA,
    ARNE,
    BERIT,
    DEPLOYMENT,
    DESK,
    IDA,
    MALLORY,
    ROLF,
    added,
    entries_of,
    key_ref,
    root_of,
    stated,
    trust,
)
from tests.protocol.reading import after, reader, refuses, replayed
from tests.protocol.small_channel import begun, joining, told
from tests.protocol.stream_builder import START, Story, directory

CLINIC_VAULT = PrincipalId(some_id("vault of clinic"))
LATER = START + 27_500
"""When something happens to keys: after the whole story."""


def knowing(*facts: KeyFact, at: int = LATER) -> Directory:
    """What everybody knows, and these statements in Anna's key stream."""
    keys = directory()
    keys.add(ANNA.person, entries_of(ANNA, *facts, at=at))
    return keys


def moved(keys: Directory, n: int, key: KeyRef | None) -> e.KeyMoved:
    return e.KeyMoved(ANNA.person, n, Digest(keys.state_at(ANNA.person, n).head), key)


# in the channel's acts


@pytest.mark.parametrize(
    "joined",
    [
        pytest.param(joining(ARNE, key=MALLORY.key()), id="another's key"),
        pytest.param(joining(ARNE, key=KeyRef(1, Digest(bytes(32)))), id="a key of nobody"),
        pytest.param(joining(ARNE, organisation=BERIT.organisation, vault=BERIT.vault), id="another organisation"),
        pytest.param(joining(ARNE, vault=VaultRef(CLINIC_VAULT, MALLORY.key())), id="the vault's key"),
        pytest.param(joining(ARNE, vault=VaultRef(MALLORY.person, MALLORY.key())), id="a person in the vault's place"),
        pytest.param(joining(ARNE, vault=BERIT.vault), id="another organisation's vault"),
        pytest.param(joining(ARNE, standing=Standing.INBOX), id="a person as an inbox"),
        pytest.param(joining(DESK, standing=Standing.STAFF), id="an inbox as a person"),
    ],
)
def test_a_substituted_key_at_a_join_is_refused(joined: e.ParticipantJoined) -> None:
    story = told()
    for event in (joined, e.Proposed(joined)):
        refuses(replayed(ANNA, story.items()), after(story, story.signed(ANNA, event, 0)), SubstitutedKey)


def test_an_inbox_and_a_colleague_join_with_their_certified_keys() -> None:
    story = told()
    story.record(story.signed(ANNA, joining(DESK), 0))
    story.record(story.signed(ANNA, joining(ARNE), 0))
    assert replayed(ANNA, story.items()).version == 29


@pytest.mark.parametrize(
    "arrival",
    [
        e.UserArrived(IDA.person, MALLORY.key(), None),
        e.UserArrived(PrincipalId(some_id("clinic desk")), key_ref("clinic desk"), None),
    ],
    ids=["another's key", "an inbox as the user"],
)
def test_a_substituted_key_at_the_users_arrival_is_refused(arrival: e.UserArrived) -> None:
    story = begun()
    refuses(replayed(ANNA, story.items()), after(story, story.signed(ANNA, arrival)), SubstitutedKey)


def test_the_hub_enters_a_new_key_version_and_everybody_follows() -> None:
    story, keys = told(), knowing(added("Anna", 2))
    story.record(story.hub_act(moved(keys, 4, ANNA.key(2))))
    replay = replayed(IDA, story.items(), keys)
    assert replay.channel.threads[0].members[ANNA.principal].key == ANNA.key(2)  # type: ignore[index]


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda k: moved(k, 4, ANNA.key(1)), id="an older key, true once"),
        pytest.param(lambda k: moved(k, 4, MALLORY.key()), id="another's key"),
        pytest.param(lambda k: moved(k, 4, None), id="no key although one holds"),
        pytest.param(lambda k: replace(moved(k, 4, ANNA.key(2)), head=Digest(bytes(32))), id="another stream"),
        pytest.param(lambda k: replace(moved(k, 3, ANNA.key(1)), head=Digest(bytes(32))), id="another past"),
        pytest.param(lambda k: moved(k, 3, ANNA.key(2)), id="before it was stated"),
        pytest.param(lambda k: replace(moved(k, 4, ANNA.key(2)), n=0), id="before the first statement"),
    ],
)
def test_a_movement_to_another_key_than_the_streams_is_refused(lie: Callable[[Directory], e.KeyMoved]) -> None:
    story, keys = told(), knowing(added("Anna", 2))
    refuses(replayed(IDA, story.items(), keys), after(story, story.hub_act(lie(keys))), SubstitutedKey)


def test_a_movement_that_was_true_once_does_not_bring_an_old_key_back() -> None:
    story, keys = told(), knowing(added("Anna", 2), added("Anna", 3))
    story.record(story.hub_act(moved(keys, 5, ANNA.key(3))))
    replay = replayed(IDA, story.items(), keys)
    for n, key in ((3, ANNA.key(1)), (4, ANNA.key(2))):
        refuses(replay, after(story, story.hub_act(moved(keys, n, key))), SubstitutedKey, "older")


def test_a_principal_that_ended_is_out_everywhere() -> None:
    story, keys = told(), knowing(PrincipalEnded())
    story.record(story.hub_act(moved(keys, 4, None)))
    replay = replayed(IDA, story.items(), keys)
    assert not any(ANNA.principal in thread.members for thread in replay.channel.threads.values())


def test_a_key_stream_that_has_not_arrived_is_waited_for_and_the_same_item_accepted_then() -> None:
    story = told()
    keys = Directory(trust(without=[BERIT.person]))
    replay = replayed(ANNA, story.items()[:18], keys)
    refuses(replay, story.item(19), UnknownKey)
    keys.add(BERIT.person, entries_of(BERIT))
    assert replay.accept(story.item(19)).version == 19


def test_a_device_nobody_certified_is_unknown() -> None:
    story = told()
    keys = Directory(trust(without=[ROLF.person]))
    refuses(replayed(ANNA, story.items()[:15], keys), story.item(16), UnknownKey)
    refuses(replayed(BERIT, story.served(BERIT.principal)[:17], keys), story.item(18), UnknownDevice)


# devices at recorded time


def test_a_revoked_device_is_not_believed_from_the_revocation_on() -> None:
    story, keys = told(), knowing(DeviceRevoked(ANNA.device))
    replay = replayed(IDA, story.items(), keys)
    seen = story.signed(ANNA, e.MessagesSeen(Version(25)), 0)
    refuses(replay, after(story, seen, at=LATER), ForgedRecord, "device_not_valid")
    assert replay.accept(after(story, seen, at=LATER - 1)).version == 28


def test_a_withheld_revocation_helps_the_hub_with_nobody_who_has_seen_it() -> None:
    story = told()
    story.record(story.signed(ANNA, e.MessagesSeen(Version(25)), 0), at=LATER)
    assert replayed(IDA, story.items()).version == 28
    refuses(
        replayed(IDA, story.items()[:27], knowing(DeviceRevoked(ANNA.device))),
        story.item(28),
        ForgedRecord,
        "device_not_valid",
    )


def test_what_was_recorded_before_a_revocation_was_entered_stays_valid() -> None:
    story, keys = told(), knowing(DeviceRevoked(ANNA.device))
    story.record(story.hub_act(moved(keys, 4, ANNA.key())))
    items = story.items()
    replay = replayed(IDA, [*items[:7], story.stub(8), *items[8:24], story.stub(25), *items[25:]], keys)
    assert replay.fill(items[24]).header.device == ANNA.device
    seen = story.signed(ANNA, e.MessagesSeen(Version(25)), 0)
    refuses(replay, after(story, seen), ForgedRecord, "device_not_valid")


def test_a_device_is_not_believed_before_it_was_certified() -> None:
    story = Story()
    first = story.signed(ANNA, e.ChannelOpened(bytes(32), 1, ANNA.principal))
    made = Record(first, Version(1), 999, bytes(32))  # type: ignore[arg-type]
    refuses(reader(ANNA), [made.blind, made.encoded(), None], ForgedRecord, "device_not_valid")


# key streams


def test_two_key_streams_of_one_principal_are_not_both_believed() -> None:
    keys = knowing(added("Anna", 2))
    known = keys.entries(ANNA.person)
    with pytest.raises(SubstitutedKey):
        keys.add(ANNA.person, entries_of(ANNA, added("Anna", 2), at=LATER + 1))
    assert keys.entries(ANNA.person) == known


def test_a_truncated_key_stream_takes_nothing_back() -> None:
    keys = knowing(DeviceRevoked(ANNA.device))
    state = keys.add(ANNA.person, entries_of(ANNA))
    assert state == keys.state(ANNA.person)
    assert state.n == 4


@pytest.mark.parametrize("signer", ["root of town", "telephone of Mallory", "hub"])
def test_a_key_stream_signed_by_anybody_but_the_pinned_root_is_refused(signer: str) -> None:
    keys = Directory(trust(without=[ANNA.person]))
    facts: list[KeyFact] = [PrincipalFounded(PrincipalKind.PERSON, ANNA.organisation), added("Mallory")]
    with pytest.raises(SubstitutedKey):
        keys.add(ANNA.person, stated(ANNA.person, some_id("clinic"), signing_key(signer), facts))
    with pytest.raises(UnknownKey):
        keys.state(ANNA.person)


def test_an_organisation_nobody_pinned_certifies_nobody() -> None:
    facts: list[KeyFact] = [PrincipalFounded(PrincipalKind.PERSON, some_id("bank")), added("Mallory")]
    with pytest.raises(SubstitutedKey):
        directory().add(
            PrincipalId(some_id("new")), stated(some_id("new"), some_id("bank"), signing_key("root of bank"), facts)
        )


def test_a_key_stream_that_is_broken_or_anothers_changes_nothing() -> None:
    keys, good = directory(), entries_of(ANNA, added("Anna", 2), at=LATER)
    broken = replace(good[3], signature=flipped(good[3].signature))  # type: ignore[arg-type]
    cut = replace(good[3], statement=good[3].statement[:-1])
    for entries in ([*good[:3], broken], [*good[:3], cut], [good[3]], entries_of(BERIT), [*good, good[3]]):
        with pytest.raises(SubstitutedKey):
            keys.add(ANNA.person, entries)
    assert keys.state(ANNA.person).n == 3


def test_a_stream_of_the_past_is_what_its_first_statements_say() -> None:
    keys = knowing(added("Anna", 2))
    issuer, root = root_of(ANNA)
    first = replay_stream(DEPLOYMENT, ANNA.person, entries_of(ANNA)[:2], {issuer: root.public})
    assert keys.state_at(ANNA.person, 2) == first
    for n in (0, 5):
        with pytest.raises(UnknownKey):
            keys.state_at(ANNA.person, n)


# epochs


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda r: (*r, entry_of(MALLORY.person, MALLORY.key())), id="somebody more"),
        pytest.param(lambda r: r[1:], id="somebody less"),
        pytest.param(lambda r: r[::-1], id="out of order"),
        pytest.param(lambda r: (*r[:-1], replace(r[-1], kem_hash=MALLORY.key().kem_hash)), id="another's key"),
    ],
)
def test_an_epoch_for_another_roster_than_everybody_derives_is_refused(
    change: Callable[[tuple[RosterEntry, ...]], tuple[RosterEntry, ...]],
) -> None:
    story = told()
    epoch = story.channel.threads[0].epoch  # type: ignore[index]
    assert epoch is not None
    number = epoch.number + 1
    event = e.EpochOpened(number, tuple(change(epoch.roster)), bytes(32))  # type: ignore[arg-type]
    lie = story.signed(ANNA, event, 0, epoch=number, body_hash=Digest(bytes(32)))
    refuses(replayed(IDA, story.items()), after(story, replace(lie, body=b"")), ForgedRecord)
    sealed = story.signed(ANNA, event, 0, epoch=number, body_hash=body_hash(b"\x80"))
    refuses(
        replayed(IDA, story.items()),
        after(story, replace(sealed, body=b"\x80")),
        UnauthorisedRecord,
        "roster_mismatch",
    )


def entry_of(principal: PrincipalId, key: KeyRef) -> RosterEntry:
    return RosterEntry(principal, key.version, key.kem_hash)


def test_no_wrap_is_made_for_a_key_that_the_roster_does_not_name() -> None:
    story = told()
    story.keys = Directory(trust(without=[IDA.person]))
    issuer, root = root_of(IDA)
    facts: list[KeyFact] = [PrincipalFounded(PrincipalKind.PERSON, None), added("Mallory")]
    story.keys.add(IDA.person, stated(IDA.person, issuer, root, facts))
    with pytest.raises(BadKey):
        story.epoch(ANNA, 0)
