"""A channel's state as bytes, for snapshots at the hub and in a client's local store. Never signed, never sent:
whoever reads one wrote it, and can always make it again from the records."""

import msgspec

from domain.channel.state import Channel

SNAPSHOT_VERSION = 5
"""A snapshot of another version is ignored and the records are replayed; so a changed state needs no upcaster."""


class UnusableSnapshot(ValueError):
    """Made by another version of the program, or damaged: replay the records instead."""


def encode_state(channel: Channel) -> bytes:
    """The state as MessagePack [version, state]."""
    return msgspec.msgpack.encode((SNAPSHOT_VERSION, channel))


def decode_state(data: bytes) -> Channel:
    """The state.

    Raises:
        UnusableSnapshot: replay the records instead.

    """
    try:
        version, raw = msgspec.msgpack.decode(data, type=tuple[int, msgspec.Raw])
        if version != SNAPSHOT_VERSION:
            raise UnusableSnapshot
        return msgspec.msgpack.decode(raw, type=Channel)
    except msgspec.MsgspecError:
        raise UnusableSnapshot from None
