"""What a channel is, as far as deciding needs it: small, immutable, no message content and no list of messages.

The state grows with members, threads and open matters, not with messages: a channel of a million messages
loads as fast as one of ten. What an act points at (a message to retract) is handed in as a `Target` fact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.channel.ages import Age
from domain.channel.audits import AuditCase
from domain.channel.erasing import Erasing
from domain.channel.events import ParticipantJoined, TillitspersonProposed
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import (
    Audience,
    ConsentScope,
    KeyRef,
    KindClass,
    Member,
    Range,
    RosterEntry,
    Topic,
    UndoReason,
    VaultRef,
)
from domain.ids import Code, Count, EpochNo, Millis, OrganisationId, PrincipalId, ThreadNo, Version


@dataclass(frozen=True, slots=True)
class Epoch:
    """The newest epoch of a thread. `broken`: a member reported a wrap that does not open,
    or the key stream of somebody on the roster moved."""

    number: EpochNo
    roster: tuple[RosterEntry, ...]
    version: Version
    broken: bool = False
    fits: int = -1
    """The thread's membership version at which the roster was found to fit; -1 once somebody on it has expired."""


@dataclass(frozen=True, slots=True)
class Question:
    """An open question: who asked, who holds it (None: nobody yet), and to whom it is offered."""

    asked_by: PrincipalId
    due: Millis | None
    holder: PrincipalId | None = None
    until: Millis | None = None
    offered_to: PrincipalId | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's last word about an organisation in a thread. `withdrawn`: it is not to be here."""

    scope: ConsentScope
    until: Millis | None
    withdrawn: bool = False

    def stands(self, at: Millis) -> bool:
        """Whether the organisation may be here on it at `at`."""
        return not self.withdrawn and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Claim:
    """That an organisation has a care relation to the user, as `by` has answered for at `version`."""

    legal_basis: Code
    relation: Code
    by: PrincipalId
    version: Version


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread. `unseen`: the classes of its acts of which this replay holds stubs, so that what they changed is
    unknown here. `next_expiry`: the first end of a membership after the newest record. `opened_by`: who opened it.
    `reported`: whom an open deviation is about."""

    number: ThreadNo
    audience: Audience
    topic: Topic
    opened_at: Version
    review_at: Millis | None
    membership_version: int = 0
    members: Mapping[PrincipalId, Member] = field(default_factory=dict)
    vaults: Mapping[OrganisationId, VaultRef] = field(default_factory=dict)
    epoch: Epoch | None = None
    ranges: Mapping[PrincipalId, tuple[Range, ...]] = field(default_factory=dict)
    questions: Mapping[Version, Question] = field(default_factory=dict)
    seen: Mapping[PrincipalId, Version] = field(default_factory=dict)
    retracted: frozenset[Version] = frozenset()
    hidden: Mapping[Version, frozenset[PrincipalId]] = field(default_factory=dict)
    deviations: Mapping[Version, OrganisationId | None] = field(default_factory=dict)
    unseen: frozenset[KindClass] = frozenset()
    next_expiry: Millis | None = None
    opened_by: PrincipalId | None = None
    consents: Mapping[OrganisationId, Consent] = field(default_factory=dict)
    shielded: bool = False
    blocked: frozenset[PrincipalId] = frozenset()
    reported: Mapping[Version, PrincipalId] = field(default_factory=dict)
    claims: Mapping[OrganisationId, Claim] = field(default_factory=dict)
    erasing: Erasing = field(default_factory=Erasing)


@dataclass(frozen=True, slots=True)
class UserRef:
    """The user, from her arrival on."""

    principal: PrincipalId
    key: KeyRef
    arrived_at: Version


@dataclass(frozen=True, slots=True)
class Proposal:
    """An open two-person act."""

    proposer: PrincipalId
    organisation: OrganisationId | None
    role: PrincipalId | None
    thread: ThreadNo
    joined: ParticipantJoined


@dataclass(frozen=True, slots=True)
class Handover:
    """An open handover of the tillitsperson role, the person who proposed it and who has confirmed it so far."""

    proposal: TillitspersonProposed
    confirmed: frozenset[PrincipalId] = frozenset()
    proposer: PrincipalId | None = None


@dataclass(frozen=True, slots=True)
class AgeStated:
    """An age that one person has recorded and a second one has not confirmed yet."""

    age: Age
    by: PrincipalId


@dataclass(frozen=True, slots=True)
class DeathStated:
    """That the user has died, or has not, as one person has reported and a second one has not confirmed yet."""

    died: bool
    by: PrincipalId


@dataclass(frozen=True, slots=True)
class UndoStated:
    """That the user's arrival is to be undone, as one person has said; `principal`: as whom."""

    user: PrincipalId
    reason: UndoReason
    by: PrincipalId
    principal: PrincipalId


@dataclass(frozen=True, slots=True)
class Channel:
    """The aggregate's state after `version` records, the last of them at `recorded_at`."""

    version: Version
    recorded_at: Millis
    opened: bool
    closed: bool
    rules: int
    stream_secret: bytes = field(repr=False)
    tillitsperson: PrincipalId | None
    tillitsperson_organisation: OrganisationId | None
    user: UserRef | None
    threads: Mapping[ThreadNo, Thread]
    key_streams: Mapping[PrincipalId, Count]
    """How far each member's key stream is entered here: certificates are judged by what was entered, in order."""
    proposals: Mapping[Version, Proposal]
    handovers: Mapping[Version, Handover]
    age: Age | None = None
    """None: nothing recorded, which counts as of age."""
    age_stated: AgeStated | None = None
    died: bool = False
    death_stated: DeathStated | None = None
    undos: Mapping[Version, UndoStated] = field(default_factory=dict)
    kinds: Mapping[OrganisationId, OrganisationKind] = field(default_factory=dict)
    """What organisations are, where somebody has stated it; from the first one on, joining asks for it."""
    cases: Mapping[Version, AuditCase] = field(default_factory=dict)
    """Every audit case by its opening, the ended ones too: who asks on one of those is told so."""


NOTHING: Channel = Channel(
    version=Version(0),
    recorded_at=Millis(0),
    opened=False,
    closed=False,
    rules=0,
    stream_secret=b"",
    tillitsperson=None,
    tillitsperson_organisation=None,
    user=None,
    threads={},
    key_streams={},
    proposals={},
    handovers={},
)
"""The state before the first record."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an act points at, looked up and verified by the caller: a recorded message of this channel."""

    version: Version
    thread: ThreadNo | None
    is_message: bool
    author: PrincipalId | None
    organisation: OrganisationId | None = None
    """The one it was written for."""
