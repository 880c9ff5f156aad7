"""How long content is kept: periods by kind of organisation, as versioned data. They propose, and delete nothing.

A code is never removed or given another meaning. Where the law leaves it to a plan of the organisation's own, there is
no period here, and nothing is due without that plan. What a lawyer or archivist has to confirm stands in `confirm`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, assert_never

from domain.channel.legal_bases import OrganisationKind
from domain.ids import Millis

RETENTION_VERSION: Final = 1
MOST_YEARS: Final = 200


class Since(StrEnum):
    """From when a period counts; always only in a channel that is closed, or whose user has died."""

    CLOSED = "closed"
    LAST_ENTRY = "last_entry"
    DEATH = "death"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One period. `years` None: only a plan of the organisation's own says how long.

    `archive_first`: nothing is proposed before what an archive must get has been exported. `valid_from`,
    `valid_until`: when the rule holds, UTC milliseconds.
    """

    code: str
    years: int | None
    since: Since
    archive_first: bool
    source: str
    confirm: str | None = None
    valid_from: Millis | None = None
    valid_until: Millis | None = None

    def valid(self, at: Millis) -> bool:
        """Whether it holds at `at`."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


RETENTION: Final[dict[OrganisationKind, RetentionRule]] = {
    OrganisationKind.SPECIALIST_HEALTH: RetentionRule(
        "specialist-health",
        10,
        Since.DEATH,
        archive_first=True,
        source="pasientjournalforskriften § 14 (as long as it may be of use; delivered not before ten years after the "
        "last entry); helsearkivforskriften (records of the dead go to Norsk helsearkiv)",
        confirm="the years after death, and that a channel is part of the record",
    ),
    OrganisationKind.MUNICIPAL_HEALTH: RetentionRule(
        "municipal-health",
        10,
        Since.LAST_ENTRY,
        archive_first=True,
        source="riksarkivarens forskrift § 7-29 (minimum periods by kind of service; a part is kept for ever)",
        confirm="the minimum period of the service at hand, and which part is kept for ever",
    ),
    OrganisationKind.GENERAL_PRACTICE: RetentionRule(
        "general-practice",
        10,
        Since.LAST_ENTRY,
        archive_first=False,
        source="pasientjournalforskriften § 14 (while it may be of use), pasientjournalloven § 25",
        confirm="that ten years after the last entry nobody needs it for the patient's sake",
    ),
    OrganisationKind.MUNICIPAL_OTHER: RetentionRule(
        "municipal-other",
        10,
        Since.LAST_ENTRY,
        archive_first=True,
        source="arkivlova § 9; riksarkivarens forskrift ch. 7 (client files: delivered ten years after last contact)",
        confirm="the municipality's own preservation and disposal plan",
    ),
    OrganisationKind.NAV: RetentionRule(
        "nav",
        None,
        Since.CLOSED,
        archive_first=True,
        source="arkivlova § 9; NAV's own preservation and disposal plan",
        confirm="the period of that plan",
    ),
    OrganisationKind.OTHER: RetentionRule(
        "other",
        None,
        Since.CLOSED,
        archive_first=False,
        source="GDPR art. 5(1)(e): no longer than needed; the organisation decides and writes down how long",
        confirm="the organisation's own decision",
    ),
}


@dataclass(frozen=True, slots=True)
class Life:
    """What the periods count from, UTC milliseconds; None where it has not happened."""

    closed_at: Millis | None
    died_at: Millis | None
    last_entry_at: Millis | None


def due_at(rule: RetentionRule, life: Life) -> Millis | None:
    """When the period is over; None where none runs: the channel is in use, or nothing says how long."""
    over = [at for at in (life.closed_at, life.died_at) if at is not None]
    if rule.years is None or not over:
        return None
    match rule.since:
        case Since.CLOSED:
            begins: Millis | None = max(over)
        case Since.LAST_ENTRY:
            begins = Millis(max(*over, life.last_entry_at or 0))
        case Since.DEATH:
            begins = life.died_at
        case _:
            assert_never(rule.since)
    return None if begins is None else _years_after(begins, rule.years)


def _years_after(at: int, years: int) -> Millis:
    """The same day so many years later; from 29 February to 1 March, so never too early."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    try:
        later = moment.replace(year=moment.year + years)
    except ValueError:
        later = moment.replace(year=moment.year + years, month=3, day=1)
    return Millis(int(later.timestamp() * 1000))
