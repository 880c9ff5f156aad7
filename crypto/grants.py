"""History grants: epoch keys and message keys, sealed for one recipient (protocol §5, history for newcomers).

A sealed grant is the CBOR array [wrap, ciphertext]: a fresh content key wrapped as an epoch key is, and under it the
CBOR map {"epochs": [[thread, epoch, key]…], "messages": [[version, key]…]}, both sorted and without duplicates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto import labels
from crypto.boxes import ONLY_NONCE, TAG_LENGTH, open_box, seal_box
from crypto.cbor import CborInput, decode, encode
from crypto.errors import BadKey
from crypto.kem import KemKey
from crypto.labels import labelled
from crypto.layers import unwrap_key, wrap_key, wrapped_length
from crypto.shapes import KEY_LENGTH, Id, SecretKey, array, blob, fields, identifier, secret, strictly_rising, whole

MAX_CONTENT: Final = 512 * 1024
"""Bytes of keys in one grant, some 12,000 messages; longer histories are granted in several acts."""

MAX_SEALED: Final = MAX_CONTENT + TAG_LENGTH + wrapped_length(2) + 16


@dataclass(frozen=True, slots=True)
class GrantContext:
    """All that a grant is bound to. `granter` is a device; `recipient` a principal; `command_id` that of the act."""

    deployment: Id
    channel: Id
    granter: Id
    recipient: Id
    key_version: int
    command_id: Id

    def __post_init__(self) -> None:
        for value in (self.deployment, self.channel, self.granter, self.recipient, self.command_id):
            identifier(value)
        whole(self.key_version, 1)

    def items(self) -> list[CborInput]:
        """The fields in the order in which they are bound."""
        return [self.deployment, self.channel, self.granter, self.recipient, self.key_version, self.command_id]


@dataclass(frozen=True, slots=True)
class GrantedEpoch:
    """The key of a whole epoch."""

    thread: int
    epoch: int
    key: SecretKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class GrantedMessage:
    """The key of one message, by its version in the channel's stream."""

    version: int
    key: SecretKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a newcomer may read from now on."""

    epochs: tuple[GrantedEpoch, ...]
    messages: tuple[GrantedMessage, ...]


def seal_grant(context: GrantContext, public_keys: Sequence[bytes], grant: Grant, *, content_key: SecretKey) -> bytes:
    """The sealed grant. `content_key` is 32 fresh random bytes, used for nothing else.

    Raises `Malformed` if the entries are not sorted, or too many; `BadKey` on a wrong key.
    """
    content = _encode(grant)
    wrapped = wrap_key(public_keys, labels.GRANT_WRAP, context.items(), content_key)
    # The nonce may be constant because `content_key` seals this one grant.
    return encode([wrapped, seal_box(content_key, ONLY_NONCE, _aad(context), content)])


def open_grant(context: GrantContext, keys: Sequence[KemKey], sealed: bytes) -> Grant:
    """The grant. Raises `Malformed`, `CannotOpen`, `BadKey`.

    Whether the granter held these ranges, and whether each key opens what it says, is for the reader to check.
    """
    wrapped, ciphertext = array(decode(sealed, max_size=MAX_SEALED, max_depth=1), 2)
    content_key = unwrap_key(keys, labels.GRANT_WRAP, context.items(), blob(wrapped))
    return _decode(open_box(content_key, ONLY_NONCE, _aad(context), blob(ciphertext)))


def _aad(context: GrantContext) -> bytes:
    return labelled(labels.GRANT_CONTENT, encode(context.items()))


def _encode(grant: Grant) -> bytes:
    keys = [entry.key for entry in grant.epochs] + [entry.key for entry in grant.messages]
    if any(len(key) != KEY_LENGTH for key in keys):
        raise BadKey("a granted key is 32 bytes")
    content = encode(
        {
            "epochs": [[entry.thread, entry.epoch, entry.key] for entry in grant.epochs],
            "messages": [[entry.version, entry.key] for entry in grant.messages],
        }
    )
    _decode(content)
    return content


def _decode(content: bytes) -> Grant:
    epochs, messages = fields(decode(content, max_size=MAX_CONTENT, max_depth=3), "epochs", "messages")
    grant = Grant(
        tuple(
            GrantedEpoch(whole(thread), whole(epoch), secret(key))
            for thread, epoch, key in (array(row, 3) for row in array(epochs))
        ),
        tuple(
            GrantedMessage(whole(version), secret(key)) for version, key in (array(row, 2) for row in array(messages))
        ),
    )
    strictly_rising((entry.thread, entry.epoch) for entry in grant.epochs)
    strictly_rising((entry.version,) for entry in grant.messages)
    return grant
