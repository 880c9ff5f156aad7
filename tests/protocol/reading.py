"""Reading what a hub serves, and hubs that serve something else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.ids import Millis, PrincipalId, Version
from protocol.acts import Place, SignedAct
from protocol.directory import Directory
from protocol.errors import ProtocolError
from protocol.records import Record, record_item
from protocol.replay import Replay
from tests.protocol.keyholders import Keyholder
from tests.protocol.stream_builder import PLACE, Item, Story, directory


def reader(who: Keyholder | PrincipalId, keys: Directory | None = None, place: Place = PLACE) -> Replay:
    principal = who.principal if isinstance(who, Keyholder) else who
    return Replay(place, principal, keys or directory())


def replayed(who: Keyholder, items: Sequence[Item], keys: Directory | None = None) -> Replay:
    """What `who` makes of these items."""
    replay = reader(who, keys)
    for item in items:
        replay.accept(item)
    return replay


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
