"""Deciding about a message takes no longer where there are many members, threads and messages: counted, not timed."""

import sys
from collections.abc import Callable
from types import FrameType

from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.decide import decide
from domain.channel.evolve import evolve
from domain.channel.terms import Standing
from domain.ids import Version
from tests.domain.cast import ANNA, BERIT, Someone
from tests.domain.channel_builder import Story, around_ida, epoch, message, thread_opened

COLLEAGUES = [Someone(f"colleague {number}", Standing.STAFF, "clinic") for number in range(60)]


def lines(work: Callable[[], object]) -> int:
    """How many lines of Python `work` runs through."""
    count = 0

    def trace(_: FrameType, event: str, __: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def work_of_a_message(story: Story, who: Someone) -> int:
    act = story.act(who.author, (0, e.MessagePosted()))
    recorded = Recorded(act, Version(story.channel.version + 1), story.at)

    def take() -> None:
        decide(story.channel, act, story.at)
        evolve(story.channel, recorded)

    return lines(take)


def test_a_message_among_many_members_takes_the_work_of_one_among_few() -> None:
    story = around_ida()
    few = [work_of_a_message(story, who) for who in (ANNA, BERIT)]
    for colleague in COLLEAGUES:
        story.unit(ANNA, (0, colleague.joining()), epoch(0))
    last = COLLEAGUES[-1]
    many = [work_of_a_message(story, who) for who in (ANNA, BERIT)]
    assert many == few
    assert work_of_a_message(story, last) <= max(few)


def test_a_message_after_many_takes_the_work_of_the_first() -> None:
    story = around_ida()
    first = work_of_a_message(story, ANNA)
    for _ in range(300):
        story.unit(ANNA, message(0))
    assert work_of_a_message(story, ANNA) == first


def test_a_message_beside_many_threads_takes_little_more_than_one_beside_few() -> None:
    """The author's capacities are looked for in every thread."""
    story = around_ida()
    few = work_of_a_message(story, ANNA)
    opened = 40
    for number in range(3, 3 + opened):
        story.unit(ANNA, thread_opened(number), (number, ANNA.joining()), epoch(number), message(number))
    assert work_of_a_message(story, ANNA) - few <= 10 * opened
