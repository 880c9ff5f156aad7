"""What the user, and those who decide for her, say about who takes part; and what bears on her right to say it.

These are events like those in `events.py`, which has them all under its own name.
"""

from dataclasses import dataclass

from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import AgeGroup, ConsentScope, UndoReason
from domain.ids import Code, Millis, OrganisationId, PrincipalId, Version


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """The user lets an organisation take part in this thread on her consent, until `until` (None: until withdrawn).

    Replaces what she said about the organisation before. What she was told travels as a sealed message beside it.
    """

    organisation: OrganisationId
    scope: ConsentScope
    until: Millis | None


@dataclass(frozen=True, slots=True)
class ConsentLimited:
    """The consent that stands reaches less far from here on, or ends earlier; never the other way."""

    organisation: OrganisationId
    scope: ConsentScope
    until: Millis | None


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """Whoever of the organisation is in the thread on the user's consent is out, and with the last one its vault.

    Also an objection: nobody adds the organisation here again without the user.
    """

    organisation: OrganisationId


@dataclass(frozen=True, slots=True)
class AgeRecorded:
    """The user's age group, and when the next one begins (None from 16 on).

    What takes rights from the user holds only when a second person has recorded the same.
    """

    group: AgeGroup
    next_change: Millis | None


@dataclass(frozen=True, slots=True)
class ThreadShielded:
    """A user from 12 to 15 keeps this thread from those who have parental responsibility; they are out at once."""


@dataclass(frozen=True, slots=True)
class ShieldLifted:
    """The thread is open to guardians again: by the user (`legal_basis` None), or over her head on a basis in law."""

    legal_basis: Code | None


@dataclass(frozen=True, slots=True)
class ParticipantBlocked:
    """The user wants no more of this person or inbox here: out at once, and nobody but the user lets them in again."""

    principal: PrincipalId


@dataclass(frozen=True, slots=True)
class DeviationOpened:
    """Something went wrong that `organisation` must look into: a wrong participant, a report about `about`."""

    organisation: OrganisationId
    about: PrincipalId | None
    reason: Code


@dataclass(frozen=True, slots=True)
class DeathReported:
    """The user has died, or (`died` false) that was a mistake; holds when a second person has reported the same."""

    died: bool


@dataclass(frozen=True, slots=True)
class ArrivalUndone:
    """Whoever arrived as `user` is not to be here as her: the wrong person, or she has lost all her keys.

    Holds when a second person says the same and names the first one's act (`confirms`); one of the two is the
    tillitsperson. After that another arrival can be vouched for.
    """

    user: PrincipalId
    reason: UndoReason
    confirms: Version | None


@dataclass(frozen=True, slots=True)
class CareClaimed:
    """The author answers for it that the own organisation has a care relation to the user: on which legal basis, and
    of which kind (`care_relations`). A case number travels as a sealed message beside it."""

    legal_basis: Code
    relation: Code


@dataclass(frozen=True, slots=True)
class OrganisationStated:
    """What `organisation` is, as its own signed listing says; which legal bases serve it follows from that."""

    organisation: OrganisationId
    kind: OrganisationKind
