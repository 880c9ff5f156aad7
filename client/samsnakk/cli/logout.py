"""`samsnakk logout`: end this profile's session, at the hub first, then here."""

import argparse
import asyncio
import sys

import msgspec

from samsnakk.cli.login import FAILED, SESSION, USAGE, Kept
from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.errors import SamsnakkError
from samsnakk.logging_in import end


def run(given: argparse.Namespace) -> int:
    """Sign out; returns 0, 1 if the hub could not be told, 2 if there is no such profile."""
    try:
        unlocked, _ = find_profile(given.person, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk logout: {error}\n")
        return USAGE
    file = unlocked.folder / SESSION
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=Kept)
        asyncio.run(end(kept.url, kept.token))
    except FileNotFoundError:
        print("Du var ikke logget inn.")
        return 0
    except (SamsnakkError, msgspec.MsgspecError) as error:
        sys.stderr.write(f"samsnakk logout: {error}\n")
        return FAILED
    file.unlink()
    print("Du er logget ut.")
    return 0
