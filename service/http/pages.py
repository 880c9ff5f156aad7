"""The bare pages of signing in, in bokmål. Markup, style and script come from files; nothing stands inline."""

from base64 import b64encode
from hashlib import sha384
from html import escape
from importlib.resources import files
from string import Template
from typing import Final, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from protocol.sign_in import Audience, ProviderUnavailable
from protocol.sign_in.configuration import Configuration
from protocol.sign_in.texts import NOT_SAID, REASONS
from service.errors import NotFound

_ASSETS: Final = {
    "keyring.js": "text/javascript",
    "keyring-opening.js": "text/javascript",
    "passkey.css": "text/css",
    "passkey.js": "text/javascript",
    "page.css": "text/css",
    "page.js": "text/javascript",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_PROGRAMS: Final = "form-action http://127.0.0.1:*"
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",  # addresses of returns carry codes
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_FOR: Final = {Audience.STAFF: "Ansatte", Audience.USER: "Brukere og pårørende"}
_R = TypeVar("_R", bound=web.StreamResponse)


def guarded(response: _R) -> _R:
    """The same with the headers that every page and redirect here has."""
    response.headers.update(_HEADERS)
    return response


def framed_by(issuer: str, response: _R) -> _R:
    """The same for a page that stands in a frame of the provider's."""
    guarded(response)
    parts = urlsplit(issuer)
    policy = f"default-src 'none'; frame-ancestors {parts.scheme}://{parts.netloc}"
    response.headers["Content-Security-Policy"] = policy
    return response


def asset(name: str) -> web.Response:
    """Style or script. Raises `NotFound`."""
    if name not in _ASSETS:
        raise NotFound
    return guarded(web.Response(body=_file(name).encode(), content_type=_ASSETS[name], charset="utf-8"))


def home(configuration: Configuration) -> web.Response:
    """Sign in, or who is signed in: the script asks and shows one of the two."""
    groups = []
    for audience, heading in _FOR.items():
        links = [
            f'<li><a class="button" href="/sign-in/{escape(name)}/start">Logg inn med {escape(provider.label)}</a></li>'
            for name, provider in configuration.providers.items()
            if provider.client.profile.audience is audience
        ]
        if links:
            groups.append(f"<h2>{heading}</h2><ul>{''.join(links)}</ul>")
    return _page("home.html", "Logg inn", providers="".join(groups))


def refused(why: str) -> web.Response:
    """What went wrong, and what to do."""
    reason = REASONS.get(why, NOT_SAID)
    status = 503 if why == ProviderUnavailable.code else 401
    return _page("refused.html", "Du er ikke logget inn", status=status, reason=escape(reason), code=escape(why))


def signed_out() -> web.Response:
    """Signed out."""
    return _page("signed-out.html", "Du er logget ut")


def program() -> web.Response:
    """Ask whether a program on this machine may have a session."""
    return _page("program.html", "Logg inn i et program")


def passkey() -> web.Response:
    """Register a passkey, sign in with one, see and remove them."""
    parts = {name: _integrity(f"passkey.{name}") for name in ("js", "css")}
    text = Template(_file("passkey.html")).substitute(parts)
    return guarded(web.Response(text=text, content_type="text/html", charset="utf-8"))


def keyring() -> web.Response:
    """Open the own keyring with a passkey, alone or for a program that waits at a port of the browser's machine."""
    parts = {"page": "keyring.js", "opening": "keyring-opening.js", "css": "passkey.css"}
    text = Template(_file("keyring.html")).substitute({name: _integrity(file) for name, file in parts.items()})
    response = guarded(web.Response(text=text, content_type="text/html", charset="utf-8"))
    # What the page hands to the program goes as a form: not into the address, so not into the browser's history.
    response.headers["Content-Security-Policy"] = _POLICY.replace("form-action 'none'", _PROGRAMS)
    return response


def _integrity(name: str) -> str:
    return "sha384-" + b64encode(sha384(_file(name).encode()).digest()).decode()


def _page(name: str, title: str, status: int = 200, **parts: str) -> web.Response:
    body = Template(_file(name)).substitute(parts)
    text = Template(_file("frame.html")).substitute(title=title, body=body)
    return guarded(web.Response(text=text, content_type="text/html", charset="utf-8", status=status))


def _file(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text("utf-8")
