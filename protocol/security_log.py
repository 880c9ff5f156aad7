"""The security log: attempts that the hub refused, gathered, numbered and chained. Apart from the access log, which
tells of readings; here nothing left the hub.

Rows name no person, no name and no address: a source is a keyed hash whose key dies with the hub's process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from crypto import cbor, labels
from crypto.errors import CryptoError
from crypto.hashing import hash_with
from crypto.shapes import array, blob, digest, short_text, whole
from domain.ids import Digest, Millis
from protocol.errors import ChainBroken, MalformedFrame

GENESIS: Final = Digest(bytes(32))
SOURCE: Final = 8
MAX_ROW: Final = 512
MAX_WORD: Final = 64
MAX_PAGE: Final = 1024 * 1024
PAGE: Final = 500
_ID: Final = 16
_FIELDS: Final = 12
_PAGE_FIELDS: Final = 4
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class RefusedAttempts:
    """The same refusal, `count` times from `first_at` to `last_at`.

    `door`: what was tried; `code`: why it was refused. `source`: a keyed hash of the address, 8 bytes; zeros where
    attempts of many were gathered. `device`: as it said it was; `proven`: it had proven that. `organisation`: of the
    device, where it is known. `channel`: the one that was asked for, where it is known.
    """

    door: str
    code: str
    source: bytes
    device: bytes | None
    proven: bool
    organisation: bytes | None
    channel: bytes | None
    count: int
    first_at: Millis
    last_at: Millis


@dataclass(frozen=True, slots=True)
class SecurityRow:
    """A row in its place. `before`: the head that it follows, so that a log whose oldest rows are gone still checks."""

    n: int
    before: Digest
    encoded: bytes
    head: Digest

    @property
    def attempts(self) -> RefusedAttempts:
        """What it says. Raises `MalformedFrame`."""
        return decode_row(self.encoded, self.n)


def encode_row(n: int, one: RefusedAttempts) -> bytes:
    """The row's bytes, which the chain is made of."""
    fields: list[cbor.CborInput] = [_FORMAT, n, one.door, one.code, one.source, one.device, one.proven]
    return cbor.encode([*fields, one.organisation, one.channel, one.count, one.first_at, one.last_at])


def decode_row(encoded: bytes, n: int) -> RefusedAttempts:
    """What a row says. Raises `MalformedFrame`: it is no row, or another one's."""
    try:
        f: Sequence[Any] = array(cbor.decode(encoded, max_size=MAX_ROW, max_depth=1), _FIELDS)
        whole(f[0], _FORMAT, _FORMAT)
        whole(f[1], n, n)
        ids = [None if one is None else blob(one) for one in (f[5], f[7], f[8])]
        source = blob(f[4])
        lengths = len(source) == SOURCE and all(one is None or len(one) == _ID for one in ids)
        if not lengths or not isinstance(f[6], bool):
            raise MalformedFrame("security row")
        words = short_text(f[2], MAX_WORD), short_text(f[3], MAX_WORD)
        times = Millis(whole(f[10])), Millis(whole(f[11]))
        return RefusedAttempts(*words, source, ids[0], f[6], ids[1], ids[2], whole(f[9], 1), *times)
    except CryptoError:
        raise MalformedFrame("security row") from None


def next_head(before: Digest, encoded: bytes) -> Digest:
    """The head after one more row."""
    return head_after(before, leaf_of(encoded))


def leaf_of(encoded: bytes) -> Digest:
    """What stands for a row where the row itself is somebody else's."""
    return Digest(hash_with(labels.SECURITY_ROW, encoded))


def head_after(before: Digest, leaf: Digest) -> Digest:
    """The head after a row of which only the leaf is known."""
    return Digest(hash_with(labels.SECURITY_HEAD, before + leaf))


@dataclass(frozen=True, slots=True)
class SecurityPage:
    """What an organisation's node gets: rows about its own people whole, of all others the leaf.

    `first`: number of the first one; `before`: the head that it follows.
    """

    first: int
    before: Digest
    rows: tuple[tuple[bool, bytes], ...]
    more: bool

    def follow(self, n: int, head: Digest) -> tuple[int, Digest, list[RefusedAttempts]]:
        """Check that the page goes on from row `n` with this head; where older rows are gone by now, from its first.

        Returns the number and head of its last row, and what is told whole.

        Raises:
            ChainBroken: a row is missing, changed or moved, or the log went back.
            MalformedFrame: a row that is none.

        """
        if not self.rows:
            return n, head, []
        if self.first <= n or (self.first == n + 1 and self.before != head):
            raise ChainBroken("the security log goes on otherwise than before")
        n, head = self.first - 1, self.before
        told: list[RefusedAttempts] = []
        for is_whole, data in self.rows:
            n += 1
            if is_whole:
                told.append(decode_row(data, n))
            head = next_head(head, data) if is_whole else head_after(head, Digest(data))
        return n, head, told


def page_for(organisation: bytes, rows: Sequence[SecurityRow], *, more: bool) -> SecurityPage:
    """The rows as the organisation's node gets them."""
    mine = [row.attempts.organisation == organisation for row in rows]
    told = tuple((own, row.encoded if own else leaf_of(row.encoded)) for own, row in zip(mine, rows, strict=True))
    return SecurityPage(rows[0].n if rows else 0, rows[0].before if rows else GENESIS, told, more)


def encode_page(page: SecurityPage) -> bytes:
    """The page as it travels."""
    rows: list[cbor.CborInput] = [[is_whole, data] for is_whole, data in page.rows]
    return cbor.encode([page.first, page.before, rows, page.more])


def decode_page(data: bytes) -> SecurityPage:
    """The page that came. Raises `MalformedFrame`."""
    try:
        first, before, rows, more = array(cbor.decode(data, max_size=MAX_PAGE, max_depth=3), _PAGE_FIELDS)
        pairs = tuple(_pair(row) for row in array(rows))
        if not isinstance(more, bool):
            raise MalformedFrame("security page")
        return SecurityPage(whole(first), Digest(digest(before)), pairs, more)
    except CryptoError:
        raise MalformedFrame("security page") from None


def _pair(row: Any) -> tuple[bool, bytes]:  # noqa: ANN401 - what CBOR holds
    is_whole, data = array(row, 2)
    if not isinstance(is_whole, bool):
        raise MalformedFrame("security page")
    return is_whole, blob(data) if is_whole else Digest(digest(data))


def security_action(after: int) -> str:
    """What a node signs to get the rows behind number `after`."""
    return f"security-log {after}"


def follow(rows: Sequence[SecurityRow], n: int, head: Digest) -> tuple[int, Digest]:
    """Check that rows follow on each other, and on row `n` with this head; n = -1: on whatever the first one names.

    Returns the number and head of the last one.

    Raises:
        ChainBroken: one is missing, changed or moved.

    """
    for row in rows:
        if n < 0:
            n, head = row.n - 1, row.before
        if row.n != n + 1 or row.before != head or next_head(head, row.encoded) != row.head:
            raise ChainBroken(f"the security log at {row.n}")
        n, head = row.n, row.head
    return n, head
