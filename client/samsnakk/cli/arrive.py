"""`samsnakk arrive LINK`: see who invites, say yes, write the first message."""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from crypto.random import random_bytes
from protocol.arrival.link import parse_link
from protocol.contents import Text
from protocol.errors import ProtocolError
from samsnakk import Client
from samsnakk.arrival import arriving
from samsnakk.arrival.arriving import Arriving, Welcome
from samsnakk.cli import arrival_texts as t
from samsnakk.cli.places import unlock_folder
from samsnakk.cli.shown import one_line
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.errors import SamsnakkError
from samsnakk.private_files import write_private
from samsnakk.profile import PROFILE


def run(given: argparse.Namespace) -> int:
    """Returns 0 once the user is in, or has said no; 1 if it did not go."""
    try:
        return asyncio.run(_arrive(given))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{t.told(error)}\n")
        return 1


async def _arrive(given: argparse.Namespace) -> int:
    folder: Path = given.data.absolute()
    if (folder / PROFILE).exists():
        arrival = await arriving.take_up(unlock_folder(folder))
        if arrival.link != parse_link(given.link)[1]:
            sys.stderr.write(f"{t.ANOTHER}\n")
            return 1
        await arrival.answer()
    else:
        welcome = await arriving.look(given.link)
        _show(welcome)
        if not given.yes and not (await asyncio.to_thread(input, t.ASK)).strip().casefold().startswith("j"):
            print(t.NO)
            return 0
        arrival = await _begin(folder, welcome, demo=given.demo)
    await _enter(arrival, folder, given.message)
    return 0


async def _begin(folder: Path, welcome: Welcome, *, demo: bool) -> Arriving:
    if not demo:
        passphrase = await asyncio.to_thread(getpass.getpass, t.CHOOSE) if sys.stdin.isatty() else ""
        return await arriving.begin(folder, welcome, passphrase=passphrase or None)
    key = random_bytes(32)
    try:
        return await arriving.begin(folder, welcome, key=key)
    finally:
        _put_key_beside(folder, key)


def _put_key_beside(folder: Path, key: bytes) -> None:
    if folder.exists():
        write_private(folder / UNLOCK_FILE, key)


async def _enter(arrival: Arriving, folder: Path, message: str | None) -> None:
    inviter = one_line(arrival.unlocked.trust.name_of(arrival.inviter))
    print(t.WAITING.format(inviter=inviter), flush=True)
    await arrival.confirmed()
    async with Client(arrival.unlocked, arrival.hub) as client:
        channel = await arrival.enter(client)
        print(t.IN.format(code=arrival.safety_code, inviter=inviter), flush=True)
        text = message
        if message is None and sys.stdin.isatty():
            text = await asyncio.to_thread(input, t.FIRST)
        if text:
            await channel.post(0, Text(text))
            print(t.SENT.format(folder=folder))


def _show(welcome: Welcome) -> None:
    opening, trust = welcome.invited.opening, welcome.invited.trust
    name = f", {one_line(opening.name)}" if opening.name else ""
    print(t.WELCOME.format(name=name, inviter=one_line(trust.name_of(welcome.invited.card.inviter))))
    print(t.TEAM)
    for member in opening.team:
        house = [o.name for o in trust.organisations if o.id == member.organisation]
        mark = " (tillitspersonen din)" if member.is_tillitsperson else ""
        print(f"  {one_line(trust.name_of(member.principal))}, {one_line(house[0]) if house else 'pårørende'}{mark}")
    titles = f" ({', '.join(map(one_line, opening.threads))})" if opening.threads else ""
    print(t.SEES.format(titles=titles))
    if opening.staff_only:
        print(t.STAFF_ONLY.format(number=opening.staff_only))
    sys.stdout.flush()
