"""What the lies of several tests have in common."""

from collections.abc import Callable

from domain.ids import Version
from protocol.records import Record
from samsnakk import Text
from tests.journeys.lying_hub.forging import Entry
from tests.journeys.lying_hub.room import Room


def at(version: int, becomes: Callable[[Entry], list[Entry]]) -> Callable[[Entry], list[Entry]]:
    """Only the entry of this version becomes something else."""
    return lambda entry: becomes(entry) if entry.version == version else [entry]


def swapped(first: int, second: int) -> Callable[[Entry], list[Entry]]:
    held: list[Entry] = []

    def alter(entry: Entry) -> list[Entry]:
        if entry.version == first:
            held.append(entry)
            return []
        return [entry, held.pop()] if entry.version == second and held else [entry]

    return alter


def recorded(entry: Entry) -> Record:
    assert isinstance(entry, Record)
    return entry


def texts_at(room: Room) -> list[Version]:
    events = (room.channel.event(Version(v)) for v in range(1, room.channel.version + 1))
    return [event.version for event in events if isinstance(event.content, Text)]
