"""Who can be picked: everybody in the trust file, with claims as a real provider would give them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from protocol.sign_in import Audience, Profile
from protocol.trust import Trust


@dataclass(frozen=True, slots=True)
class Invented:
    """A person of the trust file. `pid` is of the synthetic series (month + 80)."""

    key: str
    name: str
    title: str
    audience: Audience
    pid: str
    number: str
    organisation: str | None

    def claims(self, profile: Profile) -> Mapping[str, Any]:
        """What a provider of that profile says about them."""
        said = {
            profile.level_claim: min(profile.levels),
            profile.pid_claim: self.pid,
            profile.hpr_claim: self.number,
            profile.parent_claim: self.organisation,
        }
        return {name: value for name, value in said.items() if name is not None and value is not None}


def invented_people(trust: Trust) -> dict[str, Invented]:
    """Everybody in the trust file who is a person, by a key that stays the same."""
    numbers = {organisation.id: organisation.number for organisation in trust.organisations}
    people = [person for person in trust.people if not person.inbox]
    return {
        person.id.hex(): Invented(
            person.id.hex(),
            person.name,
            person.title,
            Audience.USER if person.organisation is None else Audience.STAFF,
            f"018190{index:05d}",
            f"{index:09d}",
            None if person.organisation is None else numbers.get(person.organisation),
        )
        for index, person in enumerate(people, 1)
    }


def invented_users(names: Sequence[str]) -> dict[str, Invented]:
    """Users whom the trust file does not know yet, by a key that stays the same."""
    return {
        f"user-{index}": Invented(f"user-{index}", name, "", Audience.USER, f"018191{index:05d}", f"{index:09d}", None)
        for index, name in enumerate(names, 1)
    }
