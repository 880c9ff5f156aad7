"""Epoch keys: who they are wrapped for, to what each wrap is bound, and how all see that they hold the same key.

An epoch key is 32 fresh random bytes, never derived from an older one (protocol §5), so who was removed learns nothing
of it and who joins learns nothing older.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest

from crypto import labels
from crypto.cbor import CborInput, CborValue, encode
from crypto.derivation import expand_key
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.hashing import Digest, hash_with
from crypto.kem import KemKey
from crypto.layers import Layer, kem_hash, open_layer, unwrap_key, wrap_key
from crypto.shapes import KEY_LENGTH, Id, SecretKey, array, digest, identifier, strictly_rising, whole


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One recipient of an epoch: the principal, which of its key versions, and `kem_hash` of that version's keys."""

    principal: Id
    key_version: int
    kem_hash: Digest

    def __post_init__(self) -> None:
        identifier(self.principal)
        whole(self.key_version, 1)
        digest(self.kem_hash)

    def items(self) -> list[CborInput]:
        """The entry as it stands in a header: [principal, key version, KEM hash]."""
        return [self.principal, self.key_version, self.kem_hash]


@dataclass(frozen=True, slots=True)
class EpochContext:
    """All that a wrap and the confirmation are bound to. `committer` is the device that opens the epoch."""

    deployment: Id
    channel: Id
    thread: int
    epoch: int
    committer: Id
    membership_version: int
    roster_hash: Digest

    def __post_init__(self) -> None:
        for field in (self.deployment, self.channel, self.committer):
            identifier(field)
        for number in (self.thread, self.epoch, self.membership_version):
            whole(number)
        digest(self.roster_hash)

    def items(self) -> list[CborInput]:
        """The fields in the order in which they are bound."""
        return [
            self.deployment,
            self.channel,
            self.thread,
            self.epoch,
            self.committer,
            self.membership_version,
            self.roster_hash,
        ]


def parse_roster(value: CborValue) -> tuple[RosterEntry, ...]:
    """A roster from a decoded header. Raises `Malformed` unless it is sorted, without duplicates and not empty."""
    entries = []
    for item in array(value):
        principal, key_version, key_hash = array(item, 3)
        entries.append(RosterEntry(identifier(principal), whole(key_version, 1), digest(key_hash)))
    verify_roster(entries)
    return tuple(entries)


def verify_roster(entries: Sequence[RosterEntry]) -> None:
    """Raises `Malformed` unless `entries` are sorted by principal, each principal once, and at least one."""
    strictly_rising(entry.principal for entry in entries)
    if not entries:
        raise Malformed("nobody on the roster")


def roster_hash(entries: Sequence[RosterEntry]) -> Digest:
    """The hash that every wrap of the epoch is bound to. Raises `Malformed` as `verify_roster`."""
    verify_roster(entries)
    return hash_with(labels.ROSTER, encode([entry.items() for entry in entries]))


def wrap(context: EpochContext, entry: RosterEntry, public_keys: Sequence[bytes], epoch_key: SecretKey) -> bytes:
    """`epoch_key` for one recipient: 1168 bytes, for a vault's two keys 2304.

    Raises `BadKey` where `public_keys` are not the ones that `entry` names: a wrap for a substituted key is never made.
    """
    _verify_named(entry, public_keys)
    return wrap_key(public_keys, labels.EPOCH_WRAP, _bound(context, entry), epoch_key)


def unwrap(context: EpochContext, entry: RosterEntry, keys: Sequence[KemKey], wrapped: bytes) -> SecretKey:
    """The epoch key in `wrapped`. Check it with `verify_confirmation` before use.

    Raises `CannotOpen`, or `BadKey` where the roster names other keys than the reader's own.
    """
    _verify_named(entry, [key.public for key in keys])
    return unwrap_key(keys, labels.EPOCH_WRAP, _bound(context, entry), wrapped)


def open_wrap_layer(context: EpochContext, entry: RosterEntry, layer: Layer, key: KemKey, sealed: bytes) -> bytes:
    """One layer of a vault's wrap, for a key officer. Raises `CannotOpen`."""
    return open_layer(key, labels.EPOCH_WRAP, _bound(context, entry), layer, sealed)


def confirmation(epoch_key: SecretKey, context: EpochContext) -> bytes:
    """32 bytes that only holders of this epoch key can make; stands in `EpochOpened`. Raises `BadKey`.

    A committer who wraps different keys for different members is found out by everyone whose key does not confirm.
    """
    if len(epoch_key) != KEY_LENGTH:
        raise BadKey("an epoch key is 32 bytes")
    return expand_key(epoch_key, label=labels.EPOCH_CONFIRMATION, context=encode(context.items()))


def verify_confirmation(epoch_key: SecretKey, context: EpochContext, claimed: bytes) -> None:
    """Raises `CannotOpen` unless `claimed` is the confirmation of this key in this context."""
    if not compare_digest(confirmation(epoch_key, context), claimed):
        raise CannotOpen("the epoch key is not the one that was confirmed")


def _verify_named(entry: RosterEntry, public_keys: Sequence[bytes]) -> None:
    if not compare_digest(kem_hash(public_keys), entry.kem_hash):
        raise BadKey("not the KEM key that the roster names")


def _bound(context: EpochContext, entry: RosterEntry) -> list[CborInput]:
    return [*context.items(), entry.principal, entry.key_version]
