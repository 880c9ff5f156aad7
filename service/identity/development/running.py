"""The development provider's doors: on loopback, on a port of its own, for requests that name exactly that address."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

import aiohttp
from aiohttp import web
from joserfc.jwk import ECKey

from protocol.sign_in import PROFILES, Audience, Client, ClientKey, Profile, read_client_key
from protocol.sign_in.calls import with_query
from protocol.sign_in.configuration import Configuration, Provider
from protocol.trust import Trust
from service.identity.development.people import invented_people, invented_users
from service.identity.development.provider import DevelopmentProvider, Pushed, Refused

_LOOPBACK: Final = "127.0.0.1"
_LABELS: Final = {
    Audience.STAFF: "oppdiktet ansatt (utvikling)",
    Audience.USER: "oppdiktet bruker (utvikling)",
}
_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def development_provider(
    trust: Trust, public_url: str, users: Sequence[str] = ()
) -> AsyncIterator[Configuration]:
    """Run it, for a hub at `public_url`; the configuration is what a file of real providers would say.

    `users`: names of invented users whom the trust file does not know, because they have yet to arrive.
    """
    doors = Doors(DevelopmentProvider("", {}))
    runner = web.AppRunner(doors.app(), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _LOOPBACK, 0)
        await site.start()
        port = runner.addresses[0][1]
        doors.provider = DevelopmentProvider(
            f"http://{_LOOPBACK}:{port}", {**invented_people(trust), **invented_users(users)}
        )
        key = _client_key()
        providers = {
            p.name: Provider(_LABELS[p.audience], _client(p, doors, public_url, key)) for p in PROFILES.values()
        }
        doors.provider.clients = {p.client.client_id: p.client for p in providers.values()}
        yield Configuration(public_url, "", providers)
    finally:
        await runner.cleanup()


def _client(profile: Profile, doors: "Doors", public_url: str, key: ClientKey) -> Client:
    return Client(
        name=profile.name,
        issuer=doors.provider.issuer,
        client_id=f"development-{profile.name}",
        redirect_uri=f"{public_url}/sign-in/{profile.name}/callback",
        profile=profile,
        key=key,
        levels=profile.levels,
        scopes=profile.scopes,
        after_logout=f"{public_url}/sign-in/signed-out",
    )


def _client_key() -> ClientKey:
    key = ECKey.generate_key("P-256", {"kid": "development-client", "use": "sig"})
    return read_client_key(json.dumps(key.as_dict(private=True)).encode())


class Doors:
    """HTTP around the provider."""

    def __init__(self, provider: DevelopmentProvider) -> None:
        self.provider = provider

    def app(self) -> web.Application:
        """Every route."""
        app = web.Application(middlewares=[self._named])
        app.router.add_get("/.well-known/openid-configuration", self._description)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/par", self._par)
        app.router.add_post("/clients", self._clients)
        app.router.add_post("/token", self._token)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_get("/pick/{person}", self._pick)
        app.router.add_get("/end", self._end)
        app.router.add_get("/page.css", self._style)
        return app

    @web.middleware
    async def _named(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only for who calls it by its own address: a name that leads here, or a proxy, is somebody else's doing."""
        if f"http://{request.host}" != self.provider.issuer:
            raise web.HTTPMisdirectedRequest
        try:
            response = await handler(request)
        except Refused as refused:
            response = web.json_response({"error": refused.code}, status=refused.status)
        response.headers["DPoP-Nonce"] = self.provider.nonce
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    async def _description(self, _: web.Request) -> web.Response:
        return web.json_response(self.provider.description())

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response(self.provider.keys())

    async def _par(self, request: web.Request) -> web.Response:
        answer = self.provider.push(await _form(request), request.headers.get("DPoP"), _now())
        return web.json_response(answer, status=201)

    async def _clients(self, request: web.Request) -> web.Response:
        # No page of others can send this kind of body without asking first, and nobody answers it yes.
        if request.content_type != "application/json":
            raise Refused("invalid_client_metadata")
        return web.json_response(self.provider.register(await request.read()), status=201)

    async def _token(self, request: web.Request) -> web.Response:
        return web.json_response(self.provider.redeem(await _form(request), request.headers.get("DPoP"), _now()))

    async def _authorize(self, request: web.Request) -> web.Response:
        uri, client_id = request.query.get("request_uri", ""), request.query.get("client_id", "")
        return self._page(self.provider.asked(uri, client_id, _now()), uri)

    async def _pick(self, request: web.Request) -> web.Response:
        uri, client_id = request.query.get("request_uri", ""), request.query.get("client_id", "")
        back = self.provider.pick(uri, client_id, request.match_info["person"], _now())
        return web.Response(status=303, headers={"Location": back})

    async def _end(self, request: web.Request) -> web.Response:
        client, notice = self.provider.ended(request.query.get("id_token_hint", ""), _now())
        told = client.redirect_uri.removesuffix("callback") + "ended"
        async with aiohttp.ClientSession() as http, http.post(told, data={"logout_token": notice}) as answer:
            await answer.read()
        return web.Response(status=303, headers={"Location": client.after_logout or "/"})

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(body=_file("page.css").encode(), content_type="text/css", charset="utf-8")

    def _page(self, pushed: Pushed, uri: str) -> web.Response:
        pairs = [("client_id", pushed.client.client_id), ("request_uri", uri)]
        people = "".join(
            f'<li><a class="button" href="{escape(with_query(f"/pick/{person.key}", pairs))}">'
            f"{escape(person.name)}<span>{escape(person.title)}</span></a></li>"
            for person in self.provider.people.values()
            if person.audience is pushed.client.profile.audience
        )
        text = Template(_file("page.html")).substitute(people=people)
        return web.Response(text=text, content_type="text/html", charset="utf-8")


async def _form(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _now() -> int:
    return int(time.time())


def _file(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")
