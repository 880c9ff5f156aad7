"""Lines of the access log (protocol §7; pasientjournalloven § 22, Normen on log content).

A subscription is one line at opening and one at closing; a look-up is one line. All are acts of the hub and embed
the reader's own signed request, so that neither hub nor reader can invent or deny one.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.channel.audits import CaseNumber
from domain.channel.kinds import Kind
from domain.channel.terms import KindClass
from domain.ids import Bytes16, Code, Digest, Millis, OrganisationId, PrincipalId, ThreadNo, Version


class Purpose(StrEnum):
    """Why somebody reads (the codes of an audit log's purpose of use)."""

    TREATMENT = "treatment"
    COORDINATION = "coordination"
    OWN_RECORD = "own_record"
    EMERGENCY = "emergency"
    AUDIT = "audit"
    ARCHIVE = "archive"
    """An organisation's node keeps its copy, sealed. Nodes read for nothing else, and nobody else for this."""


class Reach(StrEnum):
    """What a look-up line released."""

    HISTORY = "history"
    ATTACHMENT = "attachment"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class ThreadBasis:
    """One thread that is released, and the membership that allows it."""

    thread: ThreadNo
    legal_basis: Code


@dataclass(frozen=True, slots=True)
class IntervalOpened:
    """From `head_version` on, everything the reader may see of `threads` is pushed to the device, until closed.

    `request`: the reader's signed read request, as received. `lease`: the serving hub process; a crashed
    interval counts up to the channel's head when its lease ended.
    """

    reader: PrincipalId
    device: Bytes16
    organisation: OrganisationId | None
    role: PrincipalId | None
    purpose: Purpose
    threads: tuple[ThreadBasis, ...]
    after: Version
    head_version: Version
    head: Digest
    lease: Bytes16
    lease_until: Millis
    request: bytes


@dataclass(frozen=True, slots=True)
class IntervalClosed:
    """The interval opened by line `ref` ended; the last version released was `upto`."""

    ref: Version
    upto: Version
    reason: Code


@dataclass(frozen=True, slots=True)
class DisclosureMade:
    """One look-up outside a subscription: versions `start`..`until` of `thread`, or one file of it."""

    reader: PrincipalId
    device: Bytes16
    organisation: OrganisationId | None
    role: PrincipalId | None
    purpose: Purpose
    legal_basis: Code
    reach: Reach
    thread: ThreadNo
    start: Version
    until: Version
    file: Bytes16 | None
    request: bytes


class Shown(StrEnum):
    """What a look-up on an audit case shows."""

    RECORDS = "records"
    """Headers of the case's threads and period, never a body."""
    READINGS = "readings"
    """Lines of this log of the case's period."""


@dataclass(frozen=True, slots=True)
class CaseLookedUp:
    """An auditor looks on the audit case opened at version `case` of the channel; all but the request is the case's.

    `since`, `until`: the period by recorded time, the second not included. `start`, `last`: versions of the stream that
    `shows` names, of which the auditor gets what the case opens, and leaves of the rest.
    """

    reader: PrincipalId
    device: Bytes16
    organisation: OrganisationId
    case: Version
    number: CaseNumber
    purpose: Code
    legal_basis: Code
    approver: PrincipalId
    shows: Shown
    threads: tuple[ThreadNo, ...]
    since: Millis
    until: Millis
    start: Version
    last: Version
    request: bytes


AccessEvent = IntervalOpened | IntervalClosed | DisclosureMade | CaseLookedUp

ACCESS_KINDS: tuple[Kind, ...] = (
    Kind("interval-opened/1", IntervalOpened, KindClass.ACCESS, in_thread=False),
    Kind("interval-closed/1", IntervalClosed, KindClass.ACCESS, in_thread=False),
    Kind("disclosure-made/1", DisclosureMade, KindClass.ACCESS, in_thread=False),
    Kind("case-looked-up/1", CaseLookedUp, KindClass.ACCESS, in_thread=False),
)
ACCESS_KIND_NAMED: dict[str, Kind] = {kind.name: kind for kind in ACCESS_KINDS}
MAX_LEASE = 12 * 60 * 60 * 1000
"""Longest interval, milliseconds: then it is closed and a new line opened."""
