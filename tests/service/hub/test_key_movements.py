"""A movement of keys that cannot be entered now is not forgotten, and keeps no other channel waiting for its own."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.ids import ChannelId
from service.handle.channels import Channels
from service.store import StoreUnavailable

BROKEN, WELL, UNUSED = (ChannelId(bytes([n] * 16)) for n in (1, 2, 3))


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> list[ChannelId]:
    found: list[ChannelId] = []
    failing = {BROKEN}

    async def enter(_: Channels, live: Any) -> None:
        if live.channel.id in failing:
            failing.discard(live.channel.id)
            raise StoreUnavailable("the disk is away")
        found.append(live.channel.id)

    monkeypatch.setattr(Channels, "enter_key_movements", enter)
    return found


@pytest.fixture
def channels() -> Channels:
    made = Channels(cast("Any", None), cast("Any", None), cast("Any", None), b"", 10)
    for channel in (BROKEN, WELL):
        live = SimpleNamespace(channel=SimpleNamespace(id=channel, opened=True))
        made._open[channel] = cast("Any", SimpleNamespace(live=live))
    return made


async def test_a_channel_whose_movement_could_not_be_entered_gets_it_at_the_next_look_and_others_at_once(
    channels: Channels, entered: list[ChannelId]
) -> None:
    await channels.key_stream_changed()
    assert entered == [WELL]
    await channels.enter_what_is_owed()
    assert entered == [WELL, BROKEN]
    await channels.enter_what_is_owed()
    assert entered == [WELL, BROKEN]


async def test_a_channel_that_is_not_used_any_more_gets_it_when_it_is_taken_up(
    channels: Channels, entered: list[ChannelId]
) -> None:
    await channels.key_stream_changed()
    del channels._open[BROKEN]
    await channels.enter_what_is_owed()
    assert entered == [WELL]
    assert not channels._owed
