"""What must hold besides the script's expectations: every secret lies in one folder, and none in the hub's."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from protocol.trust import decode_trust
from samsnakk.demo.folder import DemoFolder
from samsnakk.demo.lines import Holds
from samsnakk.demo.searching import found_below

_ENOUGH = 16
"""A text of so many bytes does not stand anywhere by chance."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold, in words, and what speaks against it; empty if it holds."""

    text: str
    problems: tuple[str, ...]


def checks_of(folder: DemoFolder, held: Mapping[str, Holds], nodes: frozenset[str], texts: list[str]) -> list[Check]:
    """Judge what everybody's process found out about itself (`held`, nodes as "node KEY"); `texts` was said."""
    return [
        Check(
            "Hver rotnøkkel ligger i sin egen node, og tillitsfilen fester akkurat disse", _roots(folder, held, nodes)
        ),
        Check("Ingen hemmelighet ligger i to mapper", _shared(held)),
        Check(
            "Ingen hemmelighet ligger i hubens mappe eller database (letingen finner det som skal være der)",
            _leaked(held),
        ),
        Check("Ingen melding står i klartekst hos huben", _plain(folder, texts)),
        Check("Bare eieren kan åpne mappene til noder, nøkkelforvaltere og deltakere", tuple(_open_to_others(folder))),
    ]


def _roots(folder: DemoFolder, held: Mapping[str, Holds], nodes: frozenset[str]) -> tuple[str, ...]:
    pinned = sorted(o.root for o in decode_trust(folder.trust_file.read_bytes()).organisations)
    mine = sorted(root for key in nodes for root in held[f"node {key}"].roots)
    problems = [] if pinned == mine else ["tillitsfilen fester andre røtter enn dem nodene har"]
    for key in nodes:
        files = list(folder.node(key).data.glob("*.root"))
        if len(files) != len(held[f"node {key}"].roots):
            problems.append(f"noden {key} har {len(files)} rotfiler")
    return tuple(problems)


def _shared(held: Mapping[str, Holds]) -> tuple[str, ...]:
    holders: dict[str, set[str]] = {}
    for key, found in held.items():
        for digest in found.secrets.values():
            holders.setdefault(digest, set()).add(key)
    return tuple(f"{' og '.join(sorted(who))} har samme nøkkel" for who in holders.values() if len(who) > 1)


def _leaked(held: Mapping[str, Holds]) -> tuple[str, ...]:
    leaks = [f"{key}: {name} ligger hos huben" for key, found in held.items() for name in found.found]
    blind = [f"{key}: letingen fant ikke engang det offentlige" for key, found in held.items() if not found.control]
    return (*leaks, *blind)


def _plain(folder: DemoFolder, texts: list[str]) -> tuple[str, ...]:
    wanted = {text: text.encode() for text in texts if len(text.encode()) >= _ENOUGH}
    return tuple(f"“{text[:30]}”" for text in sorted(found_below(folder.hub, wanted)))


def _open_to_others(folder: DemoFolder) -> Iterator[str]:
    for place in ("nodes", "officers", "people"):
        for inner in sorted((folder.path / place).iterdir()):
            if inner.is_dir() and _mode(inner) & (stat.S_IRWXG | stat.S_IRWXO):
                yield f"{place}/{inner.name}"


def _mode(path: Path) -> int:
    return path.stat().st_mode
