"""Acts in another's name, in another form or against the rules: the hub may record them, no reader takes them in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crypto import cbor
from crypto.key_statements import DeviceCertified
from crypto.labels import ACT, HUB_ACT
from domain.channel import events as e
from domain.ids import DeviceId, Digest, Millis, Version
from protocol.acts import MAX_BODY, MAX_HEADER, Header, SignedAct, encode_header, sign_act
from protocol.errors import (
    ChainBroken,
    ForgedRecord,
    ForkedHistory,
    UnauthorisedRecord,
    UnknownKind,
    UnknownProtocol,
)
from protocol.records import Record, record_item
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import ANNA, ARNE, BERIT, EXPIRES, HUB_DEVICE, HUB_KEY, IDA, MALLORY, ROLF, entries_of
from tests.protocol.reading import after, altered, reader, refuses, replayed
from tests.protocol.small_channel import joining, told
from tests.protocol.stream_builder import START, Story, directory, epoch_key

# other versions, other forms


@pytest.mark.parametrize("versions", [(0, 1), (2, 1), (1, 0), (1, 2), (True, True)])
def test_an_act_of_another_protocol_or_suite_is_refused(versions: tuple[int, int]) -> None:
    story = told()
    lie = resigned(story, lambda fields: [*versions, *fields[2:]])
    refuses(replayed(ANNA, story.items()), after(story, lie), UnknownProtocol)


def test_an_act_of_an_unknown_kind_asks_for_a_newer_program() -> None:
    story = told()
    lie = resigned(story, lambda fields: [*fields[:5], "message-posted/9", *fields[6:]])
    refuses(replayed(ANNA, story.items()), after(story, lie), UnknownKind)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda f: [*f, None], id="a field more"),
        pytest.param(lambda f: f[:-1], id="a field less"),
        pytest.param(lambda f: [*f[:10], True, *f[11:]], id="a boolean as number"),
        pytest.param(lambda f: [*f[:13], -1, *f[14:]], id="a negative version"),
        pytest.param(lambda f: [*f[:16], f[16] | {"more": 1}, f[17]], id="an unknown fact"),
        pytest.param(lambda f: [*f[:16], {"asks": False}, f[17]], id="facts left out"),
        pytest.param(lambda f: [*f[:16], [], f[17]], id="no map of facts"),
        pytest.param(lambda f: [*f[:17], None], id="no body hash"),
        pytest.param(lambda f: [*f[:2], b"", *f[3:]], id="a short id"),
    ],
)
def test_a_signed_header_of_another_form_is_no_act(change: Callable[[list[Any]], list[Any]]) -> None:
    story = told()
    refuses(replayed(ANNA, story.items()), after(story, resigned(story, change)), ForgedRecord, "malformed_act")


def resigned(story: Story, change: Callable[[list[Any]], list[Any]]) -> SignedAct:
    """A message whose header was changed before its author signed it."""
    act = story.message(ANNA, 0, "Welcome")
    fields = cbor.decode(act.header, max_size=MAX_HEADER)
    assert isinstance(fields, list)
    header = cbor.encode(change(fields))
    return SignedAct(header, ANNA.device + ANNA.signing.sign(ACT, header), act.body)


def test_bytes_behind_a_signed_header_are_refused() -> None:
    story = told()
    header = encode_header(story.header(ANNA, e.MessagesSeen(Version(25)), 0)) + b"\x00"
    lie = SignedAct(header, ANNA.device + ANNA.signing.sign(ACT, header), None)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord)


def test_an_oversize_body_is_refused() -> None:
    story = told()
    body = bytes(MAX_BODY + 1)
    header = story.header(ANNA, e.MessagePosted(), 0, body_hash=Digest(bytes(32)))
    refuses(
        replayed(ANNA, story.items()),
        after(story, sign_act(header, body, ANNA.signing)),
        ForgedRecord,
        "malformed_act",
    )


def test_an_oversize_header_is_refused_before_anything_is_checked() -> None:
    story = told()
    lie = SignedAct(bytes(MAX_HEADER + 1), ANNA.device + bytes(64), None)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord)


@pytest.mark.parametrize(
    "item",
    [
        None,
        [],
        b"",
        [1],
        [True, None, "key", 0, bytes(32)],
        [5, False, "key", 0, bytes(32)],
        [5, 0, "kex", 0, bytes(32)],
    ],
)
def test_what_is_neither_record_nor_stub_breaks_the_chain(item: object) -> None:
    refuses(replayed(ANNA, told().items()[:4]), item, ChainBroken)


# not theirs to do


def by_hub(header: Header) -> SignedAct:
    return sign_act(replace(header, device=HUB_DEVICE), None, HUB_KEY, HUB_ACT)


def test_an_act_signed_with_another_devices_key_is_forged() -> None:
    story = told()
    lie = sign_act(story.header(ANNA, e.MessagesSeen(Version(25)), 0), None, MALLORY.signing)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "signature")


def test_an_act_that_names_another_device_than_its_signer_is_forged() -> None:
    story = told()
    header = encode_header(story.header(ANNA, e.MessagesSeen(Version(25)), 0))
    lie = SignedAct(header, MALLORY.device + MALLORY.signing.sign(ACT, header), None)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "another device")


def test_nobody_acts_with_their_own_device_in_anothers_name() -> None:
    story = told()
    lie = story.signed(MALLORY, e.MessagesSeen(Version(25)), 0, person=ANNA.person)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "device_not_valid")


def test_a_certificate_for_somebody_elses_public_key_is_worth_nothing() -> None:
    """Why who is let in need not prove that the key is theirs: all that is signed names its device and its person."""
    story, keys = told(), directory()
    borrowed = DeviceId(some_id("a device with Anna's public key"))
    fact = DeviceCertified(borrowed, ANNA.signing.public, MALLORY.organisation, EXPIRES)
    keys.add(MALLORY.person, entries_of(MALLORY, fact, at=START))
    honest = story.signed(ANNA, e.MessagesSeen(Version(25)), 0)
    replay = replayed(IDA, story.items(), keys)
    mine = replace(honest, signature=borrowed + honest.signature[len(borrowed) :])
    refuses(replay, after(story, mine), ForgedRecord, "another device")
    header = replace(story.header(ANNA, e.MessagesSeen(Version(25)), 0), device=borrowed, person=MALLORY.person)
    for key in (MALLORY.signing, signing_key("telephone of nobody")):
        refuses(replay, after(story, sign_act(header, None, key)), ForgedRecord, "signature")
    taken = replay.accept(after(story, honest))
    assert (taken.header.device, taken.header.person) == (ANNA.device, ANNA.person)


def test_nobody_acts_for_an_organisation_that_did_not_certify_them() -> None:
    story = told()
    lie = story.signed(ANNA, e.MessagesSeen(Version(25)), 0, organisation=BERIT.organisation)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "device_not_valid")


def test_nobody_acts_for_an_inbox_they_are_not_eligible_for() -> None:
    story = told()
    for inbox in (some_id("clinic desk"), BERIT.principal):
        lie = story.signed(ANNA, e.MessagesSeen(Version(25)), 0, role=inbox)
        refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "device_not_valid")


def test_the_hub_does_not_speak_for_people() -> None:
    story = told()
    seen = story.header(ANNA, e.MessagesSeen(Version(25)), 0)
    replay = replayed(ANNA, story.items())
    refuses(replay, after(story, by_hub(seen)), ForgedRecord, "device_not_valid")
    refuses(replay, after(story, by_hub(replace(seen, person=None))), UnauthorisedRecord, "only_the_hub")


def test_people_do_not_speak_for_the_hub() -> None:
    story = told()
    moved = story.header(ANNA, e.KeyMoved(ROLF.principal, 3, Digest(bytes(32)), None), person=None)
    refuses(replayed(ANNA, story.items()), after(story, sign_act(moved, None, ANNA.signing)), ForgedRecord)
    with_hub_label = sign_act(moved, None, ANNA.signing, HUB_ACT)
    refuses(replayed(ANNA, story.items()), after(story, with_hub_label), ForgedRecord, "signature")


def test_the_hubs_key_signs_nothing_under_the_label_of_people() -> None:
    story = told()
    header = replace(story.header(ANNA, e.MessagesSeen(Version(25)), 0), device=HUB_DEVICE, person=None)
    lie = sign_act(header, None, HUB_KEY)
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "signature")


def test_a_device_is_no_longer_believed_once_it_has_expired() -> None:
    story = told()
    late = after(story, story.signed(ANNA, e.MessagesSeen(Version(25)), 0), at=EXPIRES)
    refuses(replayed(ANNA, story.items()), late, ForgedRecord, "device_not_valid")


@pytest.mark.parametrize(
    ("act", "code"),
    [
        pytest.param(lambda s: s.message(MALLORY, 0, "hei"), "not_a_participant", id="an outsider writes"),
        pytest.param(lambda s: s.message(BERIT, 0, "hei"), "not_a_participant", id="a removed member writes"),
        pytest.param(lambda s: s.signed(MALLORY, joining(MALLORY), 0), "not_a_participant", id="an outsider joins"),
        pytest.param(lambda s: s.signed(ANNA, joining(ROLF), 0), "needs_approval", id="a relative in thread 0"),
        pytest.param(lambda s: s.signed(ANNA, joining(ARNE, "consent"), 0), "needs_approval", id="on no basis"),
        pytest.param(
            lambda s: s.signed(ROLF, e.ParticipantLeft(ANNA.principal, "ended"), 2), "not_permitted", id="a removal"
        ),
        pytest.param(
            lambda s: s.signed(ANNA, e.ParticipantLeft(IDA.principal, "ended"), 0), "not_permitted", id="the user"
        ),
        pytest.param(
            lambda s: s.signed(ANNA, e.MessageRetracted(Version(8)), 0), "not_the_author", id="anothers message"
        ),
        pytest.param(
            lambda s: s.message(ANNA, 0, "hei", epoch_key(0, 1), epoch=1), "stale_epoch", id="under an old epoch"
        ),
        pytest.param(lambda s: s.message(ANNA, 0, "hei", membership_version=1), "membership_moved", id="an old roster"),
        pytest.param(lambda s: s.epoch(MALLORY, 0), "not_a_participant", id="an outsiders epoch"),
        pytest.param(lambda s: s.grant(BERIT, 0, ANNA, 22, 22), "not_a_participant", id="a removed members grant"),
        pytest.param(lambda s: s.grant(ANNA, 0, ROLF, 22, 22), "not_a_member", id="a grant to an outsider"),
        pytest.param(
            lambda s: s.signed(ANNA, e.MessagesSeen(Version(99)), 0), "seen_ahead", id="seen before it was there"
        ),
    ],
)
def test_the_hub_cannot_record_what_the_rules_refuse(act: Callable[[Story], SignedAct], code: str) -> None:
    story = told()
    refuses(replayed(ANNA, story.items()), after(story, act(story)), UnauthorisedRecord, code)


def test_nothing_comes_before_the_opening() -> None:
    story = told()
    refuses(reader(ANNA), altered(story, 2, version=Version(1)), ForkedHistory)
    lie = Story().signed(ANNA, joining(ANNA), 0)
    first = record_item(Record(lie, Version(1), Millis(1_001), bytes(32)))
    refuses(reader(ANNA), first, UnauthorisedRecord, "channel_not_open")
