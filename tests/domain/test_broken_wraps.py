"""A wrap that does not open is reported by name, also when a newer epoch is open already."""

import pytest

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.roster import rekey_pending
from domain.ids import EpochNo, ThreadNo
from tests.domain.cast import BERIT, IDA, ROLF
from tests.domain.channel_builder import Story, epoch, message

ONE = ThreadNo(1)


def _pending(story: Story) -> bool:
    return rekey_pending(story.channel, story.channel.threads[ONE], story.at)


def _failed(number: int) -> e.WrapFailed:
    return e.WrapFailed(EpochNo(number))


def test_a_broken_wrap_of_the_newest_epoch_asks_for_a_new_one(story: Story) -> None:
    story.unit(ROLF, (1, _failed(story.epoch_number(1))))
    assert _pending(story)
    story.unit(BERIT, epoch(1), message(1))
    assert not _pending(story)


def test_a_broken_wrap_of_an_older_epoch_is_recorded_and_holds_nobody_up(story: Story) -> None:
    older = story.epoch_number(1)
    story.unit(IDA, epoch(1), message(1))
    for number in (older, 1):
        version = story.unit(ROLF, (1, _failed(number)))
        assert story.channel.version == version
    assert not _pending(story)
    story.unit(BERIT, message(1))


@pytest.mark.parametrize("ahead", [1, 2, 1000])
def test_a_broken_wrap_of_an_epoch_to_come_is_refused_by_name(story: Story, ahead: int) -> None:
    with pytest.raises(no.StaleEpoch):
        story.unit(ROLF, (1, _failed(story.epoch_number(1) + ahead)))


def test_there_is_no_epoch_zero_to_be_broken(story: Story) -> None:
    with pytest.raises(no.StaleEpoch):
        story.unit(ROLF, (1, _failed(0)))
