"""A hub that lies about the history (docs/protocol.md §9): each lie is found by a reader on its own, at once, and the
reader's state stays what it was."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crypto import cbor
from crypto.labels import ACT, HUB_ACT
from domain.access.events import IntervalClosed
from domain.channel import events as e
from domain.channel.terms import KindClass
from domain.ids import ChannelId, CommandId, DeploymentId, Digest, Millis, ThreadNo, Version
from protocol.acts import MAX_BODY, MAX_HEADER, Header, Place, SignedAct, encode_header, sign_act
from protocol.errors import (
    Attack,
    ChainBroken,
    ForgedRecord,
    ForkedHistory,
    ProtocolError,
    UnauthorisedRecord,
    UnjustifiedStub,
    UnknownKind,
    UnknownProtocol,
)
from protocol.records import Record, record_item
from protocol.replay import Replay
from tests.crypto.fixed import flipped, some_id
from tests.protocol.keyholders import ANNA, ARNE, BERIT, DEPLOYMENT, EXPIRES, HUB_DEVICE, HUB_KEY, IDA, MALLORY, ROLF
from tests.protocol.stream_builder import (
    CHANNEL,
    Item,
    Story,
    begun,
    epoch_key,
    joining,
    reader,
    replayed,
    stub_of,
    told,
)

LAST_MESSAGE = 25


def refuses(replay: Replay, item: object, error: type[ProtocolError], detail: str | None = None) -> None:
    before = (replay.channel, replay.head, replay.version)
    with pytest.raises(error, match=detail) as caught:
        replay.accept(item)
    assert type(caught.value) is error
    assert (replay.channel, replay.head, replay.version) == before


def altered(story: Story, place: int, **changed: Any) -> Item:
    """The record with other fields around the same signed act; `signed` for another act."""
    return record_item(replace(story.records[place - 1], **changed))


def after(story: Story, signed: SignedAct, at: int | None = None) -> Item:
    """The item of this act, recorded as the next whatever the rules say."""
    return record_item(
        Record(signed, Version(story.version + 1), Millis(story.now if at is None else at), story.records[-1].blind)
    )


@pytest.mark.parametrize("who", [ANNA, IDA, ROLF, BERIT])
def test_an_honest_hub_is_believed_by_everybody(who: Any) -> None:
    story = told()
    replay = replayed(who, story.served(who.principal))
    replay.verify_stubs(story.now)
    assert (replay.version, replay.head) == (story.version, story.head)


def test_a_relative_believes_what_only_thread_0_can_judge() -> None:
    story = told()
    story.record(story.signed(IDA, joining(BERIT), 0))
    story.record(story.signed(IDA, e.TillitspersonProposed(BERIT.principal, ends_access=False)))
    story.record(story.signed(BERIT, e.TillitspersonConfirmed(Version(29))))
    story.record(story.signed(IDA, e.TillitspersonConfirmed(Version(29))))
    replay = replayed(ROLF, story.served(ROLF.principal))
    assert replay.channel.tillitsperson == BERIT.principal


# removed, moved, changed


def test_a_removed_record_is_missed() -> None:
    story = told()
    refuses(replayed(IDA, story.served(IDA.principal)[:5]), story.item(7), ChainBroken, "version 7 after 5")


def test_a_removed_record_is_missed_even_where_the_rest_is_renumbered() -> None:
    story = told()
    replay = replayed(IDA, story.items()[:5])
    refuses(replay, altered(story, 7, version=Version(6)), ForkedHistory, "saw more")


def test_a_record_served_twice_is_noticed() -> None:
    story = told()
    refuses(replayed(ANNA, story.items()), story.item(story.version), ChainBroken)


def test_an_act_recorded_twice_is_noticed() -> None:
    story = told()
    again = story.records[LAST_MESSAGE - 1].signed
    refuses(replayed(ANNA, story.items()), after(story, again), UnauthorisedRecord, "recorded twice")


def test_an_act_behind_a_stub_and_recorded_again_is_noticed_when_the_stub_is_filled() -> None:
    story = begun()
    story.record(story.message(ANNA, 0, "once"))
    story.record(story.records[4].signed)
    items = story.items()
    replay = replayed(ANNA, [*items[:4], story.stub(5), items[5]])
    with pytest.raises(UnauthorisedRecord, match="recorded twice"):
        replay.fill(items[4])
    assert replay.is_stub(Version(5))


def test_reordered_records_are_noticed() -> None:
    story = told()
    replay = replayed(ANNA, story.items()[:3])
    refuses(replay, altered(story, 5, version=Version(4)), ForkedHistory)
    refuses(replay, story.item(5), ChainBroken)


def test_a_record_dated_before_the_one_before_it_is_refused() -> None:
    story = told()
    refuses(
        replayed(ANNA, story.items()[:7]), altered(story, 8, recorded_at=Millis(1)), ChainBroken, "time goes backwards"
    )


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"recorded_at": Millis(107_001)}, id="another time"),
        pytest.param({"blind": bytes(32)}, id="another blind"),
    ],
)
def test_an_edit_that_no_signature_covers_shows_at_the_next_act(lie: dict[str, Any]) -> None:
    story = told()
    replay = replayed(ANNA, [*story.items()[:7], altered(story, 8, **lie)])
    refuses(replay, story.item(9), ForkedHistory, "heads differ at 8")


@pytest.mark.parametrize("part", ["header", "signature", "body"])
@pytest.mark.parametrize("at", [0, 20, -1])
def test_a_changed_bit_in_what_was_signed_is_refused(part: str, at: int) -> None:
    story = told()
    signed = story.records[7].signed
    lie = replace(signed, **{part: flipped(getattr(signed, part), at)})
    replay = replayed(ANNA, story.items()[:7])
    with pytest.raises(ProtocolError) as caught:
        replay.accept(altered(story, 8, signed=lie))
    assert caught.value.code in {"forged_record", "unknown_device"}
    assert replay.version == 7


def test_the_body_of_another_message_is_refused() -> None:
    story = told()
    lie = replace(story.records[7].signed, body=story.records[12].signed.body)
    refuses(replayed(ANNA, story.items()[:7]), altered(story, 8, signed=lie), ForgedRecord, "body")


# from elsewhere


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(Place(DEPLOYMENT, ChannelId(some_id("other"))), id="another channel"),
        pytest.param(Place(DeploymentId(some_id("other")), CHANNEL), id="another deployment"),
    ],
)
def test_an_act_made_for_another_place_is_refused(place: Place) -> None:
    story, other = begun(), begun(place=place)
    assert story.records[0].signed.header != other.records[0].signed.header
    act = other.message(ANNA, 0, "meant for elsewhere")
    refuses(replayed(ANNA, story.items()), after(story, act), ForgedRecord, "wrong_place")


def test_an_act_cannot_be_moved_to_another_thread() -> None:
    story = told()
    signed = story.message(ANNA, 1, "Among ourselves")
    header = cbor.decode(signed.header, max_size=MAX_HEADER)
    assert isinstance(header, list)
    header[4] = 0
    lie = replace(signed, header=cbor.encode(header))
    refuses(replayed(ANNA, story.items()), after(story, lie), ForgedRecord, "signature")


def test_a_stub_in_the_name_of_another_thread_does_not_take_the_record() -> None:
    story = told()
    moved = story.stub(4)
    moved[1] = 7
    replay = replayed(IDA, [*story.items()[:3], moved])
    with pytest.raises(ChainBroken):
        replay.fill(story.item(4))


def test_an_access_line_has_no_place_in_the_channel() -> None:
    story = told()
    line = story.hub_act(IntervalClosed(Version(1), Version(2), "ended"))
    refuses(replayed(ANNA, story.items()), after(story, line), ForgedRecord, "access line")


# hidden


@pytest.mark.parametrize("version", [2, 5, 19, 23], ids=["a join", "the arrival", "a newcomer", "a removal"])
def test_a_membership_act_behind_a_stub_is_refused_by_user_and_staff(version: int) -> None:
    story = told()
    items = story.items()
    for who in (IDA, ANNA):
        replay = reader(who)
        with pytest.raises((UnjustifiedStub, UnauthorisedRecord)):
            for item in [*items[: version - 1], story.stub(version), *items[version:]]:
                replay.accept(item)
        assert replay.version < story.version


def test_the_opening_is_never_hidden() -> None:
    refuses(reader(IDA), told().stub(1), UnjustifiedStub)


@pytest.mark.parametrize("version", [8, 20, 21, 22, 25, 26, 27])
def test_anything_else_behind_a_stub_is_found_at_the_newest_record(version: int) -> None:
    story = told()
    replay = replayed(IDA, [*story.items()[: version - 1], story.stub(version)])
    with pytest.raises(UnjustifiedStub, match=f"version {version}"):
        replay.verify_stubs(story.now)


def test_a_retracted_message_and_a_foreign_thread_are_justly_hidden() -> None:
    story = told()
    replay = replayed(IDA, story.served(IDA.principal))
    replay.verify_stubs(story.now)
    hidden = [version for version in range(1, 28) if replay.is_stub(Version(version))]
    assert hidden == [4, 11, 12]


@pytest.mark.parametrize("version", [3, 8, 20], ids=["wraps", "a message", "a grant"])
def test_a_body_withheld_is_refused(version: int) -> None:
    story = told()
    bare = altered(story, version, signed=replace(story.records[version - 1].signed, body=None))
    refuses(replayed(ANNA, story.items()[: version - 1]), bare, UnjustifiedStub, "withheld")


def test_another_record_than_the_stub_stood_for_is_refused_and_the_stub_stays() -> None:
    story = told()
    replay = replayed(BERIT, story.served(BERIT.principal))
    other = story.fork("other").message(ANNA, 0, "Thursday at two, then")
    for lie in (
        story.item(8)[:1] + [altered(story, 7)[1], altered(story, 7)[2]],
        altered(story, LAST_MESSAGE, blind=bytes(32)),
        altered(story, LAST_MESSAGE, recorded_at=Millis(125_000)),
        record_item(Record(other, Version(LAST_MESSAGE), Millis(124_000), bytes(32))),
    ):
        with pytest.raises(Attack):
            replay.fill(lie)
    assert replay.is_stub(Version(LAST_MESSAGE))
    assert replay.fill(story.item(LAST_MESSAGE)).body == story.records[LAST_MESSAGE - 1].signed.body


def test_a_stub_handed_out_for_a_stub_must_be_the_one_in_the_chain() -> None:
    story = told()
    replay = replayed(BERIT, story.served(BERIT.principal))
    assert replay.fill(story.stub(LAST_MESSAGE)).act is None
    for field, lie in {0: 24, 1: 1, 2: KindClass.KEY.value, 3: 1, 4: bytes(32)}.items():
        wrong = story.stub(LAST_MESSAGE)
        wrong[field] = lie
        with pytest.raises(ChainBroken):
            replay.fill(wrong)
    beyond = story.stub(LAST_MESSAGE)
    beyond[0] = 99
    with pytest.raises(ChainBroken):
        replay.fill(beyond)


def test_what_is_held_already_may_come_again() -> None:
    story = told()
    replay = replayed(ANNA, story.items())
    assert replay.fill(story.item(8)).version == 8
    assert replay.fill(story.stub(8)).version == 8


# two histories


def test_two_histories_meet_at_the_first_act_that_crosses_over() -> None:
    one = told()
    two = one.fork("two")
    one.record(one.message(ANNA, 0, "Come at ten"))
    two.record(two.message(ANNA, 0, "Do not come", command_id=CommandId(some_id("two"))))
    answer = two.message(IDA, 0, "All right")
    refuses(replayed(ANNA, one.items()), after(one, answer), ForkedHistory, "heads differ at 28")


def test_a_truncated_history_shows_at_the_next_act() -> None:
    story = told()
    answer = story.message(IDA, 0, "All right")
    short = Story(
        records=story.records[:25], heads=story.heads[:25], channel=replayed(ANNA, story.items()[:25]).channel
    )
    refuses(replayed(ANNA, story.items()[:25]), after(short, answer), ForkedHistory, "saw more")


def test_a_history_rolled_back_and_continued_is_not_followed() -> None:
    story = told()
    replay = replayed(ANNA, story.items())
    rolled = Story(
        records=story.records[:25], heads=story.heads[:25], channel=replayed(ANNA, story.items()[:25]).channel, tag="b"
    )
    refuses(replay, after(rolled, rolled.message(IDA, 0, "Another line")), ChainBroken)


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


def test_a_stub_carries_the_class_it_hides() -> None:
    story = told()
    assert stub_of(story.records[7])[1:3] == [ThreadNo(0), KindClass.CONTENT.value]
