"""The side room as one object: what the doors need of it, opened and closed with the hub."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from protocol.directory import Directory
from protocol.sign_in.configuration import BadConfiguration, Configuration, read_configuration
from service.handle.hub_acts import now
from service.identity.bindings import Bindings
from service.identity.passkeys import Passkeys, Site
from service.identity.sessions import Sessions
from service.identity.sign_ins import SignIns
from service.identity.tickets import Tickets
from service.settings import BadSetting
from service.store import EventStore
from service.store.passkeys import PasskeyStore
from service.store.sessions import SessionStore

_SUBJECT_KEY: Final = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Sign-ins, sessions, bindings and tickets of one hub."""

    sign_ins: SignIns
    sessions: Sessions
    bindings: Bindings
    tickets: Tickets
    store: SessionStore
    passkeys: Passkeys | None = None
    """None where the address of our pages is no name that passkeys can be made for."""

    @property
    def configuration(self) -> Configuration:
        """The providers and the address of our own pages."""
        return self.sign_ins.configuration

    @property
    def origin(self) -> str:
        """The origin of the hub's own pages."""
        return self.sign_ins.configuration.public_url

    async def sweep(self) -> None:
        """Delete what has ended. Raises StoreError."""
        await self.store.sweep(now())


IDENTITY: Final[web.AppKey[Identity]] = web.AppKey("identity", Identity)
"""Where the doors find it; not set where no provider is configured."""


def read_sign_in_file(path: Path) -> tuple[Configuration, bytes]:
    """The configuration and the key that subjects are hashed under; files it names are relative to its own folder.

    Raises:
        BadSetting: it cannot be used; the text names the line.

    """
    try:
        found = read_configuration(path.read_text("utf-8"), lambda name: (path.parent / name).read_bytes())
        key_file = path.parent / found.subject_key_file
        key = key_file.read_bytes()
    except BadConfiguration as error:
        raise BadSetting(f"SAMSNAKK_SIGN_IN_FILE: {path}: {error}") from None
    except OSError as error:
        raise BadSetting(f"SAMSNAKK_SIGN_IN_FILE: {error.filename}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSetting(f"SAMSNAKK_SIGN_IN_FILE: {path}: line 1: not UTF-8") from None
    if len(key) != _SUBJECT_KEY:
        raise BadSetting(f"SAMSNAKK_SIGN_IN_FILE: {key_file}: 32 bytes expected")
    return found, key


def passkey_site(public_url: str, domain: str | None) -> Site | None:
    """What passkeys are made for: the host of our pages, or the domain above it that a setting names.

    Raises:
        BadSetting: that domain is not above the host, or passkeys cannot be had there.

    """
    address = urlsplit(public_url)
    host = address.hostname or ""
    # Browsers make passkeys over https only, or on this very machine, and for names only, not numbers.
    possible = not host.replace(".", "").isdigit() and ":" not in host
    possible = possible and (address.scheme == "https" or host == "localhost")
    if domain is None:
        return Site(host, public_url) if possible else None
    above = host == domain or (host.endswith(f".{domain}") and "." in domain)
    if not possible or not above:
        raise BadSetting("SAMSNAKK_PASSKEY_DOMAIN: the host of public_url, or a domain above it, expected")
    return Site(domain, public_url)


@asynccontextmanager
async def open_identity(
    configuration: Configuration, subject_key: bytes, store: EventStore, directory: Directory, site: Site | None
) -> AsyncIterator[Identity]:
    """The side room, for as long as the hub runs."""
    rows = SessionStore(store)
    sessions = Sessions(rows, subject_key, directory.has_left)
    # No cookies: two people's sign-ins share nothing.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        sign_ins = SignIns(configuration, rows, sessions, http)
        passkeys = None if site is None else Passkeys(site, PasskeyStore(store), sessions, subject_key)
        yield Identity(sign_ins, sessions, Bindings(rows, directory), Tickets(rows, sessions), rows, passkeys)
