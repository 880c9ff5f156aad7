"""Of the permission table: undoing an arrival, care relations, and what organisations are."""

from collections.abc import Callable

from domain.channel import events as e
from domain.channel.legal_bases import OrganisationKind
from tests.domain.asked_roles import Role, by, newcomer
from tests.domain.cast import ANNA, BERIT, Someone
from tests.domain.channel_builder import Step, Story, claimed, undone
from tests.domain.rights_builder import CLINIC, TOWN, WELFARE

Make = Callable[[Story, int, Role], Step]
THREADS = ("thread 0", "a thread with the user", "a staff-only thread")
CHANNEL = ("the channel",)
HOUSES = {"town": TOWN, "welfare": WELFARE}


def _undoing(first: Someone, *, confirm: bool) -> Make:
    """`first` has said that the wrong person came; the one who is asked says so too, and confirms it or not."""

    def make(story: Story, _at: int, _who: Role) -> Step:
        said = by(story, first, undone())
        return undone(confirms=said) if confirm else undone()

    return make


def _kind_of(house: str, kind: OrganisationKind, *, stated: bool = False) -> Make:
    def make(story: Story, _at: int, _who: Role) -> Step:
        if stated:
            by(story, ANNA, (None, e.OrganisationStated(HOUSES[house], OrganisationKind.OTHER)))
        return None, e.OrganisationStated(HOUSES[house], kind)

    return make


def _after_kinds_are_stated(house: str, kind: OrganisationKind | None) -> Make:
    """The welfare office joins on the health services' basis, once kinds are stated here."""

    def make(story: Story, at: int, _who: Role) -> Step:
        by(story, ANNA, (None, e.OrganisationStated(CLINIC, OrganisationKind.SPECIALIST_HEALTH)))
        if kind is not None:
            by(story, ANNA, (None, e.OrganisationStated(HOUSES[house], kind)))
        return at, newcomer(house).joining("treatment")

    return make


PARTIES: tuple[tuple[str, Make, tuple[str, ...]], ...] = (
    ("say that the wrong person has arrived", lambda _s, _a, _w: undone(), CHANNEL),
    ("confirm what the tillitsperson said of the wrong person", _undoing(ANNA, confirm=True), CHANNEL),
    ("confirm what staff said of the wrong person", _undoing(BERIT, confirm=True), CHANNEL),
    ("answer for a care relation", lambda _s, at, _w: (at, claimed()[1]), THREADS),
    ("state what kind an organisation is", _kind_of("town", OrganisationKind.MUNICIPAL_HEALTH), CHANNEL),
    (
        "state another kind of an organisation",
        _kind_of("town", OrganisationKind.MUNICIPAL_HEALTH, stated=True),
        CHANNEL,
    ),
    (
        "add staff of the welfare office on a basis for health services",
        _after_kinds_are_stated("welfare", OrganisationKind.NAV),
        THREADS,
    ),
    ("add staff of an organisation whose kind nobody has stated", _after_kinds_are_stated("welfare", None), THREADS),
)
"""Name, what is done, and where it is asked."""
