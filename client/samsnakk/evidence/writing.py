"""Writing what was collected into a bundle."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from domain.ids import Millis, PrincipalId
from protocol.acts import Place
from protocol.trust import Trust
from samsnakk.evidence import contents
from samsnakk.evidence.collecting import Collected, Shown
from samsnakk.evidence.contents import FORMAT, About, StreamEnd, item_bytes
from samsnakk.evidence.explaining import page
from samsnakk.evidence.fhir import Named, Subject, audit_events, event_line
from samsnakk.evidence.zipped import packing
from samsnakk.who_read import WhoRead

_VERIFIER: Final = files("samsnakk.evidence") / "standalone" / contents.VERIFIER


def write_bundle(
    path: Path,
    collected: Collected,
    reader: tuple[PrincipalId, PrincipalId],
    trust: Trust,
    made_at: Millis,
    report: str,
) -> str:
    """Write the bundle, whole or not at all; its name (SHA-256 of its list, in hexadecimal).

    Args:
        path: where nothing may be yet.
        collected: what goes in.
        reader: for whom the record was served, and the person who read it.
        trust: where names come from.
        made_at: UTC milliseconds.
        report: the page to read.

    Raises:
        CannotWriteFile: there is something there already, or it cannot be written.

    """
    read, place = collected.read, collected.read.log.place
    about = About(
        format=FORMAT,
        deployment=place.deployment.hex(),
        channel=place.channel.hex(),
        reader=reader[0].hex(),
        person=reader[1].hex(),
        made_at=made_at,
        record=StreamEnd(read.history.version, read.channel_head.hex()),
        access=StreamEnd(len(read.lines), read.log.head.hex()),
        files={},
    )
    with packing(path) as bundle:
        for name, pieces in _files(collected, trust, made_at, report):
            bundle.put(name, pieces)
        return sha256(bundle.finish(about)).hexdigest()


def _files(collected: Collected, trust: Trust, made_at: Millis, report: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    read, place = collected.read, collected.read.log.place
    names = named(read, trust)
    events = audit_events(read.readings, subject_of(read, place, trust.hub.device), names)
    yield contents.RECORD, (item_bytes(item) for item in collected.items)
    yield contents.ACCESS, (item_bytes(item) for item in _lines(read))
    yield contents.KEYS, (item_bytes([who, data]) for who, data in collected.keys.items())
    yield contents.LOG, (item_bytes(_shown(one)) for one in collected.shown)
    yield contents.CHECKPOINT, [collected.note.encode()]
    yield contents.NAMES, [_names(names)]
    yield contents.EVENTS, (event_line(event).encode() for event in events)
    yield contents.PAGE, [page(place.channel, read.history.version, len(read.lines), made_at).encode()]
    yield contents.REPORT, [report.encode()]
    yield contents.VERIFIER, [_VERIFIER.read_bytes()]


def _lines(read: WhoRead) -> Iterator[Any]:
    for item, line in zip(read.log.items, read.lines, strict=True):
        whole = line.event is not None and isinstance(item, list)
        yield [*item, "access"] if whole and isinstance(item, list) else item


def _shown(one: Shown) -> list[Any]:
    heads = [[name, leaf, list(siblings)] for name, leaf, siblings in one.heads]
    return [one.checkpoint.note, heads, list(one.consistency)]


def subject_of(read: WhoRead, place: Place, hub: bytes) -> Subject:
    """Whose channel the audit events are about."""
    user = read.history.channel.user
    return Subject(place.deployment, place.channel, user.principal if user else None, hub)


def named(read: WhoRead, trust: Trust) -> dict[bytes, Named]:
    """What everybody in the access log is called, by id."""
    numbers = {pin.id: pin.number for pin in trust.organisations}
    known = numbers.keys() | {pin.id for pin in trust.people} | {pin.vault for pin in trust.organisations}
    found: set[bytes] = set()
    for one in read.readings:
        found.update(known & {one.person, one.role or one.person, one.organisation or one.person})
    return {who: Named(trust.name_of(who), numbers.get(who, "")) for who in sorted(found)}


def _names(names: Mapping[bytes, Named]) -> bytes:
    listed = {who.hex(): one for who, one in names.items()}
    return msgspec.json.format(msgspec.json.encode(listed, order="deterministic"), indent=2) + b"\n"
