"""Finding whom people mean when they type a name, as it stands in the trust file, whole or by its first words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from domain.ids import Millis, OrganisationId, PrincipalId
from protocol.trust import PersonPin, Trust
from samsnakk.cli import rights_texts as t
from samsnakk.cli.error_texts import Unclear
from samsnakk.cli.shown import one_line

Id = TypeVar("Id", bound=bytes)
_LENGTH: Final = re.compile(r"(\d{1,4})(t|h|d)", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_MILLIS: Final = {"t": 3_600_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True)
class Meant(Generic[Id]):
    """Who is meant, and what was typed behind the name."""

    id: Id
    rest: list[str]


@dataclass(frozen=True, slots=True)
class Known:
    """Everybody whom the trust file names."""

    trust: Trust

    def organisation(self, words: str) -> Meant[OrganisationId]:
        """The organisation a text begins with. Raises `Unclear`."""
        found = _found(words, {OrganisationId(o.id): o.name for o in self.trust.organisations})
        return Meant(found[0], found[1])

    def person(self, words: str) -> Meant[PrincipalId]:
        """The person or inbox a text begins with; an organisation means its only inbox. Raises `Unclear`."""
        houses = {OrganisationId(o.id): o.name for o in self.trust.organisations}
        house = _first(words, houses)
        somebody = _first(words, {PrincipalId(p.id): p.name for p in self.trust.people})
        if house is not None and (somebody is None or house[2] > somebody[2]):
            (organisation,) = _one(house[0], houses)
            return Meant(self._inbox(organisation), house[1])
        found = _found(words, {PrincipalId(p.id): p.name for p in self.trust.people})
        return Meant(found[0], found[1])

    def pin(self, principal: PrincipalId) -> PersonPin:
        """What the trust file says of somebody. Raises `Unclear`."""
        found = [p for p in self.trust.people if p.id == principal]
        if not found:
            raise Unclear(t.NO_SUCH)
        return found[0]

    def _inbox(self, organisation: OrganisationId) -> PrincipalId:
        inboxes = [p for p in self.trust.people if p.inbox and p.organisation == organisation]
        if not inboxes:
            raise Unclear(t.NO_INBOX.format(organisation=one_line(self.trust.name_of(organisation))))
        if len(inboxes) > 1:
            raise Unclear(t.WHICH.format(names=", ".join(one_line(p.name) for p in inboxes)))
        return PrincipalId(inboxes[0].id)


def _found(words: str, names: Mapping[Id, str]) -> tuple[Id, list[str]]:
    """The one name that the text begins with. Raises `Unclear`."""
    found = _first(words, names)
    if found is None:
        raise Unclear(t.NO_SUCH)
    (who,) = _one(found[0], names)
    return who, found[1]


def _one(found: set[Id], names: Mapping[Id, str]) -> set[Id]:
    if len(found) > 1:
        raise Unclear(t.WHICH.format(names=", ".join(sorted(one_line(names[i]) for i in found))))
    return found


def _first(words: str, names: Mapping[Id, str]) -> tuple[set[Id], list[str], int] | None:
    """Whom the longest beginning of the text names, whole or in part; what follows; and how many words it was."""
    typed = words.split()
    for length in range(len(typed), 0, -1):
        wanted = [word.casefold().strip(",") for word in typed[:length]]
        whole = {i for i, name in names.items() if _words(name) == wanted}
        part = whole or {i for i, name in names.items() if _is_part(wanted, _words(name))}
        if part:
            return part, typed[length:], length
    return None


def _words(name: str) -> list[str]:
    return [word.strip(",") for word in name.casefold().split()]


def _is_part(wanted: list[str], name: list[str]) -> bool:
    return any(name[start : start + len(wanted)] == wanted for start in range(len(name)))


def end_in(words: list[str], now: Millis) -> Millis | None:
    """Takes an end out of the words: so many hours or days from now, or the end of a day here. Raises `Unclear`."""
    for word in words:
        length, date = _LENGTH.fullmatch(word), _DATE.fullmatch(word)
        if length is not None:
            words.remove(word)
            return Millis(now + int(length[1]) * _MILLIS[length[2].lower()])
        if date is not None:
            words.remove(word)
            try:
                day = datetime(int(date[3]), int(date[2]), int(date[1])).astimezone()
            except ValueError:
                raise Unclear(t.NOT_READ.format(words=word, usage="31.12.2027")) from None
            return Millis(int((day + timedelta(days=1)).timestamp() * 1000))
    return None


def word_in(words: list[str], *wanted: str) -> bool:
    """Takes a word out of the words, if it is there."""
    found = [word for word in words if word.casefold() in wanted]
    for word in found:
        words.remove(word)
    return bool(found)
