"""`samsnakk retention due`: what an organisation has kept for long enough. Shows and proposes; deletes nothing."""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from time import time_ns
from typing import Final

from domain.channel.legal_bases import OrganisationKind
from domain.channel.retention import Since
from domain.ids import Millis
from protocol.errors import ProtocolError
from protocol.trust import Trust
from samsnakk import Channel, Client
from samsnakk.archiving import BadArchive, verify_archive
from samsnakk.cli import keeping_texts as t
from samsnakk.cli.archive import read_archive
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import local_time
from samsnakk.errors import SamsnakkError
from samsnakk.retention import BadPlan, Kept, kept_in, propose_due

FAILED: Final = 1
USAGE: Final = 2


class _Stop(Exception):
    """Nothing is proposed; the text says why."""


def run(given: argparse.Namespace) -> int:
    """Returns 0, 1 if it did not go or nothing may be proposed, 2 if there is no such profile, channel or file."""
    try:
        place = find_place(given.person, given.channel, given.data, given.url)
        asyncio.run(_carry_out(place, given))
    except (NoPlace, BadPlan) as error:
        sys.stderr.write(f"samsnakk retention: {error}\n")
        return USAGE
    except BadArchive as error:
        sys.stderr.write(f"{t.NOT_GOOD.format(why=error)}\n")
        return FAILED
    except _Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return FAILED
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{told(error)}\n")
        return FAILED
    return 0


async def _carry_out(place: Place, given: argparse.Namespace) -> None:
    organisation = place.unlocked.identity.organisation
    if organisation is None:
        raise _Stop(t.NO_ORGANISATION)
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up()
        kind = None if given.kind is None else OrganisationKind(given.kind)
        kept = kept_in(channel, organisation, kind, given.plan)
        now = Millis(time_ns() // 1_000_000)
        for line in due_lines(kept, Names(place.unlocked.trust, channel.me, BOKMAL), now, given.channel):
            print(line)
        if given.propose:
            await _propose(channel, kept, now, given.archived, place.unlocked.trust)


def due_lines(kept: Kept, names: Names, now: Millis, channel: str) -> Iterator[str]:
    """What of the organisation's is here, by which rule it is kept, and when its time is over."""
    house = names.organisation(kept.organisation)
    number = sum(len(versions) for _, versions in kept.messages)
    if not number:
        yield t.NONE.format(organisation=house)
        return
    yield t.MINE.format(organisation=house, number=number, date=_day(kept.life.last_entry_at))
    yield from _rule(kept, now)
    if kept.rule is None or kept.rule.years is None or not kept.rule.valid(now):
        return
    if kept.due_at is None:
        yield t.IN_USE.format(more=t.AFTER_DEATH if kept.rule.since is Since.DEATH else "")
    elif now < kept.due_at:
        yield t.NOT_YET.format(date=_day(kept.due_at))
    else:
        if kept.pending:
            yield t.PENDING.format(number=len(kept.pending))
        waiting = sum(len(versions) for _, versions in kept.waiting())
        if waiting:
            yield t.DUE.format(date=_day(kept.due_at), number=waiting, channel=channel)


def _rule(kept: Kept, now: Millis) -> Iterator[str]:
    rule = kept.rule
    if rule is None:
        yield t.NO_KIND
        return
    if rule.years is None:
        yield t.NO_RULE.format(source=rule.source)
    else:
        yield t.RULE.format(years=rule.years, since=t.SINCE[rule.since.value], source=rule.source)
    if rule.confirm is not None:
        yield t.CONFIRM.format(confirm=rule.confirm)
    if not rule.valid(now):
        yield t.NOT_VALID


async def _propose(channel: Channel, kept: Kept, now: Millis, archived: Path | None, trust: Trust) -> None:
    if kept.rule is not None and kept.rule.archive_first and kept.due(now):
        _check_archived(channel, kept, archived, trust)
    why = t.WHY.format(source=kept.rule.source) if kept.rule is not None else None
    for sent in await propose_due(channel, kept, now, why):
        number = sum(len(one.proposal.targets) for one in channel.erasures().proposals if one.ref == sent.version)
        print(t.PROPOSED.format(ref=sent.version, number=number))


def _check_archived(channel: Channel, kept: Kept, archived: Path | None, trust: Trust) -> None:
    """The export verifies, is of this very channel, and holds whole everything that is to go."""
    if archived is None:
        raise _Stop(t.ARCHIVE_FIRST)
    found = verify_archive(read_archive(archived), trust)
    same = found.archive.place.channel == channel.id and channel.head_at(found.version) == found.archive.head
    places = found.held.places
    wanted = [version for _, versions in kept.waiting() for version in versions]
    if not same or not all(version <= len(places) and places[version - 1].body is not None for version in wanted):
        raise _Stop(t.NOT_ARCHIVED)


def _day(at: Millis | None) -> str:
    return "" if at is None else BOKMAL.date(local_time(at))
