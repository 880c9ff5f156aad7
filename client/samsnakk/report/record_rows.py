"""The record as rows: who had access, what changed that, questions, deviations, cases, everything in order."""

from collections.abc import Iterable
from typing import Final

from domain.access.history import History, Place
from domain.ids import Millis
from samsnakk.report.deeds import deed
from samsnakk.report.matters import Case, Deviation
from samsnakk.report.members import Consented, Present
from samsnakk.report.named import Named
from samsnakk.report.questions import Asked
from samsnakk.report.tables import Cell, Lasting, Moment, Table
from samsnakk.report.who_read import table

_PRESENT: Final = (
    *(
        "who",
        "organisation",
        "standing",
        "thread",
        "function",
        "bases",
        "valid_until",
        "brought_in",
        "brought_at",
        "act",
    ),
)
_CONSENTS: Final = ("organisation", "thread", "scope", "valid_until", "stands")
_ACTS: Final = ("number", "at", "thread", "who", "organisation", "deed")
_TIMELINE: Final = (*_ACTS, "device")
_QUESTIONS: Final = (
    "number",
    "thread",
    "who",
    "organisation",
    "asked_at",
    "due",
    "taken_at",
    "holder",
    "done_at",
    "waited",
    "lasted",
)
_DEVIATIONS: Final = (
    "number",
    "thread",
    "who",
    "organisation",
    "about",
    "reason",
    "opened_at",
    "closed_at",
    "closed_by",
)
_CASES: Final = (
    *(
        "case",
        "number",
        "organisation",
        "auditor",
        "asked_at",
        "kind",
        "purpose",
        "bases",
        "threads",
        "state",
        "approver",
    ),
    *("decided_at", "begins", "ends", "looks"),
)


def present_table(found: Iterable[Present], named: Named) -> Table:
    """Who had access, and the act that gave it to them."""
    return table("present", _PRESENT, (_present(one, named) for one in found), named)


def _present(one: Present, named: Named) -> tuple[Cell, ...]:
    words, came = named.words, one.brought_in
    return (
        named.of(one.principal),
        named.organisation(one.organisation),
        words.code(one.standing.value),
        named.thread(one.thread),
        words.code(one.function),
        words.code(one.legal_basis),
        Moment(one.until) if one.until is not None else None,
        deed(came, named) if came is not None else None,
        Moment(came.recorded_at) if came is not None else None,
        came.version if came is not None else None,
    )


def consents_table(found: Iterable[Consented], named: Named) -> Table:
    """What the user has said about organisations."""
    words = named.words
    rows = (
        (
            named.organisation(one.organisation),
            named.thread(one.thread),
            words.code(one.scope),
            Moment(one.until) if one.until is not None else None,
            one.stands,
        )
        for one in found
    )
    return table("consents", _CONSENTS, rows, named)


def acts_table(key: str, places: Iterable[Place], named: Named, *, devices: bool = False) -> Table:
    """Acts in order, each as a sentence."""
    rows = ((*_act(place, named), *((_device(place),) if devices else ())) for place in places)
    return table(key, _TIMELINE if devices else _ACTS, rows, named)


def _act(place: Place, named: Named) -> tuple[Cell, ...]:
    author = place.recorded.act.author if place.recorded is not None else None
    return (
        place.version,
        Moment(place.recorded_at),
        named.thread(place.thread),
        named.of(author.person) if author is not None else None,
        named.organisation(author.organisation) if author is not None else None,
        deed(place, named),
    )


def _device(place: Place) -> Cell:
    return place.recorded.act.author.device.hex() if place.recorded is not None else None


def questions_table(found: Iterable[Asked], named: Named) -> Table:
    """Every question with how long it waited."""
    rows = (
        (
            one.version,
            named.thread(one.thread),
            named.of(one.by),
            named.organisation(one.organisation),
            Moment(one.at),
            _moment(one.due),
            _moment(one.taken_at),
            named.of(one.holder) if one.holder is not None else None,
            _moment(one.done_at),
            _lasting(one.waited),
            _lasting(one.lasted),
        )
        for one in found
    )
    return table("questions", _QUESTIONS, rows, named)


def deviations_table(found: Iterable[Deviation], named: Named) -> Table:
    """Deviations, open ones first."""
    rows = (
        (
            one.version,
            named.thread(one.thread),
            named.of(one.by),
            named.organisation(one.organisation),
            named.of(one.about) if one.about is not None else None,
            named.words.code(one.reason),
            Moment(one.at),
            _moment(one.closed_at),
            named.of(one.closed_by) if one.closed_by is not None else None,
        )
        for one in found
    )
    return table("deviations", _DEVIATIONS, rows, named)


def cases_table(found: Iterable[Case], named: Named) -> Table:
    """Audit cases: who asked, who approved, for what, and how often somebody looked."""
    return table("cases", _CASES, (_case(one, named) for one in found), named)


def _case(one: Case, named: Named) -> tuple[Cell, ...]:
    words, case, terms = named.words, one.case, one.case.terms
    return (
        terms.number,
        case.ref,
        named.organisation(case.organisation),
        named.of(case.auditor),
        Moment(one.asked_at),
        words.code(terms.kind.value),
        words.code(terms.purpose),
        words.code(terms.legal_basis),
        tuple(named.thread(number) for number in terms.threads),
        words.code(case.state.value),
        named.of(case.approver) if case.approver is not None else None,
        _moment(one.decided_at),
        Moment(terms.begins),
        Moment(terms.ends),
        one.looks,
    )


def _moment(at: Millis | None) -> Moment | None:
    return None if at is None else Moment(at)


def _lasting(milliseconds: int | None) -> Lasting | None:
    return None if milliseconds is None else Lasting(milliseconds)


def leaves_of(history: History) -> int:
    """Places of the record that are leaves to this viewer."""
    return sum(1 for place in history.places if place.recorded is None)
