"""`samsnakk safety CHANNEL`: the code that inviter and user compare when they meet."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from protocol.errors import ProtocolError
from samsnakk import Client
from samsnakk.cli import arrival_texts as t
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.errors import SamsnakkError


def run(given: argparse.Namespace) -> int:
    """Returns 0 with a code, 1 without, 2 if there is no such profile or channel."""
    try:
        place = find_place(given.person, given.channel, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk safety: {error}\n")
        return 2
    try:
        return asyncio.run(_safety(place, compared=given.compared))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{t.told(error)}\n")
        return 1


async def _safety(place: Place, *, compared: bool) -> int:
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up()
        arrivals = client.arrivals(channel)
        found = await (arrivals.compared() if compared else arrivals.safety())
    if found is None:
        print(t.NO_CODE)
        return 1
    print(t.SAFETY.format(code=found.code))
    if not found.took_part:
        print(t.ONLY_RECORDED)
    if found.compared_at is None:
        print(t.COMPARE)
    else:
        print(t.COMPARED.format(when=f"{datetime.fromtimestamp(found.compared_at / 1000, UTC).astimezone():%d.%m.%Y}"))
    return 0
