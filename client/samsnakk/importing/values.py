"""Single values as people write them, in the one form that the directory keeps."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Final

from domain.duty.oslo import DAY
from domain.duty.rules import OnHolidays
from domain.ids import PrincipalId
from domain.numbers import is_organisation_number
from protocol.listings.entries import MAX_NAME, MAX_NAMES, MAX_PHONE
from samsnakk.importing.problems import Wrong, shown

MAX_DAYS: Final = 366
"""Days that one row may name at once."""
WEEKDAYS: Final = ("man", "tir", "ons", "tor", "fre", "lør", "søn")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,63}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ]*")
_TIME: Final = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]00)?")
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_HPR: Final = re.compile(r"[0-9]{7,9}")
_WHOLE: Final = re.compile(r"[0-9]{1,3}")
_MINUTES, _HOUR = 60, 24
HOLIDAYS: Final = {
    "vanlig": OnHolidays.USUAL,
    "søndag": OnHolidays.SUNDAY,
    "stengt": OnHolidays.CLOSED,
}


def text(value: str) -> str:
    """Letters as one sign each, and single spaces: two exports of one name are the same name."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def name(value: str) -> str:
    """A name that is not empty. Raises `Wrong`."""
    found = text(value)
    if not found:
        raise Wrong("navnet mangler", "Skriv det navnet folk bruker.")
    return place(found)


def names(values: list[str]) -> tuple[str, ...]:
    """What it is called, then what else it is called; each once. Raises `Wrong`."""
    found = tuple(dict.fromkeys(name(value) for value in values))
    if len(found) > MAX_NAMES:
        raise Wrong(f"{len(found)} navn", f"Ta med {MAX_NAMES} navn eller færre.")
    return found


def place(value: str) -> str:
    """A place or title; may be empty. Raises `Wrong`."""
    found = text(value)
    if len(found) > MAX_NAME:
        raise Wrong(f"teksten er på {len(found)} tegn", f"Skriv {MAX_NAME} tegn eller færre.")
    if not found.isprintable():
        raise Wrong("teksten inneholder tegn som ikke kan vises", "Slett dem, eller skriv teksten på nytt.")
    return found


def phone(value: str) -> str:
    """A telephone number; may be empty. Raises `Wrong`."""
    found = text(value)
    if found and (len(found) > MAX_PHONE or _PHONE.fullmatch(found) is None):
        raise Wrong("dette er ikke et telefonnummer", "Skriv bare siffer og mellomrom, som 22 00 00 00.")
    return found


def code(value: str) -> str:
    """A code of a list. Raises `Wrong`."""
    found = text(value)
    if _CODE.fullmatch(found) is None:
        what = f"{shown(found)} er ikke en kode" if found else "koden mangler"
        raise Wrong(what, "Skriv små bokstaver a–z, siffer og bindestrek, som municipality.")
    return found


def own_code(value: str) -> str:
    """What a thing is called in the organisation's own system. Raises `Wrong`."""
    found = place(value)
    if not found:
        raise Wrong("koden mangler", "Gi raden en kode som er dens egen, og som aldri skifter.")
    return found


def organisation_number(value: str) -> str:
    """An organisation number whose check digit is right; may be empty. Raises `Wrong`."""
    found = text(value).replace(" ", "")
    if found and not is_organisation_number(found):
        raise Wrong(
            "organisasjonsnummeret stemmer ikke med kontrollsifferet",
            "Skriv de ni sifrene slik de står i Enhetsregisteret.",
        )
    return found


def personnel_number(value: str) -> str:
    """A number of the register of health personnel; may be empty. Raises `Wrong`.

    The register publishes no rule for a check digit, so none is asked for.
    """
    found = text(value).replace(" ", "")
    if found and _HPR.fullmatch(found) is None:
        raise Wrong("dette er ikke et HPR-nummer", "Skriv 7–9 siffer, med nullene foran.")
    return found


def principal(value: str) -> PrincipalId | None:
    """The id that a person or inbox has in channels; may be empty. Raises `Wrong`."""
    found = text(value).lower()
    if not found:
        return None
    if _KEY.fullmatch(found) is None:
        raise Wrong("dette er ikke en nøkkel-id", "Skriv 32 tegn 0–9 og a–f, eller la feltet stå tomt.")
    return PrincipalId(bytes.fromhex(found))


def holidays(value: str, otherwise: OnHolidays) -> OnHolidays:
    """What holds on public holidays. Raises `Wrong`."""
    found = text(value).casefold()
    if not found:
        return otherwise
    if found not in HOLIDAYS:
        raise Wrong(f"{shown(found)} sier ikke hva som gjelder på helligdager", f"Skriv {', '.join(HOLIDAYS)}.")
    return HOLIDAYS[found]


def whole(value: str, least: int, most: int) -> int:
    """A whole number. Raises `Wrong`."""
    found = text(value)
    if _WHOLE.fullmatch(found) is None or not least <= int(found) <= most:
        raise Wrong("dette er ikke et tall som passer her", f"Skriv et tall fra {least} til {most}.")
    return int(found)


def minute(value: str) -> int:
    """Minutes after midnight. Raises `Wrong`."""
    found = _TIME.fullmatch(text(value))
    hours, minutes = (int(found[1]), int(found[2])) if found else (-1, 0)
    if not (0 <= hours < _HOUR and minutes < _MINUTES) and (hours, minutes) != (_HOUR, 0):
        raise Wrong(f"{shown(value)} er ikke et klokkeslett", "Skriv timer og minutter, som 08:00 eller 15:30.")
    return hours * _MINUTES + minutes


def span(start: int, end: int) -> tuple[int, int]:
    """From when until when; who ends no later than they begin ends on the next day. Raises `Wrong`."""
    if start >= DAY:
        raise Wrong("tiden begynner kl. 24.00", "Skriv 00:00 på dagen etter.")
    return start, end if end > start else end + DAY


def day(value: str) -> date:
    """A date. Raises `Wrong`."""
    found = text(value)
    for pattern, order in ((r"(\d{4})-(\d{2})-(\d{2})", (1, 2, 3)), (r"(\d{1,2})\.(\d{1,2})\.(\d{4})", (3, 2, 1))):
        parts = re.fullmatch(pattern, found, re.ASCII)
        if parts is not None:
            try:
                return date(*(int(parts[number]) for number in order))
            except ValueError:
                break
    raise Wrong(f"{shown(found)} er ikke en dato", "Skriv datoen som 2026-12-24.")


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day from the first to the last. Raises `Wrong`."""
    if not 0 <= (last - first).days < MAX_DAYS:
        raise Wrong("dette er ikke et tidsrom", f"Skriv første dag foran siste, og {MAX_DAYS} dager eller færre.")
    return tuple(first + timedelta(ahead) for ahead in range((last - first).days + 1))
