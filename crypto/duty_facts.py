"""Whom an organisation has charged with a duty towards its own records, such as auditing: its form in a key stream.

It stands in the stream of the organisation's vault, which every channel with the organisation enters (`key-moved`), so
that everybody there judges by place, not by a claimed time, who had the duty when an act was recorded.
"""

from dataclasses import dataclass
from typing import Final

from crypto.cbor import CborInput, CborValue
from crypto.shapes import Id, array, fields, identifier, short_text, strictly_rising

MAX_DUTY: Final = 32


@dataclass(frozen=True, slots=True)
class DutySet:
    """Everyone who has `duty` from here on, sorted; nobody else has it any more."""

    duty: str
    people: tuple[Id, ...]


def duty_facts(fact: DutySet) -> dict[str, CborInput]:
    """The facts as they are written."""
    return {"duty": fact.duty, "people": fact.people}


def parse_duty(facts: CborValue) -> DutySet:
    """The facts as they are read. Raises `Malformed`."""
    duty, people = fields(facts, "duty", "people")
    ids = tuple(identifier(person) for person in array(people))
    strictly_rising(ids)
    return DutySet(short_text(duty, MAX_DUTY), ids)
