"""The permission pages: every cell with its answer and its reason, in English and in Norwegian, asked of the domain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from protocol.table import TABLE as ERRORS
from tests.docs import permission_words as w
from tests.domain.every_cell import ROLES, Answer, Cell, every_cell

ENGLISH, NORWEGIAN = 0, 1
Columns = dict[tuple[str, str], dict[str, Answer]]


@dataclass(frozen=True)
class Language:
    """How one language says it."""

    number: int
    yes: str
    no: str
    nobody: str
    heading: str
    told: dict[str, str]
    by: str

    def of(self, name: str) -> str:
        """The words for a role, place, state or act."""
        return self.told.get(name, name)

    def reason(self, answer: Answer) -> str:
        """Why, in one sentence."""
        if answer.rule is not None:
            parts = [w.ACTORS[answer.rule.actor][self.number]]
            parts += [w.CONDITIONS[condition][self.number] for condition in answer.rule.conditions]
            said = ", ".join(parts)
            approvers = " / ".join(self.of(approver.value) for approver in answer.rule.approvers)
            return f"{said}; {self.by.format(approvers)}" if approvers else said
        refusal = answer.refusal or ""
        lacking = w.CONDITIONS[answer.condition][self.number] if answer.condition else w.NO_ROW[self.number]
        if refusal == "not_permitted":
            return (f"not so: {lacking}", f"ikke oppfylt: {lacking}")[self.number] if answer.condition else lacking
        return w.REFUSALS_NB[refusal] if self.number else " ".join(ERRORS[refusal].advice.split())


LANGUAGES = (
    Language(ENGLISH, "yes", "no", "–", "who", {}, "another must say yes ({})"),
    Language(
        NORWEGIAN,
        "ja",
        "nei",
        "–",
        "hvem",
        w.ROLES_NB | w.PLACES_NB | w.STATES_NB | w.ACTS_NB,
        "en annen må si ja ({})",
    ),
)


@cache
def _cells() -> tuple[Cell, ...]:
    return tuple(every_cell())


def permission_pages() -> dict[str, Callable[[], str]]:
    """The parts of the two pages, for the generator."""
    return {"permissions-en": lambda: _page(LANGUAGES[0]), "permissions-nb": lambda: _page(LANGUAGES[1])}


def _page(language: Language) -> str:
    acts: dict[str, Columns] = {}
    for cell in _cells():
        acts.setdefault(cell.act, {}).setdefault((cell.place, cell.state), {})[cell.role] = cell.answer
    return "\n".join(_act(name, columns, language) for name, columns in acts.items())


def _act(name: str, columns: Columns, language: Language) -> str:
    """One table: columns that answer alike for every role stand together; letters lead to the reasons below."""
    merged: list[tuple[dict[str, Answer], list[tuple[str, str]]]] = []
    for where, answers in columns.items():
        for known, places in merged:
            if all(known.get(role, answer) == answer for role, answer in answers.items()):
                known.update(answers)
                places.append(where)
                break
        else:
            merged.append((dict(answers), [where]))
    reasons: dict[str, str] = {}
    rows = [
        [language.of(role), *(_cell(answers.get(role), reasons, language) for answers, _ in merged)] for role in ROLES
    ]
    titles = [language.heading, *(_where(places, language) for _, places in merged)]
    told = language.of(name)
    table = [_line(titles), "|" + "---|" * len(titles), *map(_line, rows)]
    legend = [f"- **{letter}**: {reason}" for reason, letter in reasons.items()]
    return "\n".join([f"### {told[:1].upper()}{told[1:]}", "", *table, "", *legend, ""])


def _where(places: Sequence[tuple[str, str]], language: Language) -> str:
    by_states: dict[str, list[str]] = {}
    for place, state in places:
        by_states.setdefault(language.of(place), []).append(language.of(state))
    grouped: dict[str, list[str]] = {}
    for place, states in by_states.items():
        grouped.setdefault(", ".join(states), []).append(place)
    return "<br>".join(f"{', '.join(names)}: {states}" for states, names in grouped.items())


def _cell(answer: Answer | None, reasons: dict[str, str], language: Language) -> str:
    if answer is None:
        return language.nobody
    reason = language.reason(answer)
    letter = reasons.setdefault(reason, _letter(len(reasons)))
    return f"{language.yes if answer.rule is not None else language.no} ({letter})"


def _letter(number: int) -> str:
    return chr(ord("a") + number)


def _line(parts: Sequence[str]) -> str:
    return f"| {' | '.join(parts)} |"
