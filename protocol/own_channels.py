"""The list of one's own channels: which of them moved behind a position of the hub's record, and how far each is."""

from dataclasses import dataclass

from crypto import cbor
from crypto.errors import CryptoError
from crypto.shapes import array, identifier, whole
from domain.ids import ChannelId, Version
from protocol.errors import MalformedFrame

MAX_LIST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OwnChannels:
    """Channels with their newest versions. `upto`: where the next question goes on; `more`: there is more already."""

    channels: tuple[tuple[ChannelId, Version], ...]
    upto: int
    more: bool


def list_action(after: int) -> str:
    """What a device signs to ask for the channels that moved behind a position."""
    return f"list channels after {after}"


def encode_channels(found: OwnChannels) -> bytes:
    """The answer: CBOR [[[channel, version]…], upto, more]."""
    channels: list[cbor.CborInput] = [[channel, version] for channel, version in found.channels]
    return cbor.encode([channels, found.upto, found.more])


def decode_channels(data: bytes) -> OwnChannels:
    """The answer. Raises `MalformedFrame`."""
    try:
        channels, upto, more = array(cbor.decode(data, max_size=MAX_LIST, max_depth=3), 3)
        pairs = [array(pair, 2) for pair in array(channels)]
        found = tuple((ChannelId(identifier(channel)), Version(whole(version, 1))) for channel, version in pairs)
        position = whole(upto)
    except CryptoError as error:
        raise MalformedFrame(str(error)) from None
    if not isinstance(more, bool):
        raise MalformedFrame("own channels")
    return OwnChannels(found, position, more)
