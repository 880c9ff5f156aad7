"""Vectors of replaced roots: organisations' own streams, and what a new root keeps of a principal's."""

from typing import Any

from crypto.key_statements import DeviceRevoked, SignedStatement
from crypto.root_facts import StreamKept
from tests.crypto.fixed import signing_key, some_id
from tests.crypto.root_writing import CLINIC, DEPLOYMENT, NAV, PINS, SURGERY, TOWN, Replacing
from tests.crypto.stream_writing import NAV as OWNER
from tests.crypto.stream_writing import PERSON, ROOTS, STAFF, Said, certified, version, written
from tests.vectors.plain_vectors import Case, Standing, finished


def _hex(entries: list[SignedStatement]) -> list[list[str]]:
    return [[one.statement.hex(), one.signature.hex()] for one in entries]


def _worlds() -> dict[str, Replacing]:
    made: dict[str, Replacing] = {}

    def world(name: str) -> Replacing:
        return made.setdefault(name, Replacing())

    world("planned, twice").planned(CLINIC, "new")
    made["planned, twice"].planned(CLINIC, "newer")
    world("by two of three others").vouched(CLINIC, "new", [NAV, TOWN])
    world("by one other").vouched(CLINIC, "new", [NAV])
    world("by itself and one other").vouched(CLINIC, "new", [CLINIC, NAV])
    thief = world("a quorum after the thief's own replacement")
    asked = thief.asked(CLINIC, "new")
    words = thief.support(asked, NAV, SURGERY)
    thief.planned(CLINIC, "thief")
    thief.with_words(CLINIC, "new", asked, words)
    back = world("a root that comes back")
    back.planned(CLINIC, "new")
    back.planned(CLINIC, "clinic")
    stolen = world("a word under a supporter's root that was replaced since")
    words = stolen.support(stolen.asked(CLINIC, "new"), NAV, TOWN)
    stolen.vouched(NAV, "NAV's new", [TOWN, SURGERY])
    stolen.with_words(CLINIC, "new", stolen.asked(CLINIC, "new"), words)
    seen = world("the same, seen by the supporter's new root")
    seen.vouched(CLINIC, "new", [NAV, TOWN])
    seen.vouched(NAV, "NAV's new", [TOWN, SURGERY])
    missing = world("the first replacement left out")
    missing.planned(CLINIC, "new")
    missing.planned(CLINIC, "newer")
    missing.streams[CLINIC] = missing.streams[CLINIC][1:]
    return made


def root_lines(_standing: Standing) -> list[Case]:
    pins: dict[str, str] = {who.hex(): root.hex() for who, root in PINS.items()}
    later = pins | {CLINIC.hex(): signing_key("new").public.hex()}
    worlds = _worlds()
    cases: list[dict[str, Any]] = [
        {"name": name, "pins": pins, "streams": {who.hex(): _hex(one) for who, one in world.streams.items()}}
        for name, world in worlds.items()
    ]
    cases.append({**cases[2], "name": "by one other, for who pins the new root", "pins": later})
    cases.append({**cases[0], "name": "another root pinned", "pins": pins | {CLINIC.hex(): pins[NAV.hex()]}})
    cases.append(
        {**cases[1], "name": "one supporter not pinned", "pins": {w: r for w, r in pins.items() if w != TOWN.hex()}}
    )
    return finished("root_lines.json", [{**case, "deployment": DEPLOYMENT.hex()} for case in cases])


def kept_streams(_standing: Standing) -> list[Case]:
    honest = [Said(STAFF), Said(version(1)), Said(certified("telephone"))]
    thief = [Said(certified("stolen")), Said(DeviceRevoked(some_id("telephone"))), Said(version(2))]
    kept = Said(StreamKept(3), signer="new")
    streams = {
        "kept to its end": [*honest, kept],
        "a thief's statements after the kept place": [*honest, *thief, kept],
        "the thief's own root first": [*honest, Said(StreamKept(1), signer="thief"), kept],
        "a newcomer under the new root": [Said(STAFF, signer="new")],
        "the old root after the new one": [*honest, kept, Said(version(2))],
        "a new root that does not say what counts": [*honest, Said(version(2), signer="new")],
        "kept twice": [*honest, kept, kept],
        "kept further than it goes": [*honest, Said(StreamKept(4), signer="new")],
        "kept by the old root": [*honest, Said(StreamKept(3))],
    }
    line = [signing_key(name).public.hex() for name in ("NAV", "thief", "new")]
    roots = {who.hex(): [root.hex()] for who, root in ROOTS.items()} | {OWNER.hex(): line}
    place = {"deployment": DEPLOYMENT.hex(), "principal": PERSON.hex(), "roots": roots}
    cases = [{"name": name, **place, "entries": _hex(written(*said))} for name, said in streams.items()]
    return finished("kept_streams.json", cases)


FILES = {
    "root_lines.json": ("Organisations' own streams: every root they have had, or why they are refused.", root_lines),
    "kept_streams.json": ("Key streams across a replaced root (each issuer's roots, the newest last).", kept_streams),
}
