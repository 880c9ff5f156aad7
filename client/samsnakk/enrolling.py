"""A member of staff and their organisation's node: get a certificate, a second device, a new key, or an end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
import msgspec

from crypto import cbor
from crypto.errors import CryptoError
from crypto.key_statements import SignedStatement
from crypto.key_stream_states import KeyStreamState
from crypto.random import new_id
from crypto.shapes import array, blob, identifier
from crypto.signing import SigningKey
from domain.ids import DeploymentId, DeviceId, Millis, OrganisationId, PrincipalId
from protocol.directory import Directory
from protocol.errors import MalformedFrame
from protocol.node_requests import NodeRequest, Wish, sign_node_request
from protocol.published_keys import MAX_KEY_STREAM, decode_entries
from protocol.trust import Trust
from samsnakk.errors import Disconnected, Refused

LOGIN_HEADER: Final = "Samsnakk-Login"
_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who one is, by the node; the whole key stream, verified, and what it says; whether the hub has it already."""

    person: PrincipalId
    state: KeyStreamState
    entries: tuple[SignedStatement, ...]
    published: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """One device at one node. `url` is the node's door, inside the organisation's network."""

    url: str
    trust: Trust
    organisation: OrganisationId
    device: DeviceId
    key: SigningKey

    async def ask(self, wish: Wish, *, ticket: str = "") -> Enrolled:
        """Ask for one thing; a certificate (`Certify`) needs the ticket that the login gave.

        Raises:
            Refused: the node does not do it; `code` says why.
            Disconnected: the node cannot be reached. What one has already holds on.
            SubstitutedKey: what came back is not signed by the organisation's pinned root.

        """
        made_at = Millis(time.time_ns() // 1_000_000)
        deployment = DeploymentId(self.trust.deployment)
        request = NodeRequest(deployment, self.organisation, self.device, wish, new_id(), made_at)
        answer = await self._post(sign_node_request(request, self.key), ticket)
        person, entries, published = _read(answer)
        state = Directory(self.trust).add(person, entries)
        return Enrolled(person, state, tuple(entries), published)

    async def key_stream(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """A stream as it stands in the node's ledger, unverified; empty where it issues for no such principal.

        Raises `Disconnected`, `Refused`.
        """
        data = await self._get(f"key-streams/{principal.hex()}")
        try:
            return () if data is None else tuple(decode_entries(data))
        except MalformedFrame:
            raise Refused("malformed_frame", "node") from None

    async def inboxes(self) -> tuple[PrincipalId, ...]:
        """The service inboxes that the node issues for; of several organisations, where it serves several.

        Raises `Disconnected`, `Refused`.
        """
        data = await self._get("inboxes")
        try:
            found = [] if data is None else array(cbor.decode(data, max_size=MAX_KEY_STREAM, max_depth=1))
            return tuple(PrincipalId(identifier(one)) for one in found)
        except CryptoError:
            raise Refused("malformed_frame", "node") from None

    async def _get(self, what: str) -> bytes | None:
        """One of the node's doors that need no wish; None where it has no such thing."""
        try:
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"{self.url.rstrip('/')}/node/v1/{what}", allow_redirects=False) as answer,
            ):
                data = await answer.content.read(MAX_KEY_STREAM + 1)
                return data if answer.ok else None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Disconnected from None

    async def _post(self, body: bytes, ticket: str) -> bytes:
        try:
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(
                    f"{self.url.rstrip('/')}/node/v1/wishes", data=body, headers={LOGIN_HEADER: ticket}
                ) as answer,
            ):
                data = await answer.read()
                if not answer.ok:
                    raise Refused(_code(data), "")
                return data
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Disconnected from None


def _read(data: bytes) -> tuple[PrincipalId, Sequence[SignedStatement], bool]:
    try:
        person, entries, published = array(cbor.decode(data, max_size=MAX_KEY_STREAM), 3)
        return PrincipalId(identifier(person)), decode_entries(blob(entries)), published is True
    except (CryptoError, MalformedFrame):
        raise Refused("malformed_frame", "node") from None


class _Problem(msgspec.Struct):
    code: str = "internal_error"


def _code(data: bytes) -> str:
    try:
        return msgspec.json.decode(data, type=_Problem).code
    except msgspec.MsgspecError:
        return _Problem().code
