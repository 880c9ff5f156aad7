"""`samsnakk directory`: find whom to contact, and who is on duty now; shown only as its organisation signed it."""

import argparse
import asyncio
import re
import sys
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from domain.ids import EntryId, OrganisationId
from protocol.listings.entries import Entry, Inbox, Organisation, Person, Role
from samsnakk import Client
from samsnakk.cli import directory_import, error_texts
from samsnakk.cli.connected import connected
from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.cli.shown import one_line
from samsnakk.errors import Disconnected, Refused, SamsnakkError
from samsnakk.listings import Listings

FAILED: Final = 1
USAGE: Final = 2
_ID: Final = re.compile(r"([0-9a-f]{32})/([0-9a-f]{32})")
KINDS: Final = {
    "organisation": "virksomhet",
    "unit": "enhet",
    "inbox": "fellesinnboks",
    "role": "rolle",
    "person": "person",
    "hours": "åpningstider",
    "plan": "vaktplan",
}
NOTHING: Final = "Fant ingenting i katalogen."
NO_INBOX: Final = "Fant ingen fellesinnboks som heter det."


def run(given: argparse.Namespace) -> int:
    """Look up; returns 0, 1 if nothing was found or it cannot be believed, 2 if there is no such profile."""
    if given.action in ("import", "renew"):
        return directory_import.run(given)
    try:
        unlocked, url = find_profile(given.person, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk directory: {error}\n")
        return USAGE

    async def look_up(client: Client) -> int:
        return await ACTIONS[given.action](client.listings, " ".join(given.words))

    try:
        return asyncio.run(connected((unlocked, url), look_up))
    except SamsnakkError as error:
        plain = error_texts.told(error) if isinstance(error, Refused | Disconnected) else error
        sys.stderr.write(f"samsnakk directory: {plain}\n")
    return FAILED


async def _search(listings: Listings, text: str) -> int:
    found = await listings.search(text)
    for entry in found.entries:
        _show(row(entry))
    if not found.entries:
        _show([NOTHING])
    return 0 if found.entries else FAILED


async def _details(listings: Listings, text: str) -> int:
    entry = await _one(listings, text)
    _show([NOTHING] if entry is None else [*row(entry), *details(entry)])
    return FAILED if entry is None else 0


async def _duty(listings: Listings, text: str) -> int:
    entry = await _one(listings, text, Inbox)
    if entry is None:
        _show([NO_INBOX])
        return FAILED
    found = await listings.on_duty(entry.organisation, entry.id)
    _show([one_line(entry.name)])
    _show([f"  {one_line(found.text)}"], "bold yellow" if found.warning else "green")
    return 0


ACTIONS: Final = {"search": _search, "show": _details, "duty": _duty}


async def _one(listings: Listings, text: str, kind: type = object) -> Entry | None:
    """The entry of that id, or the best that is found by the text."""
    named = _ID.fullmatch(text)
    if named is not None:
        organisation, entry = (bytes.fromhex(part) for part in named.groups())
        found = await listings.entries(OrganisationId(organisation), {EntryId(entry)})
    else:
        found = (await listings.search(text, 50)).entries
    return next((one for one in found if isinstance(one.facts, kind)), None)


def row(entry: Entry) -> list[str]:
    """An entry as it stands in a list."""
    place = getattr(entry.facts, "place", "")
    where = f", {one_line(place)}" if place else ""
    return [f"{one_line(entry.name)}  ({KINDS[entry.kind]}{where})", f"    {entry.organisation.hex()}/{entry.id.hex()}"]


def details(entry: Entry) -> Iterator[str]:
    """What else the entry says."""
    facts = entry.facts
    others = [one_line(name) for name in facts.names[1:]]
    if others:
        yield f"  Også kalt: {', '.join(others)}"
    if isinstance(facts, Organisation) and facts.number:
        yield f"  Organisasjonsnummer: {facts.number}"
    if isinstance(facts, Person) and facts.title:
        yield f"  Tittel: {one_line(facts.title)}"
    if isinstance(facts, Role):
        yield f"  Funksjon: {facts.function}"
    if getattr(facts, "phone", ""):
        yield f"  Telefon: {getattr(facts, 'phone', '')}"


def _show(lines: list[str] | Iterator[str], style: str = "") -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)
