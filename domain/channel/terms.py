"""The nouns of a channel's vocabulary: standings, audiences, topic classes, keys, members."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import Code, Count, Digest, Millis, OrganisationId, PrincipalId, Version

MAX_MEMBERS = 256
"""Principals on one roster: an epoch act of that size is 300 KiB for people, 600 KiB if all were vaults."""
MAX_THREADS = 1000


class Standing(StrEnum):
    """What a principal is in a thread. The tillitsperson is a staff member so named, not a standing."""

    USER = "user"
    STAFF = "staff"
    INBOX = "inbox"
    RELATIVE = "relative"
    VAULT = "vault"


class Audience(StrEnum):
    """Fixed when a thread is opened, never changed."""

    WITH_USER = "with_user"
    STAFF_ONLY = "staff_only"


class Topic(StrEnum):
    """Topic classes visible to the hub and, for staff-only threads, to the user."""

    TREATMENT = "treatment"
    MEDICATION = "medication"
    HOUSING = "housing"
    WORK_AND_INCOME = "work_and_income"
    ECONOMY = "economy"
    EVERYDAY_LIFE = "everyday_life"
    FAMILY_AND_NETWORK = "family_and_network"
    SAFETY = "safety"
    PRACTICAL = "practical"
    OTHER = "other"


class ConsentScope(StrEnum):
    """How far the user's consent to an organisation reaches in a thread."""

    TAKE_PART = "take_part"
    """To take part from now on; what was written before is not opened to it."""
    WITH_HISTORY = "with_history"
    """Also to be given what was written before."""


class AgeGroup(StrEnum):
    """How old the user is, as far as deciding needs it; never a date of birth."""

    UNDER_12 = "under_12"
    FROM_12 = "12_to_15"
    FROM_16 = "16_and_over"


class UndoReason(StrEnum):
    """Why an arrival is undone."""

    WRONG_PERSON = "wrong-person"
    """Somebody else came in her place: what was said in her name counts no more."""
    LOST_KEYS = "lost-keys"
    """She has lost every copy of her keys and comes again: what she said holds."""


class KindClass(StrEnum):
    """The coarse class of an act; it stands in the leaf, so a stub still says what sort of thing it hides."""

    OPENING = "opening"
    MEMBERSHIP = "membership"
    KEY = "key"
    CONTENT = "content"
    TRACE = "trace"
    HIDING = "hiding"
    """Retracted, misplaced, erased: whoever reads a thread needs all of them, or it could not tell a justified stub."""
    ACCESS = "access"
    AUDIT = "audit"
    """Audit cases: for the user and everybody who takes part for an organisation, never for relatives."""


STAFF_STANDINGS = frozenset({Standing.STAFF, Standing.INBOX})
STRUCTURE = frozenset({KindClass.OPENING, KindClass.MEMBERSHIP})
"""Classes whose acts say who is where: never a stub for the user and staff, nor for a relative in its own threads."""


@dataclass(frozen=True, slots=True)
class KeyRef:
    """Which key of a principal: its version and the hash of its public KEM key (or both of a vault's)."""

    version: Count
    kem_hash: Digest


@dataclass(frozen=True, slots=True)
class VaultRef:
    """An organisation's vault and its key."""

    principal: PrincipalId
    key: KeyRef


@dataclass(frozen=True, slots=True)
class Member:
    """One principal in one thread: person or inbox + organisation + function + legal basis + end date in effect."""

    principal: PrincipalId
    standing: Standing
    organisation: OrganisationId | None
    function: Code
    legal_basis: Code
    valid_until: Millis | None
    key: KeyRef
    since: Version
    term: Millis | None = None
    """The end date that was agreed; `valid_until` is earlier where a consent or a childhood ends before it."""

    def active(self, at: Millis) -> bool:
        """Expiry is derived by everyone from recorded time; `valid_until` itself is already outside."""
        return self.valid_until is None or at < self.valid_until


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One line of a roster: whom an epoch key is wrapped for, and under which key."""

    principal: PrincipalId
    key_version: Count
    kem_hash: Digest


@dataclass(frozen=True, slots=True)
class Range:
    """Versions a reader may see of a thread, both ends included; `until` None means onwards."""

    start: Version
    until: Version | None

    def covers(self, version: Version) -> bool:
        """Whether `version` lies in the range."""
        return self.start <= version and (self.until is None or version <= self.until)


def covered(spans: Iterable[Range], start: Version, until: Version) -> bool:
    """Whether the union of `spans` holds every version from `start` to `until`; false for an empty stretch."""
    if start < 1 or until < start:
        return False
    at: int = start
    for span in sorted(spans, key=lambda r: r.start):
        if span.start <= at and (span.until is None or span.until >= at):
            if span.until is None or span.until >= until:
                return True
            at = span.until + 1
    return False
