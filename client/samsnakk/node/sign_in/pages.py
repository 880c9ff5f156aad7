"""The node's pages, in bokmål, without any script. Markup and style come from files; nothing stands inline."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final, TypeVar

from aiohttp import web

from protocol.sign_in.calls import with_query
from protocol.sign_in.configuration import Configuration
from protocol.sign_in.texts import NOT_SAID, REASONS
from samsnakk.node.sign_in.sign_ins import Asked

_POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "
_HEADERS: Final = {
    # Not `no-referrer`: browsers would say no origin either when the person answers.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_OF_THE_NODE: Final = {
    "no_organisation_number": "Innloggingen sier ikke hvilken virksomhet du logget inn for. Velg virksomheten din når "
    "du logger inn, eller spør den som har ansvar for noden.",
    "another_organisation_number": "Du logget inn for en annen virksomhet enn den denne noden hører til. Velg riktig "
    "virksomhet når du logger inn, eller bruk adressen til noden i din egen virksomhet.",
    "not_registered": "Du står ikke i personallisten her. Gi koden under til den som fører listen, og prøv igjen når "
    "du er ført opp.",
    "another_hpr_number": "HPR-nummeret i innloggingen er et annet enn det som står i personallisten. Be den som fører "
    "listen om å rette det.",
    "register_unusable": "Noden kan ikke lese personallisten akkurat nå. Si fra til den som har ansvar for noden.",
    "no_login_here": "Her kan ingen logge inn ennå. Si fra til den som har ansvar for noden.",
    "bad_link": "Lenken fra programmet er ikke hel. Start på nytt i programmet.",
    "cross_site": "Svaret kom fra en annen side enn vår. Start på nytt i programmet.",
}
_R = TypeVar("_R", bound=web.StreamResponse)


def guarded(response: _R, form_action: str = "'none'") -> _R:
    """The same with the headers that every page and redirect here has."""
    response.headers.update({**_HEADERS, "Content-Security-Policy": _POLICY + form_action})
    return response


def style() -> web.Response:
    """The style."""
    return guarded(web.Response(text=_file("page.css"), content_type="text/css", charset="utf-8"))


def program(configuration: Configuration, asked: Asked) -> web.Response:
    """With which provider to sign in."""
    query = [("challenge", asked.challenge.hex()), ("port", str(asked.port))]
    links = "".join(
        f'<li><a class="button" href="{escape(with_query(f"/sign-in/{name}/start", query))}">'
        f"Logg inn med {escape(provider.label)}</a></li>"
        for name, provider in configuration.providers.items()
    )
    return _page("program.html", "Meld inn denne maskinen", links=links)


def confirm(asked: Asked, organisation: str) -> web.Response:
    """Ask whether the program shows the same code. The answer may lead to the program's port and nowhere else."""
    page = _page("confirm.html", "Er koden lik?", organisation=escape(organisation), code=escape(asked.code))
    return guarded(page, f"'self' http://127.0.0.1:{asked.port}")


def refused(code: str, status: int, show: str = "") -> web.Response:
    """What went wrong, and what to do; `show`: what to hand to whoever keeps the register."""
    reason = _OF_THE_NODE.get(code, REASONS.get(code, NOT_SAID))
    shown = f'<p class="code"><output>{escape(show)}</output></p>' if show else ""
    return _page("refused.html", "Det gikk ikke", status, reason=escape(reason), code=escape(code), show=shown)


def _page(name: str, title: str, status: int = 200, **parts: str) -> web.Response:
    body = Template(_file(name)).substitute(parts)
    text = Template(_file("frame.html")).substitute(title=title, body=body)
    return guarded(web.Response(text=text, content_type="text/html", charset="utf-8", status=status))


def _file(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text("utf-8")
