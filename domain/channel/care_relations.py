"""Kinds of care relation that an opener may claim: versioned data. A code is never removed or given another meaning.
Each names its source in law and the legal bases it can be claimed on (docs/consent.md)."""

from dataclasses import dataclass
from typing import Final

CARE_RELATIONS_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class CareRelation:
    """One code. `bases`: legal-basis codes on which it can be claimed."""

    code: str
    source: str
    bases: frozenset[str]


_HEALTH: Final = frozenset({"treatment", "follow-up", "emergency"})

CARE_RELATIONS: dict[str, CareRelation] = {
    relation.code: relation
    for relation in (
        CareRelation("treatment", "helsepersonelloven §§ 25, 45 (the person is in treatment here)", _HEALTH),
        CareRelation("referral", "pasient- og brukerrettighetsloven § 2-2 (a referral was received)", _HEALTH),
        CareRelation(
            "municipal-service",
            "helse- og omsorgstjenesteloven § 3-1 (the person gets, or has asked for, a municipal service)",
            _HEALTH | {"service-decision"},
        ),
        CareRelation(
            "coordinator",
            "helse- og omsorgstjenesteloven § 7-2, spesialisthelsetjenesteloven § 2-5 a (named as coordinator)",
            _HEALTH | {"service-decision"},
        ),
        CareRelation("emergency", "helsepersonelloven §§ 7, 23 no. 4 (urgent help)", frozenset({"emergency"})),
    )
}
