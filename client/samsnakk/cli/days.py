"""Days as people type them, in Norwegian time."""

import re
from datetime import date
from typing import Final

from domain.duty.oslo import instant
from domain.ids import Millis
from samsnakk.cli.places import NoPlace

_FORMS: Final = (
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
)


def day_named(text: str) -> tuple[Millis, Millis]:
    """From the first to before the last moment of a day in Norway. Raises `NoPlace`."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    try:
        if found is not None:
            day = date(int(found["y"]), int(found["m"]), int(found["d"]))
            return instant(day, 0), instant(date.fromordinal(day.toordinal() + 1), 0)
    except (ValueError, OverflowError):
        pass
    raise NoPlace(f"{text}: write a day as 24.11.2026 or 2026-11-24")
