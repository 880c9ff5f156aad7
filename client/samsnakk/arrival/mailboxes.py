"""The mailbox of an invitation at the hub, as both ends use it. What lies in it is sealed before it comes here."""

from hashlib import sha256
from typing import Final

from domain.ids import Millis
from samsnakk.asking import Reader
from samsnakk.doors import Doors

POLL: Final = 1.5
"""Seconds between two looks into a mailbox, give or take a half."""


class Mailbox:
    """One mailbox. Every method raises `Disconnected` and `Refused`."""

    def __init__(self, doors: Doors, invitation: bytes) -> None:
        self._doors = doors
        self._hex = invitation.hex()
        self._path = f"invitations/{self._hex}"

    async def open(self, reader: Reader, opening: bytes, expires_at: Millis) -> None:
        """Put the opening in; the same one may be sent again."""
        action = f"open-invitation {self._hex} {expires_at} {sha256(opening).hexdigest()}"
        request = reader.ask(action).signed
        await self._doors.exchange("PUT", f"{self._path}?expires={expires_at}", opening, request)

    async def opening(self) -> bytes:
        """What the inviter put in, until somebody answers."""
        return await self._doors.exchange("GET", self._path) or b""

    async def answer(self, sealed: bytes) -> None:
        """Answer; the same bytes may be sent again."""
        await self._doors.exchange("PUT", f"{self._path}/answer", sealed)

    async def take_answer(self, reader: Reader) -> bytes | None:
        """The answer; None while there is none."""
        request = reader.ask(f"take-answer {self._hex}").signed
        return await self._doors.exchange("GET", f"{self._path}/answer", None, request)

    async def confirm(self, reader: Reader, sealed: bytes) -> None:
        """Put the inviter's code in; the answer is gone from then on."""
        action = f"confirm-invitation {self._hex} {sha256(sealed).hexdigest()}"
        await self._doors.exchange("PUT", f"{self._path}/confirmation", sealed, reader.ask(action).signed)

    async def confirmation(self) -> bytes | None:
        """The inviter's code; None while there is none."""
        return await self._doors.exchange("GET", f"{self._path}/confirmation")

    async def cancel(self, reader: Reader) -> None:
        """Take the invitation back."""
        request = reader.ask(f"cancel-invitation {self._hex}").signed
        await self._doors.exchange("DELETE", self._path, None, request)
