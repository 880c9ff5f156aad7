"""`/api/v1/keyrings/…`: each person's sealed keyring, in and out. The hub keeps it and can open none."""

import time
from base64 import b64decode
from typing import Final

from aiohttp import web

from crypto import cbor
from crypto.errors import Malformed
from crypto.keyring_deposits import MAX_DEPOSIT, deposit_digest, locator_hash, parse_deposit
from crypto.keyrings import keyring_hash
from crypto.shapes import KEY_LENGTH
from domain.ids import PrincipalId
from protocol.errors import MalformedFrame
from protocol.requests import ReadRequest
from service.errors import KeyringMoved, NotFound, QuotaExceeded
from service.handle.authority import verified_request
from service.handle.core import Core
from service.handle.hub_acts import now
from service.http.bodies import read_body
from service.http.doors import CORE, id_in_path, signed_header
from service.http.keys import CBOR
from service.http.sessions import own_only, session_of
from service.identity.errors import SessionNotBound
from service.store.keyrings import KeyringRow, keep_keyring, keyring_file, located_person, newest_keyring

LOCATOR_HEADER: Final = "Samsnakk-Locator"


async def put_keyring(request: web.Request) -> web.Response:
    """Store the next generation of a person's keyring, signed for by one of the person's devices.

    Raises:
        KeyringMoved: another device was faster.
        MalformedFrame: not a deposit.
        NotFound: somebody else's keyring.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core, person = request.app[CORE], PrincipalId(id_in_path(request, "person"))
    data = await read_body(request, MAX_DEPOSIT)
    asked = by_device(request, f"keep keyring {deposit_digest(data).hex()}")
    _own(asked, person)
    if not core.device_quota.take(asked.device, 4, time.monotonic()):
        raise QuotaExceeded("device")
    try:
        deposit = parse_deposit(data)
    except Malformed:
        raise MalformedFrame("keyring deposit") from None
    row = KeyringRow(
        person,
        deposit.generation,
        keyring_hash(deposit.file),
        deposit.replaces,
        deposit.locators,
        asked.device,
        now(),
        deposit.file,
    )
    if not await keep_keyring(core.store, row):
        raise KeyringMoved
    return web.json_response({"generation": deposit.generation})


async def get_keyring(request: web.Request) -> web.Response:
    """A person's keyring, for one of the person's devices; `hash` asks for another one than the newest.

    Raises:
        NotFound: there is none, or it is somebody else's.
        HubError, ProtocolError, StoreError: see the error table.

    """
    person = PrincipalId(id_in_path(request, "person"))
    _own(by_device(request, f"fetch keyring {person.hex()}"), person)
    return await _found(request, person)


async def get_own_keyring(request: web.Request) -> web.Response:
    """The keyring of who is signed in, for the page that opens it; `hash` as above. It lies sealed, here as there.

    Raises:
        SessionNotBound: it is not known whose devices these are.
        NoSession, NotFound, StoreError: nobody is signed in; there is none; the store does not answer.

    """
    principal = (await session_of(request)).row.principal
    if principal is None:
        raise SessionNotBound
    return own_only(await _found(request, PrincipalId(principal)))


async def get_located_keyring(request: web.Request) -> web.Response:
    """The keyring that a recovery code finds, by the locator in the header.

    Raises:
        NotFound: none, or not a locator: which of the two is nobody's business.
        QuotaExceeded: too many tries from this address.
        StoreError: the store does not answer.

    """
    core = request.app[CORE]
    knock(core, request)
    try:
        locator = b64decode(request.headers[LOCATOR_HEADER], validate=True)
    except (KeyError, ValueError):
        raise NotFound from None
    if len(locator) != KEY_LENGTH:
        raise NotFound
    person = await located_person(core.store, locator_hash(locator))
    if person is None:
        raise NotFound
    return await _found(request, PrincipalId(person))


async def _found(request: web.Request, person: PrincipalId) -> web.Response:
    store = request.app[CORE].store
    newest = await newest_keyring(store, person)
    if newest is None:
        raise NotFound
    try:
        wanted = bytes.fromhex(request.query.get("hash", newest[1].hex()))
    except ValueError:
        raise NotFound from None
    file = await keyring_file(store, person, wanted)
    if file is None:
        raise NotFound
    return web.Response(body=cbor.encode([person, *newest, file]), content_type=CBOR)


def knock(core: Core, request: web.Request) -> None:
    """A door that needs no device counts who knocks. Raises `QuotaExceeded`."""
    if not core.publishing_quota.take((request.remote or "").encode(), 1.0, time.monotonic()):
        raise QuotaExceeded("address")


def by_device(request: web.Request, action: str) -> ReadRequest:
    """The verified request in the header. Raises `MalformedFrame`, and as `verified_request`."""
    return verified_request(signed_header(request), action, request.app[CORE].keys.directory)


def _own(asked: ReadRequest, person: PrincipalId) -> None:
    if asked.person != person or asked.role is not None:
        raise NotFound
