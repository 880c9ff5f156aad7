"""`/api/v1/device-mailboxes/…`: letters between a new device and an old one. The hub carries them and vouches for none.

A new device has nothing to sign with yet, so it only needs the mailbox's name; what the old one writes, it signs for.
"""

from typing import Final

from aiohttp import web

from crypto.device_approvals import MAX_LETTER
from crypto.hashing import hash_with
from crypto.labels import BODY
from service.errors import NotFound, OutOfTurn
from service.handle.hub_acts import now
from service.http.bodies import read_body
from service.http.doors import CORE, id_in_path
from service.http.keyrings import by_device, knock
from service.http.keys import CBOR
from service.store.keyrings import end_mailbox, find_letter, keep_letter

MAILBOX_LIFE: Final = 10 * 60 * 1000
"""Milliseconds that a new device may take from its first letter to the last."""
_OF_THE_NEW: Final = frozenset({"commitment", "offer"})
_OF_THE_OLD: Final = frozenset({"answer", "handover"})


async def put_letter(request: web.Request) -> web.Response:
    """Leave a letter; the first one opens the mailbox for ten minutes.

    Raises:
        OutOfTurn: such a letter lies there already, or the mailbox is not open.
        QuotaExceeded: too many from this address.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core, mailbox, step = request.app[CORE], id_in_path(request, "mailbox"), request.match_info["step"]
    content = await read_body(request, MAX_LETTER)
    if step in _OF_THE_OLD:
        by_device(request, f"letter {mailbox.hex()} {step} {hash_with(BODY, content).hex()}")
    elif step not in _OF_THE_NEW:
        raise NotFound
    knock(core, request)
    if not await keep_letter(core.store, mailbox, step, content, now() + MAILBOX_LIFE, now()):
        raise OutOfTurn
    return web.json_response({})


async def get_letter(request: web.Request) -> web.Response:
    """A letter, once it has come; whoever takes the last one ends the mailbox.

    Raises:
        NotFound: not yet, or no longer, or never.
        StoreError: the store does not answer.

    """
    core, mailbox, step = request.app[CORE], id_in_path(request, "mailbox"), request.match_info["step"]
    content = await find_letter(core.store, mailbox, step, now())
    if content is None:
        # Names of mailboxes are guessed here, if anywhere: who waits for a letter asks once a second.
        knock(core, request)
        raise NotFound
    return web.Response(body=content, content_type=CBOR)


async def delete_mailbox(request: web.Request) -> web.Response:
    """The new device has what it came for, or somebody saw another code: nothing is left.

    Raises:
        StoreError: the store does not answer.

    """
    await end_mailbox(request.app[CORE].store, id_in_path(request, "mailbox"), now())
    return web.json_response({})
