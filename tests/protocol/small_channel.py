"""One small channel in which everything happens that happens in a channel."""

from dataclasses import replace
from functools import cache
from typing import Any

from crypto import cbor
from domain.channel import events as e
from domain.channel.permissions import RULES_VERSION
from domain.channel.terms import Audience, Topic
from domain.ids import Millis, ThreadNo, Version
from protocol.acts import MAX_BODY, Header, parse_header
from tests.crypto.fixed import some_bytes
from tests.protocol.keyholders import ANNA, BERIT, IDA, ROLF, Keyholder
from tests.protocol.stream_builder import START, Bodies, Story

EPOCH_OF_ALL, EPOCH_WITH_BERIT, EPOCH_WITHOUT_BERIT = 7, 21, 24
IDAS_QUESTION, BERITS_ANSWER, AFTER_BERIT = 8, 22, 25


def opened(tillitsperson: Keyholder = ANNA) -> e.ChannelOpened:
    return e.ChannelOpened(some_bytes("stream secret"), RULES_VERSION, tillitsperson.principal)


def joining(who: Keyholder, basis: str = "treatment", **changed: Any) -> e.ParticipantJoined:
    joined = e.ParticipantJoined(
        principal=who.principal,
        standing=who.standing,
        organisation=who.organisation,
        function="contact",
        legal_basis=basis,
        valid_until=None,
        key=who.key(),
        vault=who.vault,
        history_from=None,
    )
    return replace(joined, **changed)


def begun(**how: Any) -> Story:
    """A channel with Anna in it, an epoch and a message: four records."""
    story = Story(**how)
    story.record(story.signed(ANNA, opened()))
    story.record(story.signed(ANNA, joining(ANNA), 0))
    story.record(story.epoch(ANNA, 0))
    story.record(story.message(ANNA, 0, "Welcome"))
    return story


def whole_story(kept: Bodies | None = None) -> Story:
    """Everything that a small channel sees: the user's arrival, threads, a relative, a newcomer, a removal."""
    story = begun(kept=kept or {})
    story.record(story.signed(ANNA, e.UserArrived(IDA.person, IDA.key(), None)))
    story.record(story.grant(ANNA, 0, IDA, 2, 4))
    story.record(story.epoch(ANNA, 0))
    story.record(story.message(IDA, 0, "Bures! Where do I find you?", asks=True))
    _staff_thread(story)
    _family_thread(story)
    _newcomer(story)
    story.record(story.signed(ANNA, e.MessageRetracted(Version(4)), 0))
    story.record(story.signed(IDA, e.MessagesSeen(Version(25)), 0))
    return story


def _staff_thread(story: Story) -> None:
    review = Millis(START + 1_000_000)
    story.record(story.signed(ANNA, e.ThreadOpened(Audience.STAFF_ONLY, Topic.TREATMENT, review), 1))
    story.record(story.signed(ANNA, joining(ANNA), 1))
    story.record(story.epoch(ANNA, 1))
    story.record(story.message(ANNA, 1, "Among ourselves"))
    story.record(story.message(ANNA, 0, "A staff-only thread was opened", announces=ThreadNo(1)))


def _family_thread(story: Story) -> None:
    story.record(story.signed(IDA, e.ThreadOpened(Audience.WITH_USER, Topic.FAMILY_AND_NETWORK, None), 2))
    story.record(story.signed(IDA, joining(ANNA), 2))
    story.record(story.signed(IDA, joining(ROLF, "users-choice"), 2))
    story.record(story.epoch(IDA, 2))
    story.record(story.message(ROLF, 2, "I can drive on Thursday"))


def _newcomer(story: Story) -> None:
    """Berit joins thread 0, is granted what Ida asked, writes, and is removed again."""
    story.record(story.signed(IDA, joining(BERIT), 0))
    story.record(story.grant(ANNA, 0, BERIT, 8, 8))
    story.record(story.epoch(IDA, 0))
    story.record(story.message(BERIT, 0, "At the town hall"))
    story.record(story.signed(IDA, e.ParticipantLeft(BERIT.principal, "ended"), 0))
    story.record(story.epoch(IDA, 0))
    story.record(story.message(ANNA, 0, "Thursday at ten, then"))


@cache
def _told() -> Story:
    return whole_story()


def told() -> Story:
    """The whole story, to be continued at will."""
    return _told().fork("")


def part(story: Story, version: int) -> tuple[Header, bytes]:
    """Header and body of a recorded act."""
    signed = story.records[version - 1].signed
    assert signed.body is not None
    return parse_header(signed.header)[0], signed.body


def wraps_of(story: Story, version: int) -> list[bytes]:
    wraps = cbor.decode(part(story, version)[1], max_size=MAX_BODY)
    assert isinstance(wraps, list)
    return wraps  # type: ignore[return-value]
