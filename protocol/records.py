"""Records and stubs: what a stream consists of, as it is stored, chained and served (docs/protocol.md §7)."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crypto import chain, labels
from crypto.cbor import MAX_INT
from crypto.errors import Malformed
from crypto.hashing import Digest as Hash
from crypto.hashing import hash_with
from domain.channel.kinds import Kind
from domain.channel.terms import KindClass
from domain.ids import ChannelId, DeploymentId, Digest, Millis, ThreadNo, Version
from protocol.acts import Header, SignedAct
from protocol.errors import MalformedAct

CHANNEL = "channel"
ACCESS = "access"
BLIND = 32
_HASH = 32


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record: the act, its place and time, and the random 32-byte blind that hides it in its leaf.

    `signed.body` is None when the kind has no body or the body was erased.
    """

    signed: SignedAct
    version: Version
    recorded_at: Millis
    blind: bytes = field(repr=False)
    known: bytes = field(default=b"", compare=False, repr=False)
    """`encoded` of these very fields where they were read from it; empty where it is yet to be made."""

    def encoded(self) -> bytes:
        """The record's own bytes, without body and blind."""
        if self.known:
            return self.known
        return chain.record_bytes(self.signed.header, self.signed.signature, self.version, self.recorded_at)

    def inner(self) -> Digest:
        """The blinded hash that stands in the leaf and is all a stub reveals of the record."""
        return self.inner_of(self.encoded())

    def inner_of(self, encoded: bytes) -> Digest:
        """The same, for a caller that has encoded the record already."""
        return Digest(chain.inner_hash(self.blind, encoded))


@dataclass(frozen=True, slots=True)
class Stub:
    """A leaf without its record: place, thread, class, time and the blinded hash."""

    version: Version
    thread: ThreadNo | None
    kind_class: KindClass
    recorded_at: Millis
    inner: Digest

    def leaf(self) -> Digest:
        """The leaf hash, the same that the record's holder computes."""
        return leaf(self)


def leaf(stub: Stub) -> Digest:
    """H(version, thread, kind class, recorded time, inner hash)."""
    return Digest(chain.leaf(stub.version, stub.thread, stub.kind_class.value, stub.recorded_at, Hash(stub.inner)))


def leaf_of(record: Record, header: Header, kind: Kind) -> Stub:
    """What stands in the chain for a record whose header has been read."""
    return Stub(record.version, header.thread, kind.kind_class, record.recorded_at, record.inner())


def genesis_head(deployment: DeploymentId, stream_secret: bytes, stream: str) -> Digest:
    """The head before the first record; the stream's blinded name is derived from the channel's secret."""
    return Digest(chain.genesis_head(deployment, chain.stream_name(stream_secret, stream)))


def stream_name(secret: bytes, stream: str) -> Digest:
    """The blinded name under which one of a channel's streams stands in the global log."""
    return Digest(chain.stream_name(secret, stream))


def next_head(head: Digest, leaf_hash: Digest) -> Digest:
    """The head after one more leaf."""
    return Digest(chain.next_head(Hash(head), Hash(leaf_hash)))


def access_stream(channel: ChannelId) -> UUID:
    """The id of a channel's access stream. The channel's own stream has the channel's id."""
    return UUID(bytes=hash_with(labels.ACCESS_STREAM, channel)[:16], version=4)


def parse_stored(state: bytes, body: bytes | None, blind: bytes | None) -> Record:
    """A record as it lies in the store; `blind` is empty once erased.

    Raises:
        MalformedAct: not a record.

    """
    try:
        parsed = chain.parse_record(state)
    except Malformed as error:
        raise MalformedAct(str(error)) from None
    signed = SignedAct(parsed.header, parsed.signature, body)
    # Deterministic: encoding what was read gives these bytes again.
    return Record(signed, Version(parsed.version), Millis(parsed.recorded_at), blind or b"", known=state)


def record_item(record: Record) -> list[Any]:
    """What travels for a whole record: [blind, record, body]."""
    return [record.blind, record.encoded(), record.signed.body]


def stub_item(stub: Stub) -> list[Any]:
    """What travels for a stub: [version, thread, kind class, recorded_at, inner]."""
    return [stub.version, stub.thread, stub.kind_class.value, stub.recorded_at, stub.inner]


def read_item(item: object) -> Record | Stub:
    """Read one item of an `events` frame.

    Raises:
        MalformedAct: neither a record nor a stub.

    """
    match item:
        case [bytes() as blind, bytes() as record, (bytes() | None) as body] if len(blind) == BLIND:
            return parse_stored(record, body, blind)
        case [int() as version, (int() | None) as thread, str() as kind_class, int() as at, bytes() as inner]:
            counts = all(map(_is_count, (version, thread, at)))
            if not counts or len(inner) != _HASH or kind_class not in set(KindClass):
                raise MalformedAct("stub")
            number = ThreadNo(thread) if thread is not None else None
            return Stub(Version(version), number, KindClass(kind_class), Millis(at), Digest(inner))
        case _:
            raise MalformedAct("item")


def _is_count(value: int | None) -> bool:
    # A boolean is an integer to Python, but not to the hash of a leaf, nor to any other language.
    return value is None or (not isinstance(value, bool) and 0 <= value <= MAX_INT)
