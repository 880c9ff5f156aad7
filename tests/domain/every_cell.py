"""The full permission table, asked of the domain: every act by everybody, in every kind of thread and state.

`python tests/domain/every_cell.py` writes what is expected from now on into `every_cell.txt`; read its diff before you
commit it. Only the act itself is judged; what must travel with it in one unit is in `domain/channel/unit.py`.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

# Beside this file when it is run as a script, below tests/ when pytest reads it.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from domain.channel.decide import decide, verdict
from domain.channel.permissions import Rule
from domain.channel.terms import Standing
from domain.errors import Refusal
from tests.domain.asked_acts import ACTS, Asked
from tests.domain.asked_roles import Role
from tests.domain.cast import AGNES, ANNA, ASTRID, BERIT, BODIL, DESK, HUB, IDA, MONA, NILS, OLGA, PER, ROLF, Someone
from tests.domain.channel_builder import Story
from tests.domain.table_channel import States, begun

EXPECTED = Path(__file__).with_suffix(".txt")
VAULT = Someone("vault clinic", Standing.VAULT, "clinic")
ROLES: dict[str, Role] = {
    "user": IDA,
    "tillitsperson": ANNA,
    "staff": BERIT,
    "inbox": DESK,
    "staff on consent": NILS,
    "staff elsewhere in the channel": BODIL,
    "relative": ROLF,
    "proxy": PER,
    "guardian": MONA,
    "vault": VAULT,
    "staff outside the channel": OLGA,
    "auditor": AGNES,
    "approver of audits": ASTRID,
    "hub": HUB,
}
PLACES: dict[str, int | None] = {
    "the channel": None,
    "thread 0": 0,
    "a thread with the user": 1,
    "a staff-only thread": 2,
}
WITHOUT_EMPLOYER = frozenset({Standing.USER, Standing.RELATIVE})
"""Who acts for no organisation; in a message they name one whose basis carries the thread."""
GROWN_UP = frozenset({"open", "closed", "user has died"})


@dataclass(frozen=True)
class Answer:
    """Allowed by a row, or refused; `condition`: where the row that came furthest stopped."""

    rule: Rule | None
    refusal: str | None = None
    condition: str | None = None

    def __str__(self) -> str:
        if self.rule is not None:
            parts = [self.rule.actor, *self.rule.conditions, *(f"+{approver}" for approver in self.rule.approvers)]
            return "yes " + " ".join(parts)
        return f"no {self.refusal}" + (f" {self.condition}" if self.condition else "")


@dataclass(frozen=True)
class Cell:
    """One question and its answer."""

    act: str
    place: str
    state: str
    role: str
    answer: Answer


def every_cell() -> Iterator[Cell]:
    """All of them, in the order of the tables."""
    for act in ACTS:
        for place in act.places:
            for state in act.states:
                yield from _row(act, place, state)


def _row(act: Asked, place: str, state: str) -> Iterator[Cell]:
    number, states = PLACES[place] or 0, States(state)
    for role, somebody in ROLES.items():
        who = somebody
        if role == "guardian" and state in GROWN_UP:
            continue  # nobody has that role there
        story = begun(states.age).copy() if act.begins == "channel" else act.beginning()
        if act.begins == "nothing" and isinstance(who, Someone) and who.standing in WITHOUT_EMPLOYER:
            who = replace(who, house=None)
        step = act.make(story, number, who)
        states.reach(story)
        yield Cell(act.name, place, state, role, _answer(story, who, step))


def _answer(story: Story, who: Role, step: object) -> Answer:
    asked = story.act(who.author if isinstance(who, Someone) else who, step)  # type: ignore[arg-type]
    target = story.target(asked.event)
    try:
        found = verdict(story.channel, asked, story.at, target)
    except Refusal as refusal:
        return Answer(None, refusal.code)
    try:
        decide(story.channel, asked, story.at, target, story.targets(asked.event))
    except Refusal as refusal:
        stopped = found.condition if found.refusal is type(refusal) else None
        return Answer(None, refusal.code, stopped.value if stopped is not None else None)
    return Answer(found.rule)


def written(cells: list[Cell]) -> str:
    """The table as it is kept: for each act and each place and state, the answers and who gets them."""
    lines: list[str] = []
    rows: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for cell in cells:
        row = rows.setdefault((cell.act, cell.place, cell.state), {})
        row.setdefault(str(cell.answer), []).append(cell.role)
    for act in ACTS:
        lines.append(f"\n# {act.name}")
        merged: dict[str, list[str]] = {}
        for (name, place, state), answers in rows.items():
            if name == act.name:
                text = "\n".join(f"    {answer}: {', '.join(roles)}" for answer, roles in answers.items())
                merged.setdefault(text, []).append(f"{place}, {state}")
        for text, places in merged.items():
            lines += [f"  in {'; '.join(places)}", text]
    return "\n".join(lines).lstrip() + "\n"


if __name__ == "__main__":
    EXPECTED.write_text(written(list(every_cell())), "utf-8")
