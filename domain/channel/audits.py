"""Audit cases ("kontrollsak"): an organisation's auditor asks to look, a second person of the organisation approves.

Acts of the channel itself, so that they reach the user at once, stand in the same signed and logged record as
everything else, and every client judges them by the same rules. These are events like those in `events.py`, which has
them all under its own name. The domain is handed authors whose duty has been checked (`protocol.duties`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from domain.ids import Bytes32, Code, Millis, OrganisationId, PrincipalId, ThreadNo, Version

MAX_CASE_TIME: Final = 30 * 24 * 60 * 60 * 1000
"""The longest time box, milliseconds: who needs longer asks, and is approved, again."""
CaseNumber = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9][A-Za-z0-9._:/-]*\Z")]
"""The number people know the case by. No room for a name: the hub reads it."""


class Duty(StrEnum):
    """What an organisation has charged some of its people with, in its vault's key stream."""

    AUDIT = "audit"
    """Opens audit cases and looks on them."""
    APPROVE_AUDIT = "audit-approval"
    """Approves the cases of others, or says no, also later."""


class AuditKind(StrEnum):
    """What the case opens."""

    METADATA = "metadata"
    """Who did and read what, when: headers and access lines. Needs no keys."""
    CONTENT = "content"
    """Also the messages: what the vault's two groups of key officers open for it."""


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """What is asked for: why, what of the record, and for how long. Approved whole or not at all, never changed.

    `threads` and `organisations` rise strictly. `since`, `until`: the period by recorded time, the second not included
    (None: up to the opening of the case). `organisations`: whose people's readings are looked at (empty: everybody's).
    `begins`, `ends`: the time box in which the auditor may look.
    """

    kind: AuditKind
    number: CaseNumber
    purpose: Code
    legal_basis: Code
    threads: Annotated[tuple[ThreadNo, ...], Meta(min_length=1, max_length=256)]
    since: Millis
    until: Millis | None
    organisations: Annotated[tuple[OrganisationId, ...], Meta(max_length=64)]
    begins: Millis
    ends: Millis


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """An auditor of the author's organisation asks to look; nothing may be looked at yet."""

    terms: CaseTerms


@dataclass(frozen=True, slots=True)
class CaseApproved:
    """A second person of the organisation lets `auditor` look, on these very terms: who approves has seen them."""

    ref: Version
    auditor: PrincipalId
    terms: CaseTerms


@dataclass(frozen=True, slots=True)
class CaseRefused:
    """A second person of the organisation says no, or takes an approval back: nobody looks on this case any more."""

    ref: Version


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """The auditor is done: nobody looks on this case any more."""

    ref: Version


@dataclass(frozen=True, slots=True)
class ContentAsked:
    """The auditor of an approved case asks the key officers of the organisation's vault to open messages of it.

    `vault_case`: hash of the case at the vault, so that the officers open this and nothing else; they refuse where this
    act is not in the record.
    """

    ref: Version
    vault_case: Bytes32
    threads: Annotated[tuple[ThreadNo, ...], Meta(min_length=1, max_length=256)]
    start: Version
    last: Version


AuditEvent = CaseOpened | CaseApproved | CaseRefused | CaseClosed | ContentAsked
DUTY_OF: Final[dict[type, Duty]] = {
    CaseOpened: Duty.AUDIT,
    CaseApproved: Duty.APPROVE_AUDIT,
    CaseRefused: Duty.APPROVE_AUDIT,
    CaseClosed: Duty.AUDIT,
    ContentAsked: Duty.AUDIT,
}
"""The duty that each kind of act rests on."""


class CaseState(StrEnum):
    """How far a case has come; whether its time is up is asked of the clock."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AuditCase:
    """One case. `until`: the end of the period, not included."""

    ref: Version
    terms: CaseTerms
    organisation: OrganisationId
    auditor: PrincipalId
    until: Millis
    state: CaseState = CaseState.ASKED
    approver: PrincipalId | None = None
    """Who has approved, or refused without anybody having approved."""
    approved_at: Version | None = None
    ended_at: Version | None = None

    def covers(self, recorded_at: Millis) -> bool:
        """Whether what was recorded then lies in the period."""
        return self.terms.since <= recorded_at < self.until

    def stood(self, version: Version, at: Millis) -> bool:
        """Whether its auditor might look when the channel was at `version`, at this time."""
        begun = self.approved_at is not None and self.approved_at <= version and self.terms.begins <= at
        return begun and at < self.terms.ends and (self.ended_at is None or version < self.ended_at)
