"""The hub's doors for sealed keyrings, and the mailboxes between two devices."""

from base64 import b64encode
from dataclasses import dataclass, field

from crypto import cbor
from crypto.device_approvals import MAX_LETTER
from crypto.errors import CryptoError
from crypto.hashing import hash_with
from crypto.keyring_deposits import MAX_DEPOSIT
from crypto.labels import BODY
from crypto.shapes import array, blob, digest, identifier, whole
from domain.ids import PrincipalId
from samsnakk.doors import Doors, signed_header
from samsnakk.errors import KeyringNotCurrent, NoKeyring, Refused

LOCATOR_HEADER = "Samsnakk-Locator"
MAX_FOUND = MAX_DEPOSIT
"""Bytes of a door's answer with a keyring."""


@dataclass(frozen=True, slots=True)
class Found:
    """A keyring file as the hub served it, and its newest generation and hash; nothing of it is checked yet."""

    person: PrincipalId
    generation: int
    newest: bytes
    locators: tuple[bytes, ...]
    file: bytes = field(repr=False)


class KeyringDoors(Doors):
    """One HTTP session with the hub, for keyrings."""

    async def keep(self, person: PrincipalId, deposit: bytes, request: bytes) -> None:
        """Leave the next generation. Raises `Disconnected`, `Refused`."""
        await self.call("PUT", f"/keyrings/{person.hex()}", signed_header(request), deposit)

    async def keyring(self, person: PrincipalId, request: bytes) -> Found:
        """The newest keyring. Raises `NoKeyring`, `KeyringNotCurrent`, `Disconnected`, `Refused`."""
        return await self._fetch(f"/keyrings/{person.hex()}", signed_header(request))

    async def located(self, locator: bytes) -> Found:
        """The newest keyring that a recovery code finds. Raises as `keyring`."""
        return await self._fetch("/located-keyring", _locator_header(locator))

    async def earlier(self, found: Found, named: bytes, request: bytes) -> Found:
        """The keyring with that hash. Raises `KeyringNotCurrent` if the hub has it no more; as `keyring`."""
        try:
            path = f"/keyrings/{found.person.hex()}?hash={named.hex()}"
            return await self._fetch(path, signed_header(request))
        except NoKeyring:
            raise KeyringNotCurrent from None

    async def put_letter(self, mailbox: bytes, step: str, content: bytes, request: bytes | None = None) -> None:
        """Leave a letter; an old device signs for it. Raises `Disconnected`, `Refused`."""
        headers = {} if request is None else signed_header(request)
        await self.call("PUT", f"/device-mailboxes/{mailbox.hex()}/{step}", headers, content)

    async def letter(self, mailbox: bytes, step: str) -> bytes | None:
        """The letter, if it has come. Raises `Disconnected`, `Refused`."""
        try:
            content = await self.call("GET", f"/device-mailboxes/{mailbox.hex()}/{step}", {})
        except Refused as refused:
            if refused.code == "not_found":
                return None
            raise
        return content[: MAX_LETTER + 1]

    async def end_mailbox(self, mailbox: bytes) -> None:
        """Leave nothing behind. Raises `Disconnected`, `Refused`."""
        await self.call("DELETE", f"/device-mailboxes/{mailbox.hex()}", {})

    async def _fetch(self, path: str, headers: dict[str, str]) -> Found:
        try:
            answer = await self.call("GET", path, headers)
        except Refused as refused:
            if refused.code == "not_found":
                raise NoKeyring from None
            raise
        return read_found(answer)


def read_found(answer: bytes) -> Found:
    """A door's answer, unchecked. Raises `KeyringNotCurrent` unless it has the form of one."""
    try:
        decoded = cbor.decode(answer, max_size=MAX_FOUND, max_depth=2)
        person, generation, newest, locators, file = array(decoded, 5)
        found = tuple(digest(locator) for locator in array(locators))
        return Found(PrincipalId(identifier(person)), whole(generation, 1), digest(newest), found, blob(file))
    except CryptoError:
        raise KeyringNotCurrent from None


def letter_action(mailbox: bytes, step: str, content: bytes) -> str:
    """What an old device signs for a letter."""
    return f"letter {mailbox.hex()} {step} {hash_with(BODY, content).hex()}"


def _locator_header(locator: bytes) -> dict[str, str]:
    return {LOCATOR_HEADER: b64encode(locator).decode()}
