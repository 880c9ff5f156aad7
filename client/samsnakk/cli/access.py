"""`samsnakk access`: who has read what, in plain words, from the access log held against the record."""

import argparse
import asyncio
import json
import sys
from typing import Final

from domain.channel.terms import KindClass
from domain.ids import Millis, Version
from protocol.errors import ProtocolError
from protocol.trust import decode_trust
from samsnakk import Client
from samsnakk.channel import Channel
from samsnakk.cli.connected import connected
from samsnakk.cli.days import day_named
from samsnakk.cli.error_texts import Unclear
from samsnakk.cli.known_names import Known
from samsnakk.cli.people import Threads
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.rendering import LANGUAGES, deliver, verify_endings
from samsnakk.cli.texts import BOKMAL
from samsnakk.errors import SamsnakkError
from samsnakk.report.building import Question, access_report
from samsnakk.report.named import Named
from samsnakk.report.proof import BadProof, check_proof, make_proof
from samsnakk.who_read import WhoRead

FAILED: Final = 1
USAGE: Final = 2
_CHECKED: Final = (
    "✓ {number} linjer kontrollert uten hub: kjeden, hubens signatur, og leserens egen signatur i {proven} av dem.\n"
    "  Innsynsloggens hode: {head}\n"
)


def run(given: argparse.Namespace) -> int:
    """Answer; returns 0, 1 if the log cannot be had or trusted or is not whole, 2 if what is named is not there."""
    try:
        if given.check is not None:
            return _check(given)
        verify_endings(given.out)
        place, question = _asked(given)
        return asyncio.run(_answer(place, question, given))
    except (NoPlace, Unclear, OSError) as error:
        sys.stderr.write(f"samsnakk access: {error}\n")
        return USAGE
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"samsnakk access: {error}\n")
        return FAILED


def _asked(given: argparse.Namespace) -> tuple[Place, Question]:
    if given.channel is None or given.person is None:
        raise NoPlace("name a channel and, with --as, who you are; or --check a file")
    place = find_place(given.person, given.channel, given.data, given.url, given.inbox)
    known = Known(place.unlocked.trust)
    return place, Question(
        messages=tuple(Version(number) for number in given.message),
        day=None if given.day is None else day_named(given.day),
        person=None if given.who is None else known.person(given.who).id,
        organisation=None if given.organisation is None else known.organisation(given.organisation).id,
    )


async def _answer(place: Place, question: Question, given: argparse.Namespace) -> int:
    read, named, now = await who_read_at(place, given.language)
    _verify_messages(read, question.messages)
    deliver(access_report(read, question, place.name, now, named), given, make_proof(read))
    return FAILED if read.unlogged else 0


def _verify_messages(read: WhoRead, messages: tuple[Version, ...]) -> None:
    found = {place.version for place in read.history.of_class(KindClass.CONTENT, Version(1), read.history.version)}
    for number in messages:
        if number not in found:
            raise NoPlace(f"--message {number}: nothing that was written has that number; see samsnakk timeline")


async def who_read_at(place: Place, language: str) -> tuple[WhoRead, Named, Millis]:
    """Who has read what in the channel, what everything there is called, and when it was asked."""

    async def work(client: Client) -> tuple[WhoRead, Named, Millis]:
        channel = await client.channel(place.channel, role=place.inbox, purpose=place.purpose)
        await channel.caught_up(600.0)
        read, titles = await channel.who_read(), await titles_of(channel)
        return read, Named(client.trust, LANGUAGES[language], channel.me, titles), client.now()

    return await connected((place.unlocked, place.url), work)


async def titles_of(channel: Channel) -> dict[int, str]:
    """The titles of the threads, as far as this reader reads them."""
    threads = Threads(BOKMAL)
    async for event in channel.events(follow=False):
        threads.learn(event)
    return threads.titles


def _check(given: argparse.Namespace) -> int:
    if given.trust is None:
        raise NoPlace("--trust is missing: the trust file, from another place than the log")
    trust = decode_trust(given.trust.read_bytes())
    try:
        whole = json.loads(given.check.read_text(encoding="utf-8"))
    except ValueError:
        raise BadProof("it is no JSON") from None
    log = check_proof(whole.get("proof") if isinstance(whole, dict) else None, trust)
    proven = sum(1 for line in log.lines if line.request is not None)
    sys.stdout.write(_CHECKED.format(number=len(log.lines), proven=proven, head=log.head.hex()))
    return 0
