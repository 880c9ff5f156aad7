"""How long content is kept: never due while a channel is in use, never too early, never without a rule."""

from datetime import UTC, datetime

import pytest

from domain.channel.legal_bases import OrganisationKind
from domain.channel.retention import RETENTION, Life, RetentionRule, Since, due_at
from domain.ids import Millis


def day(year: int, month: int, date: int) -> Millis:
    return Millis(int(datetime(year, month, date, tzinfo=UTC).timestamp() * 1000))


def rule(years: int | None, since: Since) -> RetentionRule:
    return RetentionRule("test", years, since, archive_first=False, source="a test")


CLOSED, DIED, WRITTEN = day(2026, 3, 1), day(2027, 5, 1), day(2028, 6, 1)


@pytest.mark.parametrize("kind", OrganisationKind)
def test_every_kind_of_organisation_has_a_rule_with_its_source(kind: OrganisationKind) -> None:
    assert RETENTION[kind].source
    assert RETENTION[kind].confirm  # nothing here is to be relied on before somebody who knows has confirmed it


@pytest.mark.parametrize("since", Since)
def test_nothing_is_due_in_a_channel_that_is_in_use(since: Since) -> None:
    assert due_at(rule(10, since), Life(None, None, WRITTEN)) is None


def test_without_a_period_nothing_is_ever_due() -> None:
    assert due_at(rule(None, Since.CLOSED), Life(CLOSED, DIED, WRITTEN)) is None


@pytest.mark.parametrize(
    ("since", "life", "due"),
    [
        (Since.CLOSED, Life(CLOSED, None, None), day(2036, 3, 1)),
        (Since.CLOSED, Life(CLOSED, DIED, None), day(2037, 5, 1)),
        (Since.LAST_ENTRY, Life(CLOSED, None, day(2020, 1, 1)), day(2036, 3, 1)),
        (Since.LAST_ENTRY, Life(CLOSED, None, WRITTEN), day(2038, 6, 1)),
        (Since.DEATH, Life(CLOSED, None, WRITTEN), None),
        (Since.DEATH, Life(CLOSED, DIED, WRITTEN), day(2037, 5, 1)),
        (Since.CLOSED, Life(day(2028, 2, 29), None, None), day(2038, 3, 1)),
    ],
)
def test_a_period_counts_from_what_the_rule_says(since: Since, life: Life, due: Millis | None) -> None:
    assert due_at(rule(10, since), life) == due


def test_a_rule_holds_from_its_first_day_and_not_on_the_day_it_ends() -> None:
    limited = RetentionRule(
        "test", 1, Since.CLOSED, archive_first=False, source="a test", valid_from=Millis(10), valid_until=Millis(20)
    )
    assert [limited.valid(Millis(at)) for at in (9, 10, 19, 20)] == [False, True, True, False]
