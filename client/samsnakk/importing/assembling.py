"""From a file's bytes to the entries of a listing: all of it in order, or everything that is wrong told at once."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from domain.ids import EntryId, OrganisationId, PrincipalId
from protocol.listings.entries import MAX_ENTRY, Entry, Inbox, Organisation, Person, encode_entry
from protocol.listings.errors import MalformedListing
from samsnakk.importing.drafts import Draft, Drafts, LeftOut
from samsnakk.importing.problems import Problems, Where
from samsnakk.importing.resources import read_mcsd
from samsnakk.importing.rows import read_csv

MAX_FILE: Final = 64 * 1024 * 1024
"""Bytes of a file that is taken over."""
_OF_JSON: Final = (b"{", b"[")


@dataclass(frozen=True, slots=True)
class Ours:
    """Whose listing it is. `number`: as the trust file pins it, empty where it does not.

    `principals`: of people and inboxes, by the file's codes, where the file itself does not say.
    """

    organisation: OrganisationId
    number: str
    principals: Mapping[str, PrincipalId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file says, in order. `left_out`: what the directory has no place for."""

    entries: Mapping[EntryId, bytes] = field(repr=False)
    left_out: tuple[LeftOut, ...]


def read_listing(data: bytes, file: str, ours: Ours) -> Imported:
    """Everything that the file says.

    Raises:
        ImportRefused: something is wrong; all of it is told.

    """
    drafts = Drafts(ours.organisation, Problems())
    problems = drafts.problems
    if len(data) > MAX_FILE:
        what = f"filen er på {len(data)} byte"
        problems.add(Where(file), what, f"Den kan være på {MAX_FILE} byte eller mindre.")
        problems.raise_any()
    (read_mcsd if data.removeprefix(BOM_UTF8).lstrip()[:1] in _OF_JSON else read_csv)(data, file, drafts)
    if not problems.count or drafts.declared:
        _verify_whole(drafts, Where(file), ours)
    problems.raise_any()
    entries = {}
    for draft in drafts.found:
        entry = Entry(ours.organisation, drafts.id(draft.code), _known(draft, ours).facts)
        try:
            entries[entry.id] = encode_entry(entry)
        except MalformedListing:
            instead = "Del den, eller ta med mindre."
            problems.add(draft.where, f"oppføringen blir større enn {MAX_ENTRY} byte", instead)
    problems.raise_any()
    return Imported(entries, drafts.left_out())


def _verify_whole(drafts: Drafts, where: Where, ours: Ours) -> None:
    """Check what no single thing shows: one organisation, the right one, no number twice, every pointer's end."""
    problems = drafts.problems
    tops = [place for kind, place in drafts.declared.values() if kind == "organisation"]
    if not tops:
        problems.add(where, "filen sier ikke hvilken virksomhet den gjelder", "Ta med virksomheten selv.")
    for place in tops[1:]:
        problems.add(place, "filen har flere virksomheter", "Lag én fil for hver virksomhet.")
    numbers: dict[str, str] = {}
    for draft in drafts.found:
        facts = draft.facts
        if isinstance(facts, Organisation) and ours.number and facts.number != ours.number:
            what = "organisasjonsnummeret er ikke deres eget"
            problems.add(draft.where, what, "Skriv det som står i tillitsfilen (trust.json).")
        if isinstance(facts, Person) and facts.number:
            if facts.number in numbers:
                what = "samme HPR-nummer står på to personer"
                problems.add(draft.where, what, "La hver person stå én gang, og gi den flere roller.")
            numbers[facts.number] = draft.code
    _verify_principals(drafts)
    drafts.verify_pointers()


def _verify_principals(drafts: Drafts) -> None:
    seen: set[PrincipalId] = set()
    for draft in drafts.found:
        key = draft.facts.principal if isinstance(draft.facts, Person | Inbox) else None
        if key is not None and key in seen:
            drafts.problems.add(draft.where, "samme nøkkel-id står på to", "Skriv hver nøkkel-id én gang.")
        if key is not None:
            seen.add(key)


def _known(draft: Draft, ours: Ours) -> Draft:
    """The draft with the principal that somebody else knows, where the file does not say."""
    facts, key = draft.facts, ours.principals.get(draft.code)
    if isinstance(facts, Person | Inbox) and facts.principal is None and key is not None:
        return replace(draft, facts=msgspec.structs.replace(facts, principal=key))
    return draft
