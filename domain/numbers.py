"""Numbers of Norwegian registers: which are well formed, and which stand for a person and so belong in no directory."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_ORGANISATION: Final = (3, 2, 7, 6, 5, 4, 3, 2)
"""Weights of the organisation number (Brønnøysundregistrene: «Organisasjonsnummeret», modulus 11)."""
_FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
"""Weights of the two check digits of fødselsnummer and D-nummer (forskrift til folkeregisterloven § 2-2-3)."""
_RELAXED: Final = (0, 1, 2, 3)
"""What the first check may leave from 2032 on: the numbers would run out (Skatteetaten, «Nytt fødselsnummer»)."""
_LENGTH: Final = 11
_RUN: Final = re.compile(r"(?<![^\W_])\d(?:[ \u00a0\u202f./-]?\d)*(?![^\W_])")
_PLAIN: Final = re.compile(r"\d{6}[ \u00a0\u202f-]?\d{5}")
_D_DAY: Final = 40
_MONTHS: Final = (0, 40, 65, 80)
"""Added to the month by those who make synthetic people (NAV 40, Skatteetaten 80, both together 65) and H-numbers."""


def is_organisation_number(text: str) -> bool:
    """Whether these are nine digits of which the last checks the others."""
    if re.fullmatch(r"[0-9]{9}", text) is None:
        return False
    return _remainder(_ORGANISATION, text) == int(text[-1])


def holds_national_id(text: str) -> bool:
    """Whether a fødselsnummer, D-nummer or hjelpenummer stands in the text, real or synthetic, however it is spaced.

    Eleven digits in the usual form count as soon as they begin with a date, check digits or not: one wrong digit does
    not make it fit to be published. In other groups, or ten digits as a spreadsheet leaves them, they must check out.
    """
    plain = _ascii_digits(text)
    return any(_is_national_id(found.group(), plain[: found.start()]) for found in _RUN.finditer(plain))


def _ascii_digits(text: str) -> str:
    found = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in found)


def _is_national_id(run: str, before: str) -> bool:
    if before.endswith("+"):
        return False  # a telephone number with its country
    digits = "".join(sign for sign in run if sign.isdigit())
    if _PLAIN.fullmatch(run) is not None and _begins_with_date(digits):
        return True
    padded = digits.zfill(_LENGTH)
    lost_zero = len(run) == _LENGTH - 1
    if not (lost_zero or len(digits) == _LENGTH) or not _checks_out(padded):
        return False
    # Common hjelpenummer begin with 8 or 9 and hold no date.
    return _begins_with_date(padded) or padded[0] in "89"


def _begins_with_date(digits: str) -> bool:
    day, month = int(digits[:2]), int(digits[2:4])
    is_day = 1 <= (day - _D_DAY if day > _D_DAY else day) <= 31  # noqa: PLR2004 - days of a month
    return is_day and any(1 <= month - added <= 12 for added in _MONTHS)  # noqa: PLR2004 - months of a year


def _checks_out(digits: str) -> bool:
    first, second = _weighed(_FIRST, digits) + int(digits[9]), _weighed(_SECOND, digits) + int(digits[10])
    return first % 11 in _RELAXED and second % 11 == 0


def _remainder(weights: Sequence[int], digits: str) -> int:
    """The check digit; 10 where there is none, which no digit equals."""
    return -_weighed(weights, digits) % 11


def _weighed(weights: Sequence[int], digits: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))
