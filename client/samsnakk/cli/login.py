"""`samsnakk login`: sign this profile in, through the browser."""

import argparse
import asyncio
import sys
import webbrowser
from typing import Final

import msgspec

from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.clock import HubClock
from samsnakk.errors import SamsnakkError
from samsnakk.logging_in import BrowserLogin, NativeSession, bind
from samsnakk.private_files import write_private
from samsnakk.profile import Unlocked

FAILED: Final = 1
USAGE: Final = 2
SESSION: Final = "session.json"
"""The session's token, in the profile's folder, readable by its owner only."""
_PATIENCE: Final = 10 * 60.0


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a session."""

    url: str
    token: str


def run(given: argparse.Namespace) -> int:
    """Sign in; returns 0, 1 if it did not work, 2 if there is no such profile."""
    try:
        unlocked, url = find_profile(given.person, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk login: {error}\n")
        return USAGE
    try:
        session = asyncio.run(_signed_in(unlocked, url, opening=not given.no_browser))
    except SamsnakkError as error:
        sys.stderr.write(f"samsnakk login: {error}\n")
        return FAILED
    write_private(unlocked.folder / SESSION, msgspec.json.encode(Kept(session.url, session.token)))
    print("Du er logget inn.")
    return 0


async def _signed_in(unlocked: Unlocked, url: str, *, opening: bool) -> NativeSession:
    async with BrowserLogin(url) as login:
        print(f"Logg inn i nettleseren på denne maskinen:\n\n  {login.address}\n")
        print(f"Siden skal vise koden {login.code}. Viser den en annen, så svar nei.", flush=True)
        if opening:
            await asyncio.to_thread(webbrowser.open, login.address)
        session = await login.outcome(_PATIENCE)
        await bind(session, unlocked, HubClock().now())
    return session
