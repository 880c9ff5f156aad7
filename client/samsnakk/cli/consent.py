"""`samsnakk consent`: the user's consents, outside the conversation: show, give, limit, withdraw."""

import argparse
import asyncio
import sys
from time import time_ns

from domain.ids import Millis
from protocol.errors import ProtocolError
from samsnakk import Client
from samsnakk.cli import rights_commands as r
from samsnakk.cli.deciding import Deciding
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.texts import BOKMAL
from samsnakk.errors import SamsnakkError


def run(given: argparse.Namespace) -> int:
    """Returns 0, 1 if it did not go, 2 if there is no such profile or channel, or nothing to do it with."""
    command = _command(given.action, " ".join(given.words))
    if command is None:
        sys.stderr.write(f"samsnakk consent: {given.action} needs the name of an organisation, show nothing\n")
        return 2
    try:
        place = find_place(given.person, given.channel, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk consent: {error}\n")
        return 2
    try:
        asyncio.run(_carry_out(place, command, given.thread))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{told(error)}\n")
        return 1
    return 0


def _command(action: str, words: str) -> r.RightsCommand | None:
    if action == "show":
        return None if words else r.ShowConsents()
    if not words:
        return None
    match action:
        case "give":
            return r.GiveConsent(words)
        case "limit":
            return r.LimitConsent(words)
        case _:
            return r.WithdrawConsent(words)


async def _carry_out(place: Place, command: r.RightsCommand, thread: int) -> None:
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up()
        threads = Threads(BOKMAL)
        async for event in channel.events(follow=False):
            threads.learn(event)
        names = Names(place.unlocked.trust, channel.me, BOKMAL)
        await Deciding(channel, names, threads, print).do(command, thread, Millis(time_ns() // 1_000_000))
