"""What a step is called in the timeline."""

from typing import Final

from domain.channel.terms import Standing
from samsnakk.demo import script as s

_DEEDS: Final = {
    s.Deed.RETRACT: "takes a message back",
    s.Deed.DONE: "marks the question as done",
    s.Deed.APPROVE: "approves",
    s.Deed.DECLINE: "declines",
    s.Deed.CONFIRM: "confirms the handover",
    s.Deed.WITHDRAW: "takes the consent back, at once and everywhere",
}


def describe(step: s.Step, script: s.Script) -> str:  # noqa: C901, PLR0911 - one case per step
    """One sentence about the step."""
    match step:
        case s.Arrive():
            return f"{step.by} welcomes {script.channel.user}, who gets everything written so far."
        case s.About(what=what, target=target):
            return f"{step.by} {_DEEDS[what]} (“{target}”)."
        case s.Misplace(target=target, hidden_from=hidden):
            return f"{step.by} marks “{target}” as misplaced and hides it from {_names(hidden)}."
        case s.Take(offered=offered):
            return f"{step.by} {'accepts' if offered else 'takes'} the question: now it has an owner."
        case s.Offer(to=to):
            return f"{step.by} hands the question on to {to}."
        case s.HandOver(to=to, ends_access=ends):
            after = "; the present one’s access then ends" if ends else ""
            return f"{step.by} offers the role of tillitsperson to {to}{after}."
        case s.Close():
            return f"{step.by} closes the channel."
        case s.Reopen():
            return f"{step.by} opens the channel again."
        case s.KillNode() | s.StartNode() | s.Depart():
            return _behind(step, script)
        case s.Expire(who=who):
            return f"The membership of {who} is over: it had an end date."
        case _:
            return _membership(step, script)


def _behind(step: s.KillNode | s.StartNode | s.Depart, script: s.Script) -> str:
    match step:
        case s.KillNode(organisation=key):
            return f"The node of {_organisation(key, script)} is killed (kill -9). The conversation goes on."
        case s.StartNode(organisation=key):
            return f"The node of {_organisation(key, script)} is back, with everything it had."
        case s.Depart(who=who):
            key = script.participants[who].organisation or ""
            return f"{who} leaves {_organisation(key, script)}: struck from the register there, and out at once."


def _organisation(key: str, script: s.Script) -> str:
    return next(o.name for o in script.organisations if o.key == key)


def _membership(step: s.Step, script: s.Script) -> str:
    match step:
        case s.Join(who=who, thread=thread, history=history, proposed=proposed):
            does = "proposes to add" if proposed else "adds"
            return (
                f"{step.by} {does} {_with_organisation(who, script)} to {_thread(thread, script)}, {_since(history)}."
            )
        case s.Remove(who=who):
            return f"{step.by} leaves." if who == step.by else f"{step.by} removes {who}."
        case s.Grant(to=to, thread=thread, history=history):
            return f"{step.by} opens {_thread(thread, script)} to {to}, {_since(history)}."
        case s.OpenThread(thread=thread, members=members):
            with_whom = [m for m in members if m != step.by]
            rest = f" with {_names(tuple(with_whom))}" if with_whom else ""
            audience = script.threads[thread].audience.value.replace("_", "-")
            return f"{step.by} opens the {audience} thread {_thread(thread, script)}{rest}."
        case s.Post():
            return f"{step.by} writes in {_thread(step.thread, script)}."
        case _:
            return step.label


def _names(keys: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(keys[:-1]), keys[-1]))) if keys else "nobody"


def _with_organisation(key: str, script: s.Script) -> str:
    participant = script.participants[key]
    found = [o.name for o in script.organisations if o.key == participant.organisation]
    if participant.standing is Standing.INBOX:
        inbox = next(o.inbox for o in script.organisations if o.key == participant.organisation)
        return f"the service inbox “{inbox}” (today: {participant.name})"
    return f"{key} ({found[0]})" if found else key


def _thread(key: str, script: s.Script) -> str:
    return "the common thread" if key == s.MAIN else f"“{script.threads[key].title}”"


def _since(history: str) -> str:
    if history == s.FROM_NOW:
        return "from now on"
    return "with all its history" if history == s.ALL_HISTORY else f"with what was written since “{history}”"
