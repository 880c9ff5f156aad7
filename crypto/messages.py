"""Sealing one message under its own key (protocol §6).

message key = HKDF(epoch key, salt = key_salt, info = label ‖ 0x00 ‖ header core). The header core is the header without
the hash of this body; it is the associated data too, so a body opens beside its own header only.

A body is the CBOR array [key_salt (32), commitment (32), ciphertext]. AES-GCM does not commit to its key: one
ciphertext can be made that opens to different texts under two keys. A granter who hands out message keys could use
that to show each reader another text. So the body names the one key it opens under, by a value derived from that key.
"""

from hmac import compare_digest
from typing import Final

from crypto import labels
from crypto.boxes import ONLY_NONCE, TAG_LENGTH, open_box, seal_box
from crypto.cbor import decode, encode
from crypto.derivation import derive_key, expand_key
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.padding import pad, padded_length, unpad
from crypto.shapes import KEY_LENGTH, SecretKey, array, blob, exactly

SALT_LENGTH: Final = 32
MAX_CONTENT: Final = 256 * 1024
"""Bytes of content in one message; what is larger travels as an attachment."""

MAX_BODY: Final = padded_length(4 + MAX_CONTENT) + TAG_LENGTH + 74
"""Bytes of the largest body: the longest ciphertext, and 74 bytes of array around it."""


def message_key(epoch_key: SecretKey, key_salt: bytes, header_core: bytes) -> SecretKey:
    """The key of one message; what a history grant hands out. Raises `BadKey` on a wrong key or salt length."""
    if len(epoch_key) != KEY_LENGTH or len(key_salt) != SALT_LENGTH:
        raise BadKey("wrong length of key or salt")
    return derive_key(epoch_key, salt=key_salt, label=labels.MESSAGE_KEY, context=header_core)


def seal(epoch_key: SecretKey, key_salt: bytes, header_core: bytes, content: bytes) -> bytes:
    """The body that holds `content`. `key_salt` is 32 fresh random bytes, never used for another message.

    Raises `Malformed` if `content` is longer than `MAX_CONTENT`, `BadKey` on a wrong key or salt length.
    """
    if len(content) > MAX_CONTENT:
        raise Malformed("content too large for a message")
    key = message_key(epoch_key, key_salt, header_core)
    # The nonce may be constant because this key never seals again: 32 random bytes of salt make it this message's own.
    ciphertext = seal_box(_content_key(key), ONLY_NONCE, header_core, pad(content))
    return encode([key_salt, _commitment(key), ciphertext])


def body_salt(body: bytes) -> bytes:
    """The salt in `body`, from which its holder derives the message key to grant. Raises `Malformed`."""
    return _parse(body)[0]


def open_body(epoch_key: SecretKey, header_core: bytes, body: bytes) -> bytes:
    """The content of `body`. Raises `Malformed`, `CannotOpen`, `BadKey`."""
    key_salt, commitment, ciphertext = _parse(body)
    return _open(message_key(epoch_key, key_salt, header_core), header_core, commitment, ciphertext)


def open_with_message_key(key: SecretKey, header_core: bytes, body: bytes) -> bytes:
    """The content of `body`, for a reader who was granted this one message. Raises as `open_body`."""
    if len(key) != KEY_LENGTH:
        raise BadKey("a message key is 32 bytes")
    _, commitment, ciphertext = _parse(body)
    return _open(key, header_core, commitment, ciphertext)


def _open(key: SecretKey, header_core: bytes, commitment: bytes, ciphertext: bytes) -> bytes:
    if not compare_digest(_commitment(key), commitment):
        raise CannotOpen("sealed bytes do not open")
    return unpad(open_box(_content_key(key), ONLY_NONCE, header_core, ciphertext))


def _parse(body: bytes) -> tuple[bytes, bytes, bytes]:
    key_salt, commitment, ciphertext = array(decode(body, max_size=MAX_BODY, max_depth=1), 3)
    return exactly(key_salt, SALT_LENGTH), exactly(commitment, KEY_LENGTH), blob(ciphertext)


def _content_key(key: SecretKey) -> SecretKey:
    return expand_key(key, label=labels.MESSAGE_CONTENT, context=b"")


def _commitment(key: SecretKey) -> bytes:
    return expand_key(key, label=labels.MESSAGE_COMMITMENT, context=b"")
