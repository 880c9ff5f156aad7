"""The hub's page on which a passkey opens a keyring, and what it hands to this program: the key of one slot.

    async with PasskeyPage.to_add(url, person) as page:
        print(page.address, page.code)            # open the address; the page shows the same code
        handed = await page.outcome(timeout)

The browser posts it to a port of this machine, sealed to a key that is made for this once and never leaves this
program. So neither the hub nor the browser's history has it. What a bad hub's page could do: docs/threat-model.md.
"""

import asyncio
import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qs, urlencode

from crypto.browser_handovers import MAX_HANDOVER, ProgramKey, SlotHandover, open_handover, program_code
from crypto.errors import CryptoError
from crypto.keyring_slots import SALT_LENGTH
from crypto.random import random_bytes
from crypto.shapes import KEY_LENGTH
from domain.ids import PrincipalId
from samsnakk.errors import KeyringNotCurrent, Refused
from samsnakk.keyring_doors import MAX_FOUND, Found, read_found
from samsnakk.loopback import Port

MAX_FORM: Final = 4 * (MAX_HANDOVER + MAX_FOUND) // 3 + 1024
"""Bytes of what the browser posts."""
_DONE: Final = "Programmet har fått det det trenger. Se hva det sier. Du kan lukke dette vinduet."
_POSTED: Final = b"POST / HTTP/1."
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]{1,8})\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Handed:
    """What the page handed in; `found`: the keyring as the hub served it, unchecked, where it was to be opened."""

    slot: SlotHandover
    found: Found | None = field(repr=False)


class PasskeyPage(Port[Handed]):
    """One visit to the page; an asynchronous context manager."""

    def __init__(self, url: str, wish: dict[str, str]) -> None:
        super().__init__(_DONE)
        self._key: Final = ProgramKey(random_bytes(KEY_LENGTH))
        self._url: Final = url.rstrip("/")
        self._wish: Final = wish

    @classmethod
    def to_add(cls, url: str, person: PrincipalId) -> "PasskeyPage":
        """A passkey of `person` is to open the keyring from now on."""
        return cls(url, {"do": "add", "person": person.hex(), "salt": random_bytes(SALT_LENGTH).hex()})

    @classmethod
    def to_open(cls, url: str) -> "PasskeyPage":
        """Whoever signs in there wants the own keyring opened here."""
        return cls(url, {"do": "open"})

    @property
    def code(self) -> str:
        """What the page must show too; otherwise it belongs to another program."""
        return program_code(self._key.public)

    @property
    def address(self) -> str:
        """The page to open. What stands behind the # never goes to the hub, and holds no secret."""
        return f"{self._url}/keyring#{urlencode({**self._wish, 'key': self._key.public.hex(), 'port': str(self.port)})}"

    async def read(self, reader: asyncio.StreamReader) -> str | None:
        """As `Port.read`: the form."""
        line = await reader.readuntil(b"\r\n")
        length = _LENGTH.search(b"\r\n" + await reader.readuntil(b"\r\n\r\n"))
        if not line.startswith(_POSTED) or length is None or int(length[1]) > MAX_FORM:
            return None
        return (await reader.readexactly(int(length[1]))).decode("ascii", "replace")

    async def take(self, told: str) -> Handed:
        """As `Port.take`. Raises `Refused` for what is none of ours, `KeyringNotCurrent` for what is no keyring."""
        form = parse_qs(told)
        try:
            slot = open_handover(_decoded(form["sealed"]), self._key)
        except (CryptoError, KeyError, Base64Error, ValueError):
            raise Refused("malformed_frame") from None
        if self._wish["do"] == "add":
            if not compare_digest(slot.salt.hex(), self._wish["salt"]):
                raise Refused("malformed_frame")
            return Handed(slot, None)
        try:
            return Handed(slot, read_found(_decoded(form["found"])))
        except (KeyError, Base64Error, ValueError):
            raise KeyringNotCurrent from None


def _decoded(values: list[str]) -> bytes:
    (value,) = values
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))
