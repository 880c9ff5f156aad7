"""`/velkommen`: the page behind an invitation's link. It shows who invites; the secret stays behind the #."""

from importlib.resources import files

from aiohttp import web

from service.errors import NotFound

_TYPES = {"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


async def get_page(_: web.Request) -> web.Response:
    """The page."""
    return _file("index.html")


async def get_part(request: web.Request) -> web.Response:
    """Its script or style.

    Raises:
        NotFound: no such part.

    """
    return _file(request.match_info["part"])


def _file(name: str) -> web.Response:
    if name not in _TYPES:
        raise NotFound
    text = (files("service.http") / "velkommen" / name).read_text("utf-8")
    return web.Response(text=text, content_type=_TYPES[name], charset="utf-8", headers=HEADERS)
