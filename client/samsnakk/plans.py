"""What somebody wants to do, before it is sealed: a unit of steps that can be built, refused, and built anew.

A plan holds no key and no epoch number; those are taken from the newest state at every building. It is kept, sealed,
in the outbox, so what was meant survives a restart.
"""

from dataclasses import dataclass, field
from typing import Final

from crypto.errors import Malformed
from domain.channel.consents import resting
from domain.channel.events import ChannelEvent, MessagePosted, MessagesSeen, ThreadOpened
from domain.channel.kinds import KIND_OF
from domain.channel.roster import active_member
from domain.channel.state import Channel
from domain.ids import MAIN_THREAD, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from protocol.errors import MalformedAct, UnknownKind
from protocol.facts import facts_of, read_facts

NEW_THREAD: Final = ThreadNo(-1)
"""Stands for the number of the thread that this very plan opens."""
MAX_PLAN: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """One act to be made. `content` is encoded, not yet sealed; `announces_new`: the thread that this plan opens."""

    event: ChannelEvent
    thread: ThreadNo | None
    content: bytes | None = field(default=None, repr=False)
    announces_new: bool = False


@dataclass(frozen=True, slots=True)
class Granting:
    """Open the thread's history from `since` on (0: all) to the recipient, as far as the granter's own reaches."""

    thread: ThreadNo
    recipient: PrincipalId
    since: Version


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """Withdraw the user's consent to an organisation in `threads`; None: wherever it matters when this is built."""

    organisation: OrganisationId
    threads: tuple[ThreadNo, ...] | None


@dataclass(frozen=True, slots=True)
class Removing:
    """Somebody leaves, or is removed from, every thread that they are in when this is built."""

    principal: PrincipalId
    reason: str


AnyStep = Step | Granting | Withdrawing | Removing
Plan = tuple[AnyStep, ...]


def is_light(plan: Plan) -> bool:
    """Whether nothing in the plan changes what a plan behind it is built on, nor depends on how far others are."""
    return all(isinstance(step, Step) and _is_light(step) for step in plan)


def _is_light(step: Step) -> bool:
    match step.event:
        case MessagesSeen():
            return True
        case MessagePosted(corrects=corrects, announces=announces):
            return corrects is None and announces is None and not step.announces_new
        case _:
            return False


def opens_channel(plan: Plan) -> bool:
    """Whether the plan is a channel's first unit."""
    first = plan[0]
    return isinstance(first, Step) and KIND_OF[type(first.event)].name == "channel-opened/1"


def opens_thread(plan: Plan) -> bool:
    """Whether the plan opens a thread."""
    return any(isinstance(step, Step) and isinstance(step.event, ThreadOpened) for step in plan)


def encode_plan(plan: Plan) -> list[object]:
    """The plan as plain values, for the outbox."""
    return [_encode(step) for step in plan]


def withdrawals(channel: Channel, wanted: Withdrawing, at: Millis) -> list[ThreadNo]:
    """The threads in which a withdrawal takes effect, thread 0 last; everywhere means also those opened meanwhile."""
    if wanted.threads is not None:
        return sorted(wanted.threads, reverse=True)
    concerned = {
        number
        for number, thread in channel.threads.items()
        if resting(thread, wanted.organisation, at) or wanted.organisation in thread.consents
    }
    return sorted(concerned | {MAIN_THREAD}, reverse=True)


def removals(channel: Channel, wanted: Removing, at: Millis) -> list[ThreadNo]:
    """The threads somebody is in at `at`, thread 0 last: until then a leaver still is who it was."""
    inside = [n for n, thread in channel.threads.items() if active_member(thread, wanted.principal, at) is not None]
    return sorted(inside, key=lambda number: (number == MAIN_THREAD, number))


def _encode(step: AnyStep) -> list[object]:
    if isinstance(step, Removing):
        return ["remove", step.principal, step.reason]
    if isinstance(step, Withdrawing):
        return ["withdraw", step.organisation, None if step.threads is None else list(step.threads)]
    if isinstance(step, Granting):
        return ["grant", step.thread, step.recipient, step.since]
    name = KIND_OF[type(step.event)].name
    return ["act", name, facts_of(step.event), step.thread, step.content, step.announces_new]


def decode_plan(value: object) -> Plan:
    """And back. Raises `Malformed` for anything else."""
    if not isinstance(value, list):
        raise Malformed("plan")
    return tuple(_decode(item) for item in value)


def _decode(item: object) -> AnyStep:
    match item:
        case ["remove", bytes() as principal, str() as reason]:
            return Removing(PrincipalId(principal), reason)
        case ["withdraw", bytes() as organisation, list() | None as threads]:
            numbers = None if threads is None else tuple(ThreadNo(number) for number in threads)
            return Withdrawing(OrganisationId(organisation), numbers)
        case ["grant", int() as thread, bytes() as recipient, int() as since]:
            return Granting(ThreadNo(thread), PrincipalId(recipient), Version(since))
        case ["act", str() as name, dict() as facts, int() | None as thread, bytes() | None as content, bool() as new]:
            try:
                _, event = read_facts(name, facts)
            except (MalformedAct, UnknownKind) as error:
                raise Malformed(error.detail) from None
            number = None if thread is None else ThreadNo(thread)
            return Step(event, number, content, new)  # type: ignore[arg-type]
        case _:
            raise Malformed("step of a plan")
