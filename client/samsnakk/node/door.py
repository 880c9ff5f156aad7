"""The node's door for its own staff: `/node/v1/…`, inside the organisation's network."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

from aiohttp import web

from crypto import cbor
from domain.ids import PrincipalId
from protocol.errors import ProtocolError
from protocol.node_requests import (
    MAX_NODE_REQUEST,
    Admit,
    Certify,
    EndPrincipal,
    RenewInbox,
    read_node_request,
    verify_node_request,
)
from protocol.published_keys import encode_entries
from samsnakk.errors import Disconnected, Refused
from samsnakk.node.configuration import BadNode
from samsnakk.node.eligibility import inboxes_of, renew_inbox, tend
from samsnakk.node.issuing import Issuer, Login, NotGranted
from samsnakk.node.ledger import LedgerMoved
from samsnakk.node.watching import Watch

LOGIN_HEADER: Final = "Samsnakk-Login"
_CBOR: Final = "application/cbor"
_FORBIDDEN, _UNAVAILABLE, _BAD, _CONFLICT, _NOT_FOUND = 403, 503, 400, 409, 404

LoginCheck: TypeAlias = Callable[[str], Awaitable[Login]]
"""Who came back from the login with this ticket, which is used up by asking. Raises `NotGranted`."""


async def no_login(_: str) -> Login:
    """For a node that has no identity provider: nobody gets a certificate. Raises `NotGranted`."""
    raise NotGranted("no_login_here")


class Door:
    """The handlers. `check` is the only way to a certificate."""

    def __init__(self, issuer: Issuer, watch: Watch, check: LoginCheck, log: Callable[[], str] = lambda: "") -> None:
        """`log` gives the hub's newest checkpoint that this node has checked."""
        self._log = log
        self._issuer = issuer
        self._watch = watch
        self._check = check

    def app(self, more: Sequence[web.AbstractRouteDef] = ()) -> web.Application:
        """The door, to be served, with `more` behind it."""
        app = web.Application(client_max_size=MAX_NODE_REQUEST)
        app.router.add_get("/node/v1/about", self.about)
        app.router.add_routes(more)
        app.router.add_post("/node/v1/wishes", self.wish)
        app.router.add_get("/node/v1/key-streams/{principal}", self.key_stream)
        app.router.add_get("/node/v1/inboxes", self.inboxes)
        app.router.add_get("/node/v1/health", _health)
        app.router.add_get("/node/v1/log", self.log)
        return app

    async def about(self, _: web.Request) -> web.Response:
        """The hub, and which organisations are served. Nothing secret, and nothing to be believed without a pin."""
        node = self._issuer.node
        served = [organisation.hex() for organisation in node.configuration.organisations]
        return web.json_response({"hub": node.configuration.hub, "organisations": served})

    async def log(self, _: web.Request) -> web.Response:
        """The newest checkpoint of the hub's log that this node has checked, as the hub signed it."""
        note = self._log()
        return web.Response(text=note) if note else _problem(_NOT_FOUND, "not_found")

    async def key_stream(self, request: web.Request) -> web.Response:
        """A stream as the ledger has it, so that whoever makes an inbox's key need not take the hub's word for it.

        Key streams are public and signed; only a stream that this node issues for is served.
        """
        try:
            principal = PrincipalId(bytes.fromhex(request.match_info["principal"]))
        except ValueError:
            principal = PrincipalId(b"")
        entries = self._issuer.ledger.entries(principal)
        if not entries:
            return _problem(_NOT_FOUND, "not_found")
        return web.Response(body=encode_entries(entries), content_type=_CBOR)

    async def inboxes(self, _: web.Request) -> web.Response:
        """The ids of the service inboxes that this node issues for; who answers them, their key streams say."""
        found = [inbox for inbox, _ in inboxes_of(self._issuer)]
        return web.Response(body=cbor.encode(found), content_type=_CBOR)

    async def wish(self, request: web.Request) -> web.Response:
        """One signed wish; the answer is the person and their whole key stream.

        The statement is kept before it is published: where the hub cannot be reached the wish is granted all the same,
        and the hub gets it later.
        """
        body = await request.read()
        try:
            person = await self._granted(body, request.headers.get(LOGIN_HEADER, ""))
        except NotGranted as refused:
            return _problem(_FORBIDDEN, refused.code)
        except ProtocolError as error:
            return _problem(_BAD, error.code)
        except BadNode:
            return _problem(_UNAVAILABLE, "register_unusable")
        except LedgerMoved:
            return _problem(_CONFLICT, "signed_meanwhile")
        published = await self._published(person)
        if isinstance(read_node_request(body).wish, Certify | EndPrincipal):
            await self._tend()
        entries = encode_entries(self._issuer.ledger.entries(person))
        return web.Response(body=cbor.encode([person, entries, published]), content_type=_CBOR)

    async def _published(self, principal: PrincipalId) -> bool:
        try:
            await self._watch.publish(principal)
        except (Disconnected, Refused):
            return False
        return True

    async def _tend(self) -> None:
        """Whoever has just got a key, or an end, is in or out of the inboxes now, and not with the next round only."""
        # A register that cannot be read, or a race with another process, is told and mended by the next round.
        with suppress(BadNode, LedgerMoved, NotGranted):
            for inbox in tend(self._issuer):
                await self._published(inbox)

    async def _granted(self, body: bytes, ticket: str) -> PrincipalId:
        claimed = read_node_request(body)
        if isinstance(claimed.wish, Certify):
            # The device proves that it holds the key it asks to have certified; the login says for whom.
            asked = verify_node_request(body, claimed.wish.public_key)
            return self._issuer.certify(asked, await self._check(ticket))
        asked = verify_node_request(body, self._issuer.device_key(claimed))
        if isinstance(asked.wish, Admit):
            # A device that lies open, or was stolen unlocked, must not be able to let others in by itself.
            return self._issuer.admit(asked, await self._check(ticket))
        if isinstance(asked.wish, RenewInbox):
            return renew_inbox(self._issuer, asked)
        return self._issuer.grant(asked)


def _problem(status: int, code: str) -> web.Response:
    return web.json_response({"code": code, "detail": ""}, status=status)


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"node": "up"})
