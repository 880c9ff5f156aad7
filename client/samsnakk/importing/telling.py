"""An import told: the changes in plain bokmål for people, and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from protocol.listings.entries import Entry
from samsnakk.importing.comparing import FIELDS, Changes, EntryChange, FieldChange
from samsnakk.importing.drafts import KIND_NAMES, LeftOut
from samsnakk.importing.problems import Problem

MANY_REMOVED: Final = "Mer enn en tredel av oppføringene ville forsvinne."
_SOME: Final = 5
"""So many lines of one field are shown before and after; of longer ones only those that differ."""


def told(changes: Changes, left_out: Sequence[LeftOut]) -> Iterator[str]:
    """The whole difference, line by line."""
    for sign, what, entries in (("+", "Nytt", changes.added), ("−", "Fjernes", changes.removed)):
        if entries:
            yield f"{what} ({len(entries)}):"
            yield from (f"  {sign} {_named(entry)}" for entry in entries)
    if changes.changed:
        yield f"Endres ({len(changes.changed)}):"
        for change in changes.changed:
            yield from _changed(change)
    yield f"Uendret: {changes.unchanged}"
    if left_out:
        yield "Tas ikke med, fordi katalogen ikke har plass til det:"
        yield from (f"  · {one.what}" + (f" ({one.times} ganger)" if one.times > 1 else "") for one in left_out)


def _named(entry: Entry) -> str:
    place = getattr(entry.facts, "place", "")
    return f"{KIND_NAMES[entry.kind]} «{entry.name}»" + (f", {place}" if place else "")


def _changed(change: EntryChange) -> Iterator[str]:
    yield f"  ~ {_named(change.entry)}"
    for one in change.fields:
        name = FIELDS.get(one.field, "type")
        if max(len(one.before), len(one.after)) <= 1:
            yield f"      {name}: {_value(one.before)} → {_value(one.after)}"
            continue
        yield f"      {name}:"
        if set(one.before) == set(one.after):
            yield f"        ~ rekkefølgen: {', '.join(one.after[:_SOME])}"
        yield from (f"        − {line}" for line in one.before if line not in one.after)
        yield from (f"        + {line}" for line in one.after if line not in one.before)


def _value(lines: Sequence[str]) -> str:
    return lines[0] if lines else "(tomt)"


def as_data(changes: Changes, left_out: Sequence[LeftOut]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "added": [_entry(entry) for entry in changes.added],
        "removed": [_entry(entry) for entry in changes.removed],
        "changed": [{**_entry(one.entry), "fields": [_field(f) for f in one.fields]} for one in changes.changed],
        "unchanged": changes.unchanged,
        "left_out": [{"what": one.what, "times": one.times} for one in left_out],
    }


def problems_as_data(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Mistakes for programs."""
    return [
        {
            "file": one.where.file,
            "row": one.where.row or None,
            "column": one.where.column or None,
            "path": one.where.path or None,
            "what": one.what,
            "instead": one.instead,
        }
        for one in problems
    ]


def _entry(entry: Entry) -> dict[str, str]:
    return {"id": entry.id.hex(), "kind": entry.kind, "name": entry.name}


def _field(change: FieldChange) -> dict[str, Any]:
    return {"field": change.field, "before": list(change.before), "after": list(change.after)}
