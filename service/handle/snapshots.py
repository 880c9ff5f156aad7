"""Remembered states, so that a long channel loads as fast as a short one. They are a cache: never signed, never sent,
ignored when made by another version of the program."""

from dataclasses import dataclass
from uuid import UUID

from domain.channel.state import Channel
from domain.ids import Digest
from protocol.snapshots import UnusableSnapshot, decode_state, encode_state
from service.store import EventStore, Snapshot

TOPIC = "channel-state/1"
_HEAD = 32


@dataclass(frozen=True, slots=True)
class Remembered:
    """A channel's state and the head of its stream at the same version."""

    channel: Channel
    head: Digest


async def load_snapshot(store: EventStore, stream: UUID) -> Remembered | None:
    """The newest usable snapshot of the stream, if any. Raises `StoreError`."""
    found = await store.latest_snapshot(stream)
    if found is None or found.topic != TOPIC:
        return None
    try:
        channel = decode_state(found.state[_HEAD:])
    except UnusableSnapshot:
        return None
    return Remembered(channel, Digest(found.state[:_HEAD])) if channel.version == found.version else None


async def save_snapshot(store: EventStore, stream: UUID, state: Remembered) -> None:
    """Keep the state at its version. Raises `StoreError`."""
    encoded = state.head + encode_state(state.channel)
    await store.insert_snapshot(Snapshot(stream, state.channel.version, TOPIC, encoded))
