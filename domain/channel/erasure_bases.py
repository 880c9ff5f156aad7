"""On which ground in law content is destroyed: versioned data, never logic.

A code is never removed or given another meaning, because recorded decisions point at it. What a lawyer has to confirm
is said in `confirm` (docs/retention.md)."""

from dataclasses import dataclass
from typing import Final

from domain.channel.legal_bases import ANY_KIND, HEALTH, OrganisationKind
from domain.ids import Millis

ERASURE_BASES_VERSION: Final = 1
RETENTION_OVER: Final = "retention-over"


@dataclass(frozen=True, slots=True)
class ErasureBasis:
    """One code. `serves`: which organisations may decide on it; `valid_from`, `valid_until`: when, UTC milliseconds."""

    code: str
    source: str
    serves: frozenset[OrganisationKind] = ANY_KIND
    valid_from: Millis | None = None
    valid_until: Millis | None = None
    confirm: str | None = None

    def valid(self, at: Millis) -> bool:
        """Whether somebody may decide on it at `at`; decisions that stand keep theirs."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


ERASURE_BASES: Final[dict[str, ErasureBasis]] = {
    basis.code: basis
    for basis in (
        ErasureBasis(
            "wrong-person",
            "helsepersonelloven § 44 (entered in the record of the wrong person)",
            serves=HEALTH,
            confirm="that a message in the wrong person's channel is an entry in the wrong record",
        ),
        ErasureBasis(
            "wrong-or-unneeded",
            "helsepersonelloven § 43 (wrong, misleading or plainly not needed; no public interest against)",
            serves=HEALTH,
            confirm="who answers for the record in each organisation (helsepersonelloven § 39), and the archive law",
        ),
        ErasureBasis(
            "persons-right",
            "GDPR art. 17(1) (the person's right to erasure)",
            confirm="art. 17(3)(b), (c), (d): a duty to keep the record or the archive comes first",
        ),
        ErasureBasis("unlawful", "GDPR art. 17(1)(d) (was never to be processed here)"),
        ErasureBasis(
            RETENTION_OVER,
            "GDPR art. 5(1)(e), pasientjournalloven § 25 (no longer than needed)",
            confirm="the periods (docs/retention.md), and that what an archive must get has been delivered first",
        ),
    )
}
