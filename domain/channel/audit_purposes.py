"""Why somebody may audit: versioned data, never logic. A code is never removed or given another meaning. Each names its
source in law, the legal bases it can rest on, and whether messages may be opened for it (docs/audit.md). The words in
which the user reads them live in the clients' dictionaries."""

from dataclasses import dataclass
from typing import Final

from domain.channel.audits import AuditKind

AUDIT_PURPOSES_VERSION: Final = 1
_METADATA: Final = frozenset({AuditKind.METADATA})
_BOTH: Final = frozenset(AuditKind)


@dataclass(frozen=True, slots=True)
class AuditPurpose:
    """One code. `bases`: legal-basis codes it can rest on; `kinds`: what may be opened for it."""

    code: str
    source: str
    bases: frozenset[str]
    kinds: frozenset[AuditKind]
    confirm: str | None = None


AUDIT_PURPOSES: dict[str, AuditPurpose] = {
    purpose.code: purpose
    for purpose in (
        AuditPurpose(
            "log-review",
            "pasientjournalloven § 22 (control of the log afterwards)",
            frozenset({"internal-control", "accountability"}),
            _METADATA,
        ),
        AuditPurpose(
            "suspected-snooping",
            "helsepersonelloven § 21 a, pasientjournalloven § 16 (nobody reads without need)",
            frozenset({"internal-control", "accountability"}),
            _METADATA,
        ),
        AuditPurpose(
            "users-request",
            "pasient- og brukerrettighetsloven § 5-1, GDPR art. 15 (the user wants to know, or to have a copy)",
            frozenset({"users-request"}),
            _BOTH,
        ),
        AuditPurpose(
            "complaint",
            "pasient- og brukerrettighetsloven § 7-2 (the user complains)",
            frozenset({"internal-control", "users-request"}),
            _BOTH,
            confirm="that the complaint itself carries opening messages that the complaint does not name",
        ),
        AuditPurpose(
            "incident",
            "helsepersonelloven § 26 (internal control and quality of the service)",
            frozenset({"internal-control"}),
            _BOTH,
            confirm="whether the user may object to messages being opened for internal control",
        ),
        AuditPurpose(
            "supervision",
            "helsepersonelloven § 30 (the supervisory authority wants to see the record)",
            frozenset({"supervision"}),
            _BOTH,
        ),
    )
}
