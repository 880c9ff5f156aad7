"""Legal-basis codes: versioned data, never logic. Each code names its source in law; the texts people read live
in the clients' dictionaries. A code is never removed or given another meaning, because recorded memberships point at
it; one that the law ends gets `valid_until`. What a lawyer has to confirm is said in `confirm` (docs/consent.md)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.channel.terms import STAFF_STANDINGS, Standing
from domain.ids import Millis

LEGAL_BASES_VERSION = 3


class OrganisationKind(StrEnum):
    """What an organisation is, as far as a legal basis asks for it; stated in a channel as its listing has it."""

    SPECIALIST_HEALTH = "specialist_health"
    MUNICIPAL_HEALTH = "municipal_health"
    GENERAL_PRACTICE = "general_practice"
    MUNICIPAL_OTHER = "municipal_other"
    NAV = "nav"
    OTHER = "other"


KIND_OF_SERVICE: Final = {
    "specialist-health": OrganisationKind.SPECIALIST_HEALTH,
    "municipal-health": OrganisationKind.MUNICIPAL_HEALTH,
    "municipality": OrganisationKind.MUNICIPAL_HEALTH,
    "gp": OrganisationKind.GENERAL_PRACTICE,
    "general-practice": OrganisationKind.GENERAL_PRACTICE,
    "municipal-other": OrganisationKind.MUNICIPAL_OTHER,
    "labour-and-welfare": OrganisationKind.NAV,
}
"""What an organisation is, by the `service` of its signed listing. A whole municipality has health services; one that
lists another part of itself says `municipal-other`. Codes that do not stand here say nothing."""
HEALTH: Final = frozenset(
    {OrganisationKind.SPECIALIST_HEALTH, OrganisationKind.MUNICIPAL_HEALTH, OrganisationKind.GENERAL_PRACTICE}
)
ANY_KIND: Final = frozenset(OrganisationKind)
ANY_STANDING: Final = STAFF_STANDINGS | {Standing.RELATIVE}
_RELATIVE: Final = frozenset({Standing.RELATIVE})


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One code.

    `needs_user`: nobody joins on it without the user's own act or her recorded consent. `yields`: the user's objection
    stands against it. `for_guardians`: only for who has parental responsibility, and only until the user is 16.
    `lifts_shield`: allows to open over a young user's head what she has shielded. `audits`: an audit case can rest on
    it, and nobody joins on it. `valid_from`, `valid_until`: when
    somebody may join on it, UTC milliseconds; `serves`, `standings`: which organisations, and as what.
    """

    code: str
    source: str
    needs_user: bool = False
    yields: bool = False
    for_guardians: bool = False
    lifts_shield: bool = False
    audits: bool = False
    serves: frozenset[OrganisationKind] = ANY_KIND
    standings: frozenset[Standing] = ANY_STANDING
    valid_from: Millis | None = None
    valid_until: Millis | None = None
    confirm: str | None = None

    def valid(self, at: Millis) -> bool:
        """Whether somebody may join on it at `at`; memberships that exist keep theirs."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


LEGAL_BASES: dict[str, LegalBasis] = {
    basis.code: basis
    for basis in (
        LegalBasis(
            "treatment",
            "helsepersonelloven § 25 (cooperating personnel, unless the patient objects)",
            yields=True,
            serves=HEALTH,
            confirm="that § 25 carries a standing channel, not only the single disclosure",
        ),
        LegalBasis(
            "follow-up",
            "helsepersonelloven § 45 (disclosure for treatment and follow-up, unless the patient objects)",
            yields=True,
            serves=HEALTH,
        ),
        LegalBasis(
            "service-decision",
            "helse- og omsorgstjenesteloven § 3-4 (municipal duty to cooperate)",
            serves=frozenset({OrganisationKind.MUNICIPAL_HEALTH, OrganisationKind.MUNICIPAL_OTHER}),
            confirm="that a duty to cooperate alone breaks confidentiality; the safe reading is that it does not",
        ),
        LegalBasis(
            "consent",
            "helsepersonelloven § 22; forvaltningsloven § 13 a no. 1; GDPR art. 6(1)(a), 9(2)(a)",
            needs_user=True,
            yields=True,
            confirm="whether a public body's processing rests on art. 6(1)(e), 9(2)(h), consent only lifting secrecy",
        ),
        LegalBasis("users-choice", "the user brings the person along; revocable", needs_user=True, yields=True),
        LegalBasis("emergency", "helsepersonelloven § 23 no. 4"),
        LegalBasis(
            "parental-responsibility",
            "pasient- og brukerrettighetsloven §§ 3-4, 4-4 (parents of a user under 16)",
            for_guardians=True,
            standings=_RELATIVE,
            confirm="how far a child's wish binds between 12 and 16 in each kind of service",
        ),
        LegalBasis(
            "child-guardian",
            "vergemålsloven ch. 3 (guardian of a minor whose parents cannot)",
            for_guardians=True,
            standings=_RELATIVE,
            confirm="the paragraph, and that it gives the same right to information as pasient- og "
            "brukerrettighetsloven § 3-4",
        ),
        LegalBasis(
            "parental-duty",
            "pasient- og brukerrettighetsloven § 3-4 (information that parents need to fulfil their responsibility)",
            lifts_shield=True,
            standings=frozenset(),
            confirm="that it is weighed for the information at hand; it never opens a thread as a habit",
        ),
        LegalBasis(
            "internal-control",
            "pasientjournalloven §§ 22, 23; helsepersonelloven § 26 (internal control, control of the log)",
            audits=True,
            standings=frozenset(),
            confirm="the basis of municipal services outside health, and of NAV (forvaltningsloven § 13 b)",
        ),
        LegalBasis(
            "accountability",
            "GDPR art. 5(2), 24, 32 (the controller shows that data are kept and used lawfully)",
            audits=True,
            standings=frozenset(),
        ),
        LegalBasis(
            "users-request",
            "pasient- og brukerrettighetsloven § 5-1; GDPR art. 15 (the user asks)",
            audits=True,
            standings=frozenset(),
        ),
        LegalBasis(
            "supervision",
            "helsepersonelloven § 30 (information to the supervisory authority)",
            audits=True,
            standings=frozenset(),
        ),
    )
}
