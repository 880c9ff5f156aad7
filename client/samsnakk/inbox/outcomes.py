"""How an inbox's keys stand, and what was done about them."""

from dataclasses import dataclass

from protocol.inbox_keys import Due


@dataclass(frozen=True, slots=True)
class Renewed:
    """What was done: `version` of the new key, if one was made; for how many people the file was sealed anew, if any.

    `due`: why a new key is due that could not be made here, because no node is known.
    """

    version: int | None = None
    sealed_for: int = 0
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class About:
    """How an inbox stands: newest key, who answers it, why a new key is due, and whether the keys are here."""

    version: int | None
    people: tuple[bytes, ...]
    due: Due | None
    held: bool
