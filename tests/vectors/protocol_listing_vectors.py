"""Vectors of listings: entries, signed answers with their proofs, and everything a hub could do to them."""

from dataclasses import replace
from typing import Any

from crypto import cbor
from domain.ids import Millis
from protocol.listings.answers import Found, encode_found
from protocol.listings.entries import Unit
from protocol.listings.heads import SignedHead, encode_signed_head
from protocol.listings.making import next_version
from tests.protocol.listings.small_listing import (
    DAY,
    DEPLOYMENT,
    NOW,
    OTHER_ROOT,
    OTHERS,
    OURS,
    ROOTS,
    WEEK,
    an_id,
    entry,
    facts,
    listing,
    served,
    signed,
)
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, finished


def _answer(name: str, found: Found, pinned: SignedHead | None = None, at: int = NOW) -> Case:
    return {
        "name": name,
        "deployment": DEPLOYMENT.hex(),
        "roots": {who.hex(): root.hex() for who, root in ROOTS.items()},
        "pinned": encode_signed_head(pinned).hex() if pinned is not None else None,
        "at": at,
        "found": encode_found(found).hex(),
    }


def _entry(name: str, where: str, key: str, value: Any) -> Case:
    plain: Any = cbor.decode(entry(where), max_size=1 << 16)
    plain[4][key] = value
    return {"name": name, "entry": cbor.encode(plain).hex()}


def _answers() -> list[Case]:
    first = signed(listing())
    renamed = listing(unit=Unit(("Akuttmottaket",), "Nordvik", an_id("top"), None, ""))
    second = signed(renamed, first)
    honest = served(listing(), first, "anna", "unit")
    hit = honest.hits[0]
    foreign = {an_id("desk"): entry("desk", organisation=OTHERS)}
    by_others = next_version((DEPLOYMENT, OURS), listing(), None, WEEK, OTHER_ROOT)
    twin = signed(listing(), validity=replace(WEEK, issued_at=Millis(NOW - 1)))
    return [
        _answer("an honest answer", honest),
        _answer("an honest answer of a newer version than pinned", served(renamed, second, "unit"), first),
        _answer("nothing found", Found((), (), more=False)),
        _answer("a changed entry", replace(honest, hits=(replace(hit, entry=entry("desk")),))),
        _answer("a proof for another place", replace(honest, hits=(replace(hit, index=hit.index ^ 1),))),
        _answer("a proof cut short", replace(honest, hits=(replace(hit, proof=hit.proof[:-1]),))),
        _answer("a proof that is too long", replace(honest, hits=(replace(hit, proof=(*hit.proof, hit.proof[0])),))),
        _answer("an old entry under the new head", served(listing(), second, "unit")),
        _answer("an older version than pinned", honest, second),
        _answer("another version of the same number than pinned", served(listing(), twin, "anna"), first),
        _answer("a next version that does not follow the pinned one", served(listing(), second, "anna"), twin),
        _answer("two heads of one organisation", Found((first, first), (), more=False)),
        _answer("an entry of another organisation", served(foreign, signed(foreign), "desk")),
        _answer("signed by another organisation", served(listing(), by_others, "anna")),
        _answer("a validity that is over", honest, at=NOW + 7 * DAY),
        _answer("the last moment of its validity", honest, at=NOW + 7 * DAY - 1),
    ]


def listings(_standing: Standing) -> list[Case]:
    good = [{"name": f"an entry: {name}", "entry": entry(name).hex()} for name in facts()]
    bad = [
        _entry("no name", "anna", "names", []),
        _entry("a name with a blank before it", "anna", "names", [" Anna"]),
        _entry("a national id where the register's number belongs", "anna", "number", "01810112345"),
        _entry("a fact more", "anna", "more", 1),
        _entry("an inbox without a parent", "desk", "parent", None),
        _entry("an organisation number of eight digits", "top", "number", "99999999"),
        _entry("hours that end before they begin", "office hours", "rules", _hours([[1, 600, 500]])),
        _entry("a date with a time", "office hours", "rules", _hours([], [["2026-12-24T00:00:00", []]])),
        _entry("days out of order", "office hours", "rules", _hours([], [["2026-12-24", []], ["2026-12-23", []]])),
        {"name": "a byte behind", "entry": entry("anna").hex() + "00"},
    ]
    times = [("2026-03-28", 150), ("2026-03-29", 150), ("2026-10-25", 150), ("2026-10-24", 1590), ("2026-07-01", 0)]
    moments = [{"name": f"{day}, minute {minute} in Norway", "day": day, "minute": minute} for day, minute in times]
    return finished("listings.json", [*good, *bad, *_answers(), *moments])


def _hours(weekly: list[Any], exceptions: list[Any] | None = None) -> Any:
    return {"weekly": weekly, "holidays": "usual", "exceptions": exceptions or []}


FILES = {
    "listings.json": (
        "Entries of the directory, answers with their proofs and what is wrong with bad ones, local times in Norway.",
        listings,
    ),
}
