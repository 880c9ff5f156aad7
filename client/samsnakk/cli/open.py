"""`samsnakk open`: begin a channel, answering for a care relation."""

import argparse
import asyncio
import sys

from domain.channel.terms import Standing
from protocol.errors import ProtocolError
from samsnakk import Claim, Client, Terms
from samsnakk.cli import rights_texts as t
from samsnakk.cli.error_texts import told
from samsnakk.cli.known_names import end_in
from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.errors import Refused, SamsnakkError
from samsnakk.profile import Unlocked


def run(given: argparse.Namespace) -> int:
    """Returns 0 with the channel's id on standard output, 1 if it did not go, 2 without such a profile."""
    try:
        unlocked, url = find_profile(given.person, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk open: {error}\n")
        return 2
    try:
        asyncio.run(_open(unlocked, url, given))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{told(error)}\n")
        return 1
    return 0


async def _open(unlocked: Unlocked, url: str, given: argparse.Namespace) -> None:
    identity = unlocked.identity
    if identity.organisation is None:
        raise Refused("not_permitted")
    async with Client(unlocked, url) as client:
        until = end_in([given.until], client.now()) if given.until else None
        basis = t.BASES[given.basis]
        terms = Terms(identity.person, Standing.STAFF, identity.organisation, given.function, basis, until)
        kind = await client.listings.organisation_kind(identity.organisation)
        claim = Claim(t.RELATION_WORDS[given.relation], given.reference, kind)
        channel = await client.open_channel(terms, title=given.title, claim=claim)
        sys.stdout.write(f"{channel.id.hex()}\n")
        sys.stderr.write(t.OPENED_CHANNEL.format(relation=t.RELATIONS[claim.relation], person=given.person))
