"""`/sign-in/…` of the node: from a program's link to the provider, back, and to the program's own port.

The browser keeps one cookie that no script reads; who signed in stands in the node's memory alone.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from domain.ids import OrganisationId
from protocol.sign_in import ProviderUnavailable, SignInFailed, Why
from protocol.sign_in.configuration import Configuration
from protocol.sign_in.pending import MAX_WAIT
from samsnakk.node.configuration import BadNode
from samsnakk.node.issuing import NotGranted
from samsnakk.node.sign_in import pages
from samsnakk.node.sign_in.sign_ins import Asked, SignIns

_CHALLENGE: Final = re.compile(r"[0-9a-f]{64}")
_PORT: Final = re.compile(r"[1-9][0-9]{3,4}")
_PORTS: Final = range(1024, 65536)
_UNAUTHORIZED, _FORBIDDEN, _UNAVAILABLE, _BAD = 401, 403, 503, 400
Refusal = SignInFailed | ProviderUnavailable | NotGranted | BadNode


class SignInDoors:
    """The handlers."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins

    def routes(self) -> list[web.AbstractRouteDef]:
        """Every route."""
        return [
            web.get("/sign-in/program", self.program),
            web.get("/sign-in/page.css", _style),
            web.get("/sign-in/confirm", self.confirm),
            web.post("/sign-in/allow", self.allow),
            web.get("/sign-in/{provider}/start", self.start),
            web.get("/sign-in/{provider}/callback", self.callback),
        ]

    async def program(self, request: web.Request) -> web.Response:
        """The page that the program opens."""
        try:
            return pages.program(self._configuration(), _asked(request))
        except NotGranted as refused:
            return _refused(refused)

    async def start(self, request: web.Request) -> web.Response:
        """Send the browser to a provider."""
        try:
            url, token = await self._sign_ins.begin(request.match_info["provider"], _asked(request))
        except (SignInFailed, ProviderUnavailable, NotGranted) as refused:
            return _refused(refused)
        return self._sent(url, token)

    async def callback(self, request: web.Request) -> web.Response:
        """Take the browser back. What it brought is used up here, and stands in no address any more."""
        try:
            token = await self._sign_ins.finish(request.match_info["provider"], self._token(request), _once(request))
        except (SignInFailed, ProviderUnavailable, NotGranted, BadNode) as refused:
            return _refused(refused)
        return self._sent("/sign-in/confirm", token)

    async def confirm(self, request: web.Request) -> web.Response:
        """Ask whether the codes are alike: a link from elsewhere must not sign in whoever happens to listen."""
        known = self._sign_ins.waiting(self._token(request))
        if known is None:
            return _refused(SignInFailed(Why.WRONG_STATE))
        return pages.confirm(known.asked, self._name_of(known.login.organisation))

    async def allow(self, request: web.Request) -> web.Response:
        """Hand the ticket to the program's port. Only for a click on our own page."""
        try:
            _verify_own_page(request, self._configuration().origin)
            ticket, port = self._sign_ins.allow(self._token(request))
        except (SignInFailed, NotGranted) as refused:
            return _refused(refused)
        response = web.Response(status=303, headers={"Location": f"http://127.0.0.1:{port}/?ticket={ticket}"})
        response.del_cookie(self._cookie(), path="/", secure=True, httponly=True)
        return pages.guarded(response, f"'self' http://127.0.0.1:{port}")

    def _sent(self, url: str, token: str) -> web.Response:
        response = web.Response(status=303, headers={"Location": url})
        # Lax: the way back from the provider begins on another site. No other site can post with it.
        response.set_cookie(
            self._cookie(), token, max_age=MAX_WAIT, path="/", secure=True, httponly=True, samesite="Lax"
        )
        return pages.guarded(response)

    def _cookie(self) -> str:
        """Cookies are not kept apart by port, so several nodes on one machine need a name each."""
        parts = urlsplit(self._configuration().public_url)
        return f"__Host-samsnakk-node-{parts.port or 443}"

    def _token(self, request: web.Request) -> str:
        return "" if self._sign_ins.configuration is None else request.cookies.get(self._cookie(), "")

    def _configuration(self) -> Configuration:
        if self._sign_ins.configuration is None:
            raise NotGranted("no_login_here")
        return self._sign_ins.configuration

    def _name_of(self, organisation: OrganisationId) -> str:
        return self._sign_ins.issuer.node.trust.name_of(organisation)


async def _style(_: web.Request) -> web.Response:
    return pages.style()


def _asked(request: web.Request) -> Asked:
    """The program's challenge and port. Raises `NotGranted`."""
    challenge, port = request.query.get("challenge", ""), request.query.get("port", "")
    if _CHALLENGE.fullmatch(challenge) is None or _PORT.fullmatch(port) is None or int(port) not in _PORTS:
        raise NotGranted("bad_link")
    return Asked(bytes.fromhex(challenge), int(port))


def _verify_own_page(request: web.Request, origin: str) -> None:
    """Only a page of ours may answer for the person. Raises `NotGranted`."""
    if request.headers.get("Origin") != origin or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise NotGranted("cross_site")


def _once(request: web.Request) -> dict[str, str]:
    """The query; a parameter that comes twice would be read differently by different programs."""
    if len(set(request.query)) != len(request.query):
        raise SignInFailed(Why.MALFORMED)
    return dict(request.query)


def _refused(refused: Refusal) -> web.Response:
    match refused:
        case SignInFailed():
            return pages.refused(refused.why.value, _UNAUTHORIZED)
        case ProviderUnavailable():
            return pages.refused(refused.code, _UNAVAILABLE)
        case NotGranted():
            return pages.refused(refused.code, _BAD if refused.code == "bad_link" else _FORBIDDEN, refused.shown)
        case BadNode():
            return pages.refused("register_unusable", _UNAVAILABLE)
