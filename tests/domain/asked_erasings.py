"""Of the permission table: wishing, proposing, approving and refusing to erase, and saying that it is done."""

from collections.abc import Callable

from domain.channel import events as e
from domain.ids import OrganisationId, Version
from tests.domain.asked_roles import Role, by, foreign_house, own_house
from tests.domain.cast import ANNA, BERIT, BODIL, DESK, IDA, NILS, Someone, named
from tests.domain.channel_builder import Step, Story, message
from tests.domain.rights_builder import CLINIC

Make = Callable[[Story, int, Role], Step]
THREADS = ("thread 0", "a thread with the user", "a staff-only thread")
COLLEAGUES = {"clinic": (ANNA, DESK), "town": (BERIT, BODIL), "welfare": (NILS, NILS)}


def _writer(house: str, who: Role) -> Someone:
    first, second = COLLEAGUES[house]
    return second if who == first else first


def _said(story: Story, at: int, house: str) -> Version:
    return by(story, COLLEAGUES[house][0], message(at))


def _proposal(story: Story, at: int, house: str) -> e.ErasureProposed:
    organisation = OrganisationId(named(house))
    return e.ErasureProposed(organisation, (_said(story, at, house),), "persons-right", None)


def _wishes(story: Story, at: int, _who: Role) -> Step:
    return at, e.ErasureRequested(CLINIC, (_said(story, at, "clinic"),))


def _proposes(*, elsewhere: bool) -> Make:
    def make(story: Story, at: int, who: Role) -> Step:
        return at, _proposal(story, at, foreign_house(who) if elsewhere else own_house(who))

    return make


def _approves(*, elsewhere: bool = False, own: bool = False) -> Make:
    """Somebody else of the organisation has proposed it, or whoever is asked."""

    def make(story: Story, at: int, who: Role) -> Step:
        house = foreign_house(who) if elsewhere else own_house(who)
        proposal = at, _proposal(story, at, house)
        return at, e.ErasureApproved(by(story, who if own else _writer(house, who), proposal))

    return make


def _refuses(*, wish: bool, elsewhere: bool = False) -> Make:
    def make(story: Story, at: int, who: Role) -> Step:
        house = foreign_house(who) if elsewhere else own_house(who)
        if wish:
            asked = at, e.ErasureRequested(OrganisationId(named(house)), (_said(story, at, house),))
            return at, e.ErasureRefused(by(story, IDA, asked), "duty-to-keep")
        return at, e.ErasureRefused(by(story, _writer(house, who), (at, _proposal(story, at, house))), "not-needed")

    return make


def _confirms(story: Story, at: int, _who: Role) -> Step:
    proposed = by(story, ANNA, (at, _proposal(story, at, "clinic")))
    return at, e.CopyErased(by(story, DESK, (at, e.ErasureApproved(proposed))), None, None)


ERASINGS: tuple[tuple[str, Make, tuple[str, ...]], ...] = (
    ("wish that a message is erased", _wishes, THREADS),
    ("propose to erase what was written for the own organisation", _proposes(elsewhere=False), THREADS),
    ("propose to erase what was written for another organisation", _proposes(elsewhere=True), THREADS),
    ("approve an erasure of the own organisation", _approves(), THREADS),
    ("approve an erasure of another organisation", _approves(elsewhere=True), THREADS),
    ("approve an erasure one has proposed oneself", _approves(own=True), THREADS),
    ("refuse an erasure of the own organisation", _refuses(wish=False), THREADS),
    ("refuse an erasure of another organisation", _refuses(wish=False, elsewhere=True), THREADS),
    ("refuse the user's wish to the own organisation", _refuses(wish=True), THREADS),
    ("say that a copy has been erased", _confirms, THREADS),
)
"""Name, what is done, and where it is asked."""
