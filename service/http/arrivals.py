"""`/api/v1/invitations/{invitation}`: the mailbox of an invitation. The hub sees sealed bytes, and who asks.

The inviter's requests are signed by the device that opened the mailbox; the user has no keys that anybody knows yet, so
knowing the id (128 bits that follow from the link's secret) is what lets her look in and answer, once.
"""

import time
from hashlib import sha256
from uuid import UUID

from aiohttp import web

from domain.channel.acts import Act, Author
from domain.channel.decide import decide
from domain.channel.events import UserArrived
from domain.channel.terms import KeyRef
from domain.errors import Refusal
from domain.ids import Digest, EpochNo, Millis, PrincipalId
from protocol.arrival.card import MAX_VALIDITY
from protocol.arrival.messages import MAX_ANSWER, MAX_CONFIRMATION, MAX_OPENING
from protocol.errors import MalformedFrame
from protocol.requests import MAX_AGE, ReadRequest
from service.errors import (
    InvitationCancelled,
    InvitationExpired,
    InvitationUsed,
    NotFound,
    QuotaExceeded,
    UnknownInvitation,
)
from service.handle.authority import verified_request
from service.handle.core import Core
from service.handle.hub_acts import now
from service.http.bodies import read_body
from service.http.doors import CORE, id_in_path, signed_header
from service.store import invitations
from service.store.invitations import Mailbox, MailboxState

SEALED = "application/octet-stream"
_NOBODY = UserArrived(PrincipalId(bytes(16)), KeyRef(1, Digest(bytes(32))), None)
"""Stands for the user who is to come, in the question whether somebody may let her in."""


async def open_invitation(request: web.Request) -> web.Response:
    """Make the mailbox and put the opening in. Earlier invitations to the channel end here.

    Raises:
        Refusal: the sender may not let the user of this channel arrive, or she has arrived.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core, invitation = request.app[CORE], id_in_path(request, "invitation")
    opening = await _body(request, MAX_OPENING)
    expires_at = _expiry(request)
    action = f"open-invitation {invitation.hex()} {expires_at} {sha256(opening).hexdigest()}"
    asked = _signed(request, action)
    await _verify_may_invite(core, asked)
    channel = UUID(bytes=asked.place.channel)
    await invitations.open_mailbox(core.store, invitation, channel, asked.device, expires_at, opening)
    found = await _mailbox(core, invitation)
    if found.device != asked.device or found.channel != channel:
        raise UnknownInvitation
    return web.json_response({"state": found.state})


async def get_invitation(request: web.Request) -> web.Response:
    """The opening, until somebody has answered.

    Raises:
        UnknownInvitation, InvitationUsed, InvitationExpired, InvitationCancelled: there is none (any more).
        QuotaExceeded, StoreError: not now.

    """
    found = await _looked_at(request)
    _verify_not_over(found)
    if found.opening is None:
        raise InvitationUsed
    return _sealed(found.opening)


async def put_answer(request: web.Request) -> web.Response:
    """Take the one answer; the same bytes may come again, others may not.

    Raises:
        UnknownInvitation, InvitationUsed, InvitationExpired, InvitationCancelled: it is not taken.
        QuotaExceeded, TooLarge, StoreError: not now, or not like this.

    """
    core, invitation = request.app[CORE], id_in_path(request, "invitation")
    answer = await _body(request, MAX_ANSWER)
    await _looked_at(request)
    await invitations.put_answer(core.store, invitation, answer, now())
    found = await _mailbox(core, invitation)
    _verify_not_over(found)
    if not found.is_answered_by(answer):
        raise InvitationUsed
    return web.json_response({"state": found.state})


async def take_answer(request: web.Request) -> web.Response:
    """The answer, for the device that opened the mailbox; 204 while there is none.

    Raises:
        UnknownInvitation, InvitationExpired, InvitationCancelled: there is none (any more).
        HubError, ProtocolError, StoreError: see the error table.

    """
    found = await _own_mailbox(request, "take-answer {id}")
    _verify_not_over(found)
    if found.state is MailboxState.CONFIRMED:
        raise InvitationUsed
    return _sealed(found.answer)


async def put_confirmation(request: web.Request) -> web.Response:
    """The inviter's code; the answer is gone from here on.

    Raises:
        UnknownInvitation, InvitationExpired, InvitationCancelled: nothing to confirm.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core, confirmation = request.app[CORE], await _body(request, MAX_CONFIRMATION)
    found = await _own_mailbox(request, f"confirm-invitation {{id}} {sha256(confirmation).hexdigest()}")
    _verify_not_over(found)
    await invitations.put_confirmation(core.store, found.id, confirmation)
    found = await _mailbox(core, found.id)
    if found.confirmation is None:
        raise NotFound
    return web.json_response({"state": found.state})


async def get_confirmation(request: web.Request) -> web.Response:
    """The inviter's code, for the user who waits; 204 while there is none.

    Raises:
        UnknownInvitation, InvitationExpired, InvitationCancelled: there will be none.
        QuotaExceeded, StoreError: not now.

    """
    found = await _looked_at(request)
    _verify_not_over(found)
    return _sealed(found.confirmation)


async def cancel_invitation(request: web.Request) -> web.Response:
    """End an invitation that is not confirmed: by the device that opened it, or by whoever may invite.

    Raises:
        UnknownInvitation: there is none of this channel.
        Refusal: it is another's, and the sender may not invite.
        HubError, ProtocolError, StoreError: see the error table.

    """
    core, invitation = request.app[CORE], id_in_path(request, "invitation")
    asked = _signed(request, f"cancel-invitation {invitation.hex()}")
    found = await _mailbox(core, invitation)
    if found.channel.bytes != asked.place.channel:
        raise UnknownInvitation
    if found.device != asked.device:
        await _verify_may_invite(core, asked)
    await invitations.cancel_mailbox(core.store, invitation)
    return web.json_response({"state": (await _mailbox(core, invitation)).state})


def _signed(request: web.Request, action: str) -> ReadRequest:
    core = request.app[CORE]
    asked = verified_request(signed_header(request), action, core.keys.directory)
    if not core.device_quota.take(asked.device, 1.0, time.monotonic()):
        raise QuotaExceeded("device")
    return asked


async def _verify_may_invite(core: Core, asked: ReadRequest) -> None:
    """Whether the sender could record the user's arrival right now. Raises what the rules refuse it with."""
    live = (await core.channels.get(asked.place.channel)).live
    author = Author(asked.person, asked.device, asked.organisation, asked.role)
    act = Act(author, None, _NOBODY, 0, EpochNo(0))
    try:
        decide(live.channel, act, Millis(max(now(), live.channel.recorded_at)))
    except Refusal:
        if live.channel.opened and asked.reader in {p for t in live.channel.threads.values() for p in t.members}:
            raise
        raise NotFound from None  # whether there is such a channel is nobody's business


async def _own_mailbox(request: web.Request, action: str) -> Mailbox:
    invitation = id_in_path(request, "invitation")
    asked = _signed(request, action.format(id=invitation.hex()))
    found = await _mailbox(request.app[CORE], invitation)
    if found.device != asked.device or found.channel.bytes != asked.place.channel:
        raise UnknownInvitation
    return found


async def _looked_at(request: web.Request) -> Mailbox:
    core = request.app[CORE]
    if not core.arrival_quota.take((request.remote or "").encode(), 1.0, time.monotonic()):
        raise QuotaExceeded("address")
    return await _mailbox(core, id_in_path(request, "invitation"))


async def _mailbox(core: Core, invitation: bytes) -> Mailbox:
    found = await invitations.find_mailbox(core.store, invitation, now())
    if found is None:
        raise UnknownInvitation
    return found


def _verify_not_over(found: Mailbox) -> None:
    if found.state is MailboxState.CANCELLED:
        raise InvitationCancelled
    if found.state is MailboxState.EXPIRED:
        raise InvitationExpired


def _sealed(message: bytes | None) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if message is None:
        return web.Response(status=204, headers=headers)
    return web.Response(body=message, content_type=SEALED, headers=headers)


async def _body(request: web.Request, limit: int) -> bytes:
    body = await read_body(request, limit)
    if not body:
        raise MalformedFrame("a body expected")
    return body


def _expiry(request: web.Request) -> int:
    try:
        expires_at = int(request.query["expires"])
    except (KeyError, ValueError):
        raise MalformedFrame("?expires= expected") from None
    if not now() < expires_at <= now() + MAX_VALIDITY + MAX_AGE:
        raise MalformedFrame("the invitation's end is past or too far away")
    return expires_at
