"""From a script's step to the order that its participant's process gets."""

from dataclasses import dataclass
from typing import Final

from domain.channel.terms import Standing
from domain.ids import Millis
from protocol.contents import Agreement, KnownContent, Question, Task, Text
from samsnakk.demo import lines
from samsnakk.demo import script as s
from samsnakk.demo.folder import Progress


@dataclass(frozen=True, slots=True)
class Context:
    """What the words of a script stand for by now. `now`: UTC milliseconds."""

    script: s.Script
    progress: Progress
    now: Millis

    def principal(self, key: str) -> bytes:
        """The participant's id: the person's or, where they act for a service inbox, the inbox's."""
        return principal_of(self.script, self.progress, key)

    def later(self, duration: s.Duration | None) -> Millis | None:
        """A point in time from now on."""
        return None if duration is None else Millis(self.now + duration)

    def thread(self, key: str) -> int:
        """The thread's number."""
        return self.progress.threads[key]

    def version(self, label: str) -> int:
        """Where the step with this label is recorded."""
        return self.progress.labels[label]

    def history(self, since: str) -> int | None:
        """None from now on, 0 everything, else a version."""
        if since == s.FROM_NOW:
            return None
        return 0 if since == s.ALL_HISTORY else self.version(since)

    def terms(self, key: str) -> lines.Terms:
        """On which terms the participant joins."""
        plan = self.script.participants[key]
        return lines.Terms(
            principal=self.principal(key),
            standing=plan.standing,
            organisation=self.progress.organisations[plan.organisation] if plan.organisation else None,
            function=plan.function,
            legal_basis=plan.legal_basis,
            valid_until=self.later(plan.valid_for),
        )

    def thread_of(self, label: str) -> int:
        """The thread in which the step with this label took place."""
        for step in self.script.steps:
            if step.label == label and isinstance(step, s.Post | s.Join):
                return self.thread(step.thread)
        return self.thread(s.MAIN)


_NOBODY: Final = bytes(16)
"""The user before she has arrived: nobody has this id, so whoever names it is refused."""


def principal_of(script: s.Script, progress: Progress, key: str) -> bytes:
    """Who takes part in the channel for this participant."""
    plan = script.participants[key]
    if plan.standing is Standing.INBOX and plan.organisation is not None:
        return progress.inboxes[plan.organisation]
    return progress.people.get(key, _NOBODY)


def content_of(plan: s.ContentPlan, context: Context) -> KnownContent:
    """What is sealed for a planned message."""
    match plan:
        case s.TextPlan(text=text):
            return Text(text)
        case s.QuestionPlan(text=text):
            return Question(text)
        case s.AgreementPlan(met=met, text=text, tasks=tasks):
            return Agreement(met, text, tuple(Task(task.who, task.what, context.later(task.due)) for task in tasks))


def order_of(step: s.AnyStep, context: Context, number: int) -> lines.AnyOrder:
    """The order for `step.by`."""
    match step:
        case s.Post():
            return _post(step, context, number)
        case s.About(what=what, target=target):
            return lines.About(number, what, context.thread_of(target), context.version(target))
        case s.Misplace(target=target, hidden_from=names):
            hidden = tuple(map(context.principal, names))
            return lines.Misplace(number, context.thread_of(target), context.version(target), hidden)
        case s.Take() | s.Offer():
            return _question(step, context, number)
        case s.Join() | s.Remove() | s.Grant() | s.OpenThread():
            return _membership(step, context, number)
        case s.HandOver(to=to, ends_access=ends):
            return lines.HandOver(number, context.principal(to), ends)
        case s.Close(text=text, contact=contact):
            return lines.Close(number, text, contact)
        case s.Reopen():
            return lines.Reopen(number)
        case s.Arrive() | s.Expire() | s.KillNode() | s.StartNode() | s.Depart():
            raise AssertionError("not one order to one process")


def _post(step: s.Post, context: Context, number: int) -> lines.Post:
    question = isinstance(step.content, s.QuestionPlan)
    return lines.Post(
        number=number,
        thread=context.thread(step.thread),
        content=content_of(step.content, context),
        asks=question,
        due=context.later(step.content.due) if isinstance(step.content, s.QuestionPlan) else None,
        corrects=None if step.corrects is None else context.version(step.corrects),
    )


def _question(step: s.Take | s.Offer, context: Context, number: int) -> lines.AnyOrder:
    thread, target = context.thread_of(step.target), context.version(step.target)
    if isinstance(step, s.Offer):
        return lines.Offer(number, thread, target, context.principal(step.to))
    return lines.Take(number, thread, target, step.offered, context.later(step.within))


def _membership(step: s.Join | s.Remove | s.Grant | s.OpenThread, context: Context, number: int) -> lines.AnyOrder:
    match step:
        case s.Join(who=who, thread=thread, history=history, proposed=proposed):
            terms = context.terms(who)
            return lines.Join(number, context.thread(thread), terms, context.history(history), proposed)
        case s.Remove(who=who, reason=reason):
            return lines.Remove(number, context.principal(who), reason)
        case s.Grant(to=to, thread=thread, history=history):
            return lines.Grant(number, context.thread(thread), context.principal(to), context.history(history) or 0)
        case s.OpenThread(thread=key):
            plan = context.script.threads[key]
            others = [m for m in step.members if m != step.by]
            members = tuple(context.terms(m) for m in others if not _is_user(context, m))
            review = context.later(plan.review)
            return lines.OpenThread(number, plan.audience, plan.topic, plan.title, plan.reason, review, members)


def _is_user(context: Context, key: str) -> bool:
    return context.script.participants[key].standing is Standing.USER
