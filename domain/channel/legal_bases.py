"""Legal-basis codes: versioned data, never logic. Each code names its source in law; the texts people read live
in the clients' dictionaries. A code is never removed, because recorded memberships point at it."""

from dataclasses import dataclass

LEGAL_BASES_VERSION = 1


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One code. `needs_user`: nobody joins on it without the user's own act."""

    code: str
    source: str
    needs_user: bool = False


LEGAL_BASES: dict[str, LegalBasis] = {
    basis.code: basis
    for basis in (
        LegalBasis("treatment", "helsepersonelloven § 25 (cooperating personnel)"),
        LegalBasis("follow-up", "helsepersonelloven § 45 (disclosure for treatment and follow-up)"),
        LegalBasis("service-decision", "helse- og omsorgstjenesteloven § 3-4 (municipal duty to cooperate)"),
        LegalBasis("consent", "helsepersonelloven § 22; GDPR art. 6(1)(a), 9(2)(a)", needs_user=True),
        LegalBasis("users-choice", "the user brings the person along; revocable", needs_user=True),
        LegalBasis("emergency", "helsepersonelloven § 23 no. 4"),
    )
}
