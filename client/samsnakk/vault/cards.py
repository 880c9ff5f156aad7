"""A card: a key officer's or auditor's own KEM key, in a file that opens with a passphrase; and its public half.

The card is a keyring file with one seed. The public half is a small JSON file that can be handed to anybody; its
*check code* is read aloud, so that nobody slips in a card of their own on the way.
"""

from pathlib import Path
from typing import Final

import msgspec

from crypto import boxes, keyrings
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.keyring_slots import PassphraseSlot, open_passphrase_slot, passphrase_slot
from crypto.layers import kem_hash
from crypto.officer_shares import Officer, parse_officer
from crypto.random import new_id, random_bytes
from crypto.recovery_codes import SECRET_LENGTH, format_recovery_code
from crypto.shapes import Id, SecretKey
from samsnakk.errors import SamsnakkError
from samsnakk.private_files import write_private

CARD, PUBLIC = ".kort", ".offentlig"
FORMAT: Final = 1
_GROUPS_SHOWN: Final = 19
"""Four groups of four: 80 bits, too many to be met by trying."""


class BadCard(SamsnakkError):
    """The file is no card, or does not open with this passphrase."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is no card, or the passphrase is another one", "Check the file and try again.")


class _Public(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    id: bytes
    name: str
    key: bytes


def check_code(public: bytes) -> str:
    """What people read aloud to compare a public KEM key: XXXX-XXXX-XXXX-XXXX."""
    return format_recovery_code(kem_hash([public])[:SECRET_LENGTH])[:_GROUPS_SHOWN]


def make_card(folder: Path, name: str, passphrase: str) -> Officer:
    """A new card `name.kort` and its public half `name.offentlig` in `folder`.

    Raises:
        FileExistsError: there is such a card; nothing is ever overwritten.
        Malformed: an empty or over-long passphrase or name.

    """
    private, public = folder / f"{name}{CARD}", folder / f"{name}{PUBLIC}"
    for path in (private, public):
        if path.exists():
            raise FileExistsError(path)
    seed, who, key = SecretKey(random_bytes(32)), new_id(), SecretKey(random_bytes(32))
    officer = parse_officer([who, KemKey.from_seed(seed).public, name])
    slot = passphrase_slot(who, key, passphrase, random_bytes(32))
    ring = keyrings.Keyring(person=who, seeds=((1, seed),), root_seed=None, pins={})
    sealed = keyrings.seal_keyring(ring, key, [slot], nonce=random_bytes(boxes.NONCE_LENGTH))
    write_private(private, who + sealed)
    public.write_bytes(msgspec.json.format(msgspec.json.encode(_Public(FORMAT, who, name, officer.public))) + b"\n")
    return officer


def open_card(path: Path, passphrase: str) -> tuple[Id, KemKey]:
    """The officer's id and private key. Raises `BadCard`, `OSError`."""
    data = path.read_bytes()
    who, sealed = data[:16], data[16:]
    try:
        file = keyrings.parse_keyring_file(sealed)
        slots = [slot for slot in file.slots if isinstance(slot, PassphraseSlot)]
        ring = keyrings.open_keyring(file, who, open_passphrase_slot(who, slots[0], passphrase))
        return who, KemKey.from_seed(dict(ring.seeds)[1])
    except (CryptoError, IndexError, KeyError):
        raise BadCard(path) from None


def read_public(path: Path) -> Officer:
    """The public half of a card. Raises `BadCard`, `OSError`."""
    try:
        public = msgspec.json.decode(path.read_bytes(), type=_Public)
        if public.format != FORMAT:
            raise BadCard(path)
        return parse_officer([public.id, public.key, public.name])
    except (msgspec.MsgspecError, CryptoError):
        raise BadCard(path) from None
