"""What a page of the browser hands to a program on the same machine: the key of a passkey's slot, sealed (protocol §3).

The program makes a key for this once and puts its public half into the link. Sealing is age's for X25519 (age v1,
"The X25519 recipient type"): shared secret of an ephemeral key and the program's, HKDF salted with both public keys, so
the box key seals one box. X25519 and not X-Wing, because browsers have no X-Wing; what is sealed travels over loopback,
in the body of one request, so nobody has it to keep until there is a quantum computer.

Sealing to a key says nothing about who sealed: people compare `program_code` before the page evaluates anything.
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from crypto import labels
from crypto.boxes import ONLY_NONCE, open_box, seal_box
from crypto.cbor import decode, encode
from crypto.derivation import derive_key
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.hashing import hash_with
from crypto.keyring_slots import MAX_CREDENTIAL, SALT_LENGTH
from crypto.recovery_codes import format_signs
from crypto.shapes import KEY_LENGTH, Id, SecretKey, array, blob, exactly, identifier, secret, whole

FORMAT: Final = 1
MAX_HANDOVER: Final = 4096
"""Bytes of a sealed handover."""
MAX_PASSKEY_LABEL: Final = 60
"""Characters of what a person calls a passkey."""
_CODE_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class SlotHandover:
    """Whose keyring, which passkey, the slot's salt and key, and what the person calls the passkey (may be empty)."""

    person: Id
    credential: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    name: str = field(repr=False)
    key: SecretKey = field(repr=False)


class ProgramKey:
    """A program's X25519 key for one handover. Shows nothing of itself."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        """From 32 fresh random bytes. Raises `BadKey` on any other length."""
        if len(seed) != KEY_LENGTH:
            raise BadKey("an X25519 seed is 32 bytes")
        self._key = X25519PrivateKey.from_private_bytes(seed)
        self.public: Final = self._key.public_key().public_bytes_raw()

    def shared(self, public: bytes) -> bytes:
        """The shared secret with another key. Raises `BadKey` for points of small order (RFC 7748 §6.1)."""
        try:
            return self._key.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError:
            raise BadKey("not a public key") from None

    def __repr__(self) -> str:
        return "ProgramKey(…)"


def program_code(public: bytes) -> str:
    """The eight letters and digits that page and program both show."""
    return format_signs(hash_with(labels.BROWSER_CODE, public)[:_CODE_LENGTH])


def seal_handover(handover: SlotHandover, public: bytes, ephemeral: ProgramKey) -> bytes:
    """Ephemeral public key (32 bytes) ‖ box. `ephemeral` is made for this once. Raises `BadKey`, `Malformed`."""
    content = encode([FORMAT, handover.person, handover.credential, handover.salt, handover.name, handover.key])
    _parsed(content)
    key = _box_key(ephemeral.shared(public), ephemeral.public, public)
    return ephemeral.public + seal_box(key, ONLY_NONCE, b"", content)


def open_handover(sealed: bytes, key: ProgramKey) -> SlotHandover:
    """What the page handed over. Raises `CannotOpen`, `BadKey`, `Malformed`."""
    if not KEY_LENGTH < len(sealed) <= MAX_HANDOVER:
        raise CannotOpen("not a handover")
    ephemeral, box = sealed[:KEY_LENGTH], sealed[KEY_LENGTH:]
    return _parsed(open_box(_box_key(key.shared(ephemeral), ephemeral, key.public), ONLY_NONCE, b"", box))


def _box_key(shared: bytes, ephemeral: bytes, public: bytes) -> SecretKey:
    return derive_key(shared, salt=ephemeral + public, label=labels.BROWSER_HANDOVER, context=b"")


def _parsed(content: bytes) -> SlotHandover:
    form, person, credential, salt, name, key = array(decode(content, max_size=MAX_HANDOVER, max_depth=1), 6)
    whole(form, FORMAT, FORMAT)
    if not 0 < len(blob(credential)) <= MAX_CREDENTIAL:
        raise Malformed("not a credential id")
    if not isinstance(name, str) or len(name) > MAX_PASSKEY_LABEL:
        raise Malformed("not a name")
    return SlotHandover(identifier(person), blob(credential), exactly(salt, SALT_LENGTH), name, secret(key))
