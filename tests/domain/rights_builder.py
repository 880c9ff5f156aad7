"""What people say about consent and age, and channels in which it matters."""

from domain.channel import events as e
from domain.channel.terms import AgeGroup, ConsentScope
from domain.ids import Millis, OrganisationId, ThreadNo
from tests.domain.cast import ANNA, BERIT, IDA, MONA, NILS, Someone, named
from tests.domain.channel_builder import (
    DAY,
    START,
    Step,
    Story,
    around_ida,
    arrived,
    epoch,
    history,
    joined,
    opened,
    removed,
)

WELFARE = OrganisationId(named("welfare"))
TOWN = OrganisationId(named("town"))
CLINIC = OrganisationId(named("clinic"))
ONE = ThreadNo(1)
NILLE = Someone("nille", NILS.standing, "welfare")
"""A colleague of Nils."""


def consented(thread: int, house: OrganisationId = WELFARE, until: int | None = None, *, history: bool = False) -> Step:
    scope = ConsentScope.WITH_HISTORY if history else ConsentScope.TAKE_PART
    return thread, e.ConsentGiven(house, scope, Millis(until) if until is not None else None)


def limited(thread: int, house: OrganisationId = WELFARE, until: int | None = None, *, history: bool = False) -> Step:
    scope = ConsentScope.WITH_HISTORY if history else ConsentScope.TAKE_PART
    return thread, e.ConsentLimited(house, scope, Millis(until) if until is not None else None)


def withdrawn(*threads: int, house: OrganisationId = WELFARE) -> list[Step]:
    return [(thread, e.ConsentWithdrawn(house)) for thread in threads]


def aged(group: AgeGroup, change: int | None = None) -> Step:
    return None, e.AgeRecorded(group, Millis(change) if change is not None else None)


def with_nils(by: Someone, until: int | None = None, term: int | None = None) -> Story:
    """Ida has consented to the welfare office in thread 1, and Nils is there on it."""
    story = around_ida()
    story.unit(by, consented(1, until=until), (1, NILS.joining("consent", until=term)), epoch(1))
    return story


def of_a_child(group: AgeGroup, change: int = START + 30 * DAY) -> Story:
    """Two of the staff have recorded how old Ida is, and her mother is in thread 1."""
    story = around_ida()
    for who in (ANNA, BERIT):
        story.unit(who, aged(group, change))
    joined(story, ANNA, MONA, 1, basis="parental-responsibility")
    return story


def with_everybody_on_her_word() -> Story:
    """Nobody is left in thread 0 but Nils, who is the tillitsperson by now, and his colleague; both on her consent."""
    story = opened()
    story.unit(ANNA, arrived(), epoch(0), history(0, IDA))
    for who in (NILS, NILLE):
        joined(story, IDA, who, basis="consent")
    story.unit(ANNA, (None, e.TillitspersonProposed(NILS.principal, ends_access=False)))
    for who in (NILS, IDA):
        story.unit(who, (None, e.TillitspersonConfirmed(max(story.channel.handovers))))
    story.unit(IDA, removed(0, ANNA), epoch(0))
    return story
