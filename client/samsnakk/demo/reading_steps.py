"""Reading a script's steps in their order, so that each can only point at what came before it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.channel.terms import Standing
from protocol.table import TABLE
from samsnakk.demo import script as s
from samsnakk.demo.tables import ScriptError, Table, listed

_MESSAGE: Final = "message"
_QUESTION: Final = "question"
_PROPOSAL: Final = "proposal"
_HANDOVER: Final = "handover"


@dataclass(frozen=True, slots=True)
class Declared:
    """What steps may name."""

    people: Mapping[str, s.Participant]
    threads: Mapping[str, s.ThreadPlan]
    channel: s.ChannelPlan
    organisations: Collection[str] = ()


class StepReader:
    """Reads one step after the other and remembers their labels."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._labels: dict[str, tuple[int, str]] = {}
        self._opened: dict[str, int] = {s.MAIN: 0}

    @property
    def messages(self) -> list[str]:
        """The labels of everything that somebody can read."""
        return [label for label, (_, kind) in self._labels.items() if kind in (_MESSAGE, _QUESTION)]

    def read(self, table: Table) -> s.AnyStep:
        """One `[[step]]`. Raises `ScriptError`."""
        do = table.text("do")
        if do not in _READERS:
            raise table.error("do", f"unknown step {do!r}; steps are: {listed(_READERS)}")
        number = len(self._labels)
        common = {
            "by": self.person(table, "by") if do not in _NOBODY else "",
            "line": table.line,
            "label": table.text("label", f"#{number}"),
            "refused": self._refused(table),
        }
        step = _READERS[do](self, table, common)
        table.finish()
        self._remember(step, table)
        return step

    def person(self, table: Table, key: str) -> str:
        """The participant named by `key`."""
        name = table.text(key)
        if name not in self._declared.people:
            raise table.error(key, f"participant {name!r} is not declared; declared: {listed(self._declared.people)}")
        return name

    def people(self, table: Table, key: str) -> tuple[str, ...]:
        """The participants named by an array."""
        names = table.texts(key)
        for index, name in enumerate(names):
            if name not in self._declared.people:
                declared = f"declared: {listed(self._declared.people)}"
                raise ScriptError(table.line_of(key, index), f"participant {name!r} is not declared; {declared}")
        return names

    def thread(self, table: Table) -> str:
        """The thread a step belongs to, which an earlier step has opened; the main one if none is named."""
        name = table.text("thread", s.MAIN)
        if name not in self._opened:
            known = "no step has opened it yet" if name in self._declared.threads else "it is not declared"
            raise table.error("thread", f"thread {name!r}: {known}; open: {listed(self._opened)}")
        return name

    def target(self, table: Table, *kinds: str, key: str = "target") -> str:
        """The label of an earlier step of one of these kinds."""
        label = table.text(key)
        known = {name for name, (_, kind) in self._labels.items() if kind in kinds}
        if label not in known:
            which = " or ".join(kinds)
            raise table.error(key, f"no earlier {which} is labelled {label!r}; labelled: {listed(sorted(known))}")
        return label

    def history(self, table: Table) -> str:
        """Since when: "now", "all" or the label of an earlier step."""
        since = table.text("history", s.FROM_NOW)
        if since not in (s.FROM_NOW, s.ALL_HISTORY, *self._labels):
            raise table.error("history", f"'history' is 'now', 'all' or the label of an earlier step, not {since!r}")
        return since

    def plan(self, table: Table) -> str:
        """The declared thread that a step opens."""
        name = table.text("thread")
        if name not in self._declared.threads:
            declared = f"declared: {listed(self._declared.threads)}"
            raise table.error("thread", f"thread {name!r} is not declared; {declared}")
        if name in self._opened:
            raise table.error("thread", f"thread {name!r} is open already, since line {self._opened[name]}")
        return name

    def newcomer(self, table: Table, key: str) -> str:
        """A participant who may join: anybody but the user."""
        name = self.person(table, key)
        if self._declared.people[name].standing is Standing.USER:
            raise table.error(key, f"{name!r} is the user, who arrives ('arrive') and never joins")
        return name

    def organisation(self, table: Table) -> str:
        """A declared organisation."""
        name, declared = table.text("organisation"), self._declared.organisations
        if name not in declared:
            raise table.error("organisation", f"organisation {name!r} is not declared; declared: {listed(declared)}")
        return name

    def employee(self, table: Table) -> str:
        """A participant who works for an organisation."""
        name = self.person(table, "who")
        if self._declared.people[name].organisation is None:
            raise table.error("who", f"{name!r} works for no organisation that could strike them from its register")
        return name

    def _refused(self, table: Table) -> str | None:
        code = table.optional_text("refused")
        if code is not None and code not in TABLE:
            raise table.error("refused", f"unknown error code {code!r}; codes are listed in docs/protocol.md")
        return code

    def _remember(self, step: s.AnyStep, table: Table) -> None:
        if step.label in self._labels:
            earlier = self._labels[step.label][0]
            raise table.error("label", f"{step.label!r} already labels the step on line {earlier}")
        self._labels[step.label] = (step.line, _kind(step))
        if step.refused is not None:
            return
        if isinstance(step, s.OpenThread):
            self._opened[step.thread] = step.line
            self._labels[f"{step.label}.title"] = (step.line, _MESSAGE)
            if self._declared.threads[step.thread].reason is not None:
                self._labels[f"{step.label}.reason"] = (step.line, _MESSAGE)
        elif isinstance(step, s.Close):
            self._labels[f"{step.label}.summary"] = (step.line, _MESSAGE)


def _kind(step: s.AnyStep) -> str:
    match step:
        case _ if step.refused is not None:
            return "refused step"
        case s.Post(content=s.QuestionPlan()):
            return _QUESTION
        case s.Post():
            return _MESSAGE
        case s.Join(proposed=True):
            return _PROPOSAL
        case s.HandOver():
            return _HANDOVER
        case _:
            return "step"


def _kill_node(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.KillNode(**common, organisation=reader.organisation(table))


def _start_node(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.StartNode(**common, organisation=reader.organisation(table))


def _depart(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Depart(**common, who=reader.employee(table))


Reader = Callable[[StepReader, Table, dict[str, Any]], s.AnyStep]


def _arrive(_: StepReader, __: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Arrive(**common)


def _message(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    corrects = reader.target(table, _MESSAGE, _QUESTION, key="corrects") if table.has("corrects") else None
    return s.Post(**common, thread=reader.thread(table), content=s.TextPlan(text=table.text("text")), corrects=corrects)


def _question(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    content = s.QuestionPlan(text=table.text("text"), due=table.duration("due"))
    return s.Post(**common, thread=reader.thread(table), content=content, corrects=None)


def _agreement(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    content = s.AgreementPlan(
        met=table.texts("met"), text=table.text("text"), tasks=tuple(_task(task) for task in table.tables("tasks"))
    )
    return s.Post(**common, thread=reader.thread(table), content=content, corrects=None)


def _task(table: Table) -> s.TaskPlan:
    task = s.TaskPlan(who=table.text("who"), what=table.text("what"), due=table.duration("due"))
    table.finish()
    return task


def _about(*kinds: str) -> Reader:
    def read(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
        return s.About(**common, what=s.Deed(table.text("do")), target=reader.target(table, *kinds))

    return read


def _misplaced(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    target = reader.target(table, _MESSAGE, _QUESTION)
    return s.Misplace(**common, target=target, hidden_from=reader.people(table, "hidden_from"))


def _take(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    offered = table.text("do") == "accept"
    return s.Take(**common, target=reader.target(table, _QUESTION), offered=offered, within=table.duration("within"))


def _offer(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Offer(**common, target=reader.target(table, _QUESTION), to=reader.person(table, "to"))


def _join(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    proposed = table.text("do") == "propose"
    who, thread, history = reader.newcomer(table, "who"), reader.thread(table), reader.history(table)
    return s.Join(**common, who=who, thread=thread, history=history, proposed=proposed)


def _leave(_: StepReader, __: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Remove(**common, who=common["by"], reason="left")


def _remove(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Remove(**common, who=reader.person(table, "who"), reason=table.text("reason", "removed"))


def _grant(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    if not table.has("history"):
        raise ScriptError(table.line, "'history' is missing")
    return s.Grant(**common, to=reader.person(table, "to"), thread=reader.thread(table), history=reader.history(table))


def _thread(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.OpenThread(**common, thread=reader.plan(table), members=reader.people(table, "members"))


def _handover(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.HandOver(**common, to=reader.person(table, "to"), ends_access=table.truth("ends_access", default=False))


def _close(_: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Close(**common, text=table.text("text"), contact=table.text("contact"))


def _reopen(_: StepReader, __: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Reopen(**common)


def _expire(reader: StepReader, table: Table, common: dict[str, Any]) -> s.AnyStep:
    return s.Expire(**common, who=reader.newcomer(table, "who"))


_READERS: Final[dict[str, Reader]] = {
    "arrive": _arrive,
    "message": _message,
    "question": _question,
    "agreement": _agreement,
    "retract": _about(_MESSAGE, _QUESTION),
    "misplaced": _misplaced,
    "take": _take,
    "offer": _offer,
    "accept": _take,
    "done": _about(_QUESTION),
    "join": _join,
    "propose": _join,
    "approve": _about(_PROPOSAL),
    "decline": _about(_PROPOSAL),
    "leave": _leave,
    "remove": _remove,
    "grant": _grant,
    "thread": _thread,
    "handover": _handover,
    "confirm": _about(_HANDOVER),
    "withdraw": _about(_PROPOSAL),
    "close": _close,
    "reopen": _reopen,
    "wait-for-expiry": _expire,
    "kill-node": _kill_node,
    "start-node": _start_node,
    "depart": _depart,
}
_NOBODY: Final = frozenset({"wait-for-expiry", "kill-node", "start-node", "depart"})
"""Steps without `by`."""
