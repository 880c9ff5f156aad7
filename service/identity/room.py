"""The side room as one object: what the doors need of it, opened and closed with the hub."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web

from protocol.directory import Directory
from protocol.sign_in.configuration import BadConfiguration, Configuration, read_configuration
from service.handle.hub_acts import now
from service.identity.bindings import Bindings
from service.identity.sessions import Sessions
from service.identity.sign_ins import SignIns
from service.identity.tickets import Tickets
from service.settings import BadSetting
from service.store import EventStore
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


@asynccontextmanager
async def open_identity(
    configuration: Configuration, subject_key: bytes, store: EventStore, directory: Directory
) -> AsyncIterator[Identity]:
    """The side room, for as long as the hub runs."""
    rows = SessionStore(store)
    sessions = Sessions(rows, subject_key)
    # No cookies: two people's sign-ins share nothing.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        sign_ins = SignIns(configuration, rows, sessions, http)
        yield Identity(sign_ins, sessions, Bindings(rows, directory), Tickets(rows, sessions), rows)
