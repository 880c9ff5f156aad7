"""`samsnakk invite user`: show the code, wait for the answer, check it, let the user in."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from typing import Final

from domain.channel.terms import UndoReason
from protocol.errors import ProtocolError
from samsnakk import Client
from samsnakk.arrival import qr
from samsnakk.arrival.inviting import Inviting
from samsnakk.channel import Channel
from samsnakk.cli import arrival_texts as t
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.errors import SamsnakkError

DAY: Final = 24 * 60 * 60 * 1000


def run(given: argparse.Namespace) -> int:
    """Returns 0 once the user is in (or the invitation is cancelled), 1 if it did not go, 2 without such a profile."""
    try:
        place = find_place(given.person, given.channel, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk invite: {error}\n")
        return 2
    try:
        return asyncio.run(_invite(place, given))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{t.told(error)}\n")
        return 1


async def _invite(place: Place, given: argparse.Namespace) -> int:
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up()
        if given.undo is not None:
            await _undo(channel, UndoReason(given.undo), given)
            return 0
        arrivals = client.arrivals(channel)
        out = await arrivals.going_on()
        if given.cancel:
            if out is not None:
                await out.cancel()
            return 0
        if out is None or given.new:
            out = await arrivals.invite(given.name, valid_for=given.days * DAY)
        elif channel.state.user is None:
            await out.offer()
        _show(place, channel, out, given)
        await out.answered()
        print(t.ADMITTED.format(code=(await out.admit()).safety_code))
    return 0


async def _undo(channel: Channel, reason: UndoReason, given: argparse.Namespace) -> None:
    user = channel.state.user
    await channel.undo_arrival(reason)
    if user is None or channel.state.user is not None:
        print(t.UNDO_SAID)
        return
    print(t.UNDONE)
    for readable in channel.was_readable(user.principal):
        ranges = ", ".join(f"nr. {span.start}–{span.until}" for span in readable.ranges)
        print(t.READABLE.format(thread=readable.thread, ranges=ranges))
    done = channel.done_by(user.principal)
    if done:
        print(t.DONE_AS.format(versions=", ".join(f"nr. {version}" for version in done)))
    print(t.UNDONE_NEXT.format(channel=given.channel, person=given.person))


def _show(place: Place, channel: Channel, out: Inviting, given: argparse.Namespace) -> None:
    link = out.link_at(place.url)
    end = f"{datetime.fromtimestamp(out.card.expires_at / 1000, UTC).astimezone():%d.%m.%Y kl. %H:%M}"
    if given.sheet is not None:
        inviter = place.unlocked.trust.name_of(channel.me)
        qr.write_picture(link, given.sheet, inviter=inviter, name=out.name, end=end)
    print(qr.on_terminal(link))
    print(t.INVITE.format(end=end, link=link), flush=True)
