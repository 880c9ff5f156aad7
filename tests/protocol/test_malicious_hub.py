"""A hub that lies about the history (docs/protocol.md §9): each lie is found by a reader on its own, at once, and the
reader's state stays what it was."""

from dataclasses import replace
from typing import Any

import pytest

from crypto import cbor
from domain.access.events import IntervalClosed
from domain.channel import events as e
from domain.channel.terms import KindClass
from domain.ids import ChannelId, CommandId, DeploymentId, Millis, ThreadNo, Version
from protocol.acts import MAX_HEADER, Place
from protocol.errors import (
    Attack,
    ChainBroken,
    ForgedRecord,
    ForkedHistory,
    ProtocolError,
    UnauthorisedRecord,
    UnjustifiedStub,
)
from protocol.records import Record, record_item
from tests.crypto.fixed import flipped, some_id
from tests.protocol.keyholders import ANNA, BERIT, CHANNEL, DEPLOYMENT, IDA, ROLF
from tests.protocol.reading import after, altered, reader, refuses, replayed
from tests.protocol.small_channel import begun, joining, told
from tests.protocol.stream_builder import Story, stub_of

LAST_MESSAGE = 25


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
    assert replay.stub_at(Version(5)) is not None


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
        with pytest.raises((UnjustifiedStub, UnauthorisedRecord)):
            replayed(who, [*items[: version - 1], story.stub(version), *items[version:]])


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
    hidden = [version for version in range(1, 28) if replay.stub_at(Version(version)) is not None]
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
        [story.item(8)[0], *story.item(7)[1:]],
        altered(story, LAST_MESSAGE, blind=bytes(32)),
        altered(story, LAST_MESSAGE, recorded_at=Millis(125_000)),
        record_item(Record(other, Version(LAST_MESSAGE), Millis(124_000), bytes(32))),
    ):
        with pytest.raises(Attack):
            replay.fill(lie)
    assert replay.stub_at(Version(LAST_MESSAGE)) is not None
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


def test_a_stub_carries_the_class_it_hides() -> None:
    story = told()
    assert stub_of(story.records[7])[1:3] == [ThreadNo(0), KindClass.CONTENT.value]
