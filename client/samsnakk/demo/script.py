"""A conversation as a script: who takes part, what they do in which order, and who may be able to read what.

The form people write is TOML, described in docs/demo-scripts.md; `samsnakk.demo.reading` turns it into this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from domain.channel.terms import Audience, Standing, Topic
from samsnakk.demo.cast import OrganisationSpec

MAIN: Final = "main"
"""What scripts call the channel-wide thread with the user."""

FROM_NOW: Final = "now"
ALL_HISTORY: Final = "all"

Duration: TypeAlias = int
"""Milliseconds from the moment at which the step is played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody of the conversation and, unless it is the user, the terms on which they take part.

    With the standing of an inbox it is the organisation's service inbox that takes part, and this person acts for it.
    """

    key: str
    name: str
    title: str
    standing: Standing
    organisation: str | None
    function: str
    legal_basis: str
    valid_for: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPlan:
    """A thread that a step may open. `reason`: why it is for staff only, written for the user."""

    key: str
    audience: Audience
    topic: Topic
    title: str
    reason: str | None
    review: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlan:
    """The channel: what commands call it, whose it is, and who opens it and is the first tillitsperson."""

    name: str
    user: str
    opened_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """Who does what within which time."""

    who: str
    what: str
    due: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlan:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPlan:
    """A question that can be taken; `due`: answer wanted within this time."""

    text: str
    due: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPlan:
    """Who met, what was agreed, who does what."""

    met: tuple[str, ...]
    text: str
    tasks: tuple[TaskPlan, ...]


ContentPlan: TypeAlias = TextPlan | QuestionPlan | AgreementPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Root of all steps. `line`: where it begins; `refused`: the code of the refusal that is expected instead."""

    by: str
    line: int
    label: str
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive(Step):
    """The user arrives, invited by `by`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Step):
    """A message; `corrects`: the label of the own message it replaces."""

    thread: str
    content: ContentPlan = field(repr=False)
    corrects: str | None


class Deed(StrEnum):
    """What a step does to something earlier."""

    RETRACT = "retract"
    DONE = "done"
    APPROVE = "approve"
    DECLINE = "decline"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class About(Step):
    """Something done to the message, question, proposal or handover with the label `target`."""

    what: Deed
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misplace(Step):
    """Posted in the wrong place."""

    target: str
    hidden_from: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take(Step):
    """A question is taken or, if it was offered to `by`, accepted, with a promise to answer within `within`."""

    target: str
    offered: bool
    within: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Step):
    """The holder hands a question on."""

    target: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Step):
    """Somebody joins a thread, at once or `proposed`. `history`: "now", "all" or the label of a step, from which on."""

    who: str
    thread: str
    history: str
    proposed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(Step):
    """Somebody leaves all their threads, by themselves or removed by another."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Step):
    """Older messages are opened to a member: "all" or from the step with this label on."""

    to: str
    thread: str
    history: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenThread(Step):
    """A thread of the script's list is opened with these members, besides the one who opens it."""

    thread: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Step):
    """The role of tillitsperson is offered to a colleague; it takes two `confirm` steps."""

    to: str
    ends_access: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Step):
    """The channel becomes read-only, with a summary."""

    text: str = field(repr=False)
    contact: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Step):
    """The channel becomes writable again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Step):
    """Wait until the membership of `who` is over."""

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KillNode(Step):
    """The node that serves `organisation` is killed, as by kill -9."""

    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartNode(Step):
    """It comes back."""

    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Depart(Step):
    """`who` leaves their organisation: struck from the staff register, and nothing else is done."""

    who: str


Behind: TypeAlias = Expire | KillNode | StartNode | Depart
"""Steps that nobody does in the channel."""
AnyStep: TypeAlias = (
    Arrive
    | Post
    | About
    | Misplace
    | Take
    | Offer
    | Join
    | Remove
    | Grant
    | OpenThread
    | HandOver
    | Close
    | Reopen
    | Behind
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """At the end, the processes of exactly these people have decrypted the message, and not those of the others."""

    message: str
    readable_by: tuple[str, ...]
    not_by: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole conversation, checked as far as that is possible without playing it."""

    title: str
    channel: ChannelPlan
    organisations: tuple[OrganisationSpec, ...]
    participants: Mapping[str, Participant]
    threads: Mapping[str, ThreadPlan]
    steps: tuple[AnyStep, ...]
    expectations: tuple[Expectation, ...]
