"""How old the user is, as far as deciding needs it: age groups, when the next begins, and what each allows, as data.

A birthday needs nobody to click: which group holds is derived from recorded time. As long as nothing is recorded the
user counts as of age. Sources: pasient- og brukerrettighetsloven §§ 3-4, 4-3, 4-4; a lawyer confirms the readings
(docs/consent.md).
"""

from dataclasses import dataclass
from typing import Final

from domain.channel.terms import AgeGroup
from domain.ids import Millis

AGE_RULES_VERSION = 1
_DAY: Final = 86_400_000
FROM_12_TO_16: Final = 1461 * _DAY
"""Four years with their leap day, milliseconds."""
LONGEST: Final = {AgeGroup.UNDER_12: 4383 * _DAY, AgeGroup.FROM_12: FROM_12_TO_16}
"""How far ahead the next group can begin: twelve years, four years."""


@dataclass(frozen=True, slots=True)
class AgeRule:
    """What a group allows. `user_consents`: the user herself consents; `guardians_consent`: those with parental
    responsibility who are in the thread do, too; `may_shield`: she may keep a thread from them; `may_exclude`: she may
    remove or block them."""

    user_consents: bool
    guardians_consent: bool
    may_shield: bool
    may_exclude: bool


AGE_RULES: dict[AgeGroup, AgeRule] = {
    AgeGroup.UNDER_12: AgeRule(user_consents=False, guardians_consent=True, may_shield=False, may_exclude=False),
    AgeGroup.FROM_12: AgeRule(user_consents=True, guardians_consent=True, may_shield=True, may_exclude=True),
    AgeGroup.FROM_16: AgeRule(user_consents=True, guardians_consent=False, may_shield=False, may_exclude=True),
}


@dataclass(frozen=True, slots=True)
class Age:
    """The user turns 12 at `twelve` and 16 at `sixteen`; 0: was so when it was recorded."""

    twelve: Millis
    sixteen: Millis

    def group(self, at: Millis) -> AgeGroup:
        """The group at `at`."""
        if at >= self.sixteen:
            return AgeGroup.FROM_16
        return AgeGroup.FROM_12 if at >= self.twelve else AgeGroup.UNDER_12


OF_AGE: Final = Age(Millis(0), Millis(0))


def age_of(group: AgeGroup, next_change: Millis | None) -> Age:
    """The age that a record states; what it leaves open is read in favour of the user."""
    change = next_change or Millis(0)
    match group:
        case AgeGroup.UNDER_12:
            return Age(change, Millis(change + FROM_12_TO_16))
        case AgeGroup.FROM_12:
            return Age(Millis(0), change)
        case AgeGroup.FROM_16:
            return OF_AGE


def takes_rights(new: Age, old: Age, at: Millis) -> bool:
    """Whether the user would decide less, now or later, by `new` than by `old`."""
    return max(new.twelve, at) > max(old.twelve, at) or max(new.sixteen, at) > max(old.sixteen, at)
