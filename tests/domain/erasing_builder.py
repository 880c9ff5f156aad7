"""Messages of the clinic that are to be erased, and who decides it."""

from domain.channel import events as e
from domain.channel.erasing import ErasureDecision, NodeWord
from domain.ids import Digest, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from tests.domain.cast import ANNA, ARNE, BERIT, Someone, named
from tests.domain.channel_builder import Step, Story, around_ida, joined, message
from tests.domain.rights_builder import CLINIC

ONE = ThreadNo(1)
VAULT = PrincipalId(named("vault clinic"))
TOWNS_VAULT = PrincipalId(named("vault town"))


def proposed(
    *targets: int, house: OrganisationId = CLINIC, basis: str = "persons-right", request: int | None = None
) -> Step:
    wish = Version(request) if request is not None else None
    return 1, e.ErasureProposed(house, tuple(Version(target) for target in targets), basis, wish)


def wished(*targets: int, house: OrganisationId = CLINIC) -> Step:
    return 1, e.ErasureRequested(house, tuple(Version(target) for target in targets))


def approved(ref: int) -> Step:
    return 1, e.ErasureApproved(Version(ref))


def refused(ref: int) -> Step:
    return 1, e.ErasureRefused(Version(ref), "duty-to-keep")


def cleaned(ref: int, holder: PrincipalId | None = None) -> Step:
    word = NodeWord(named("node"), Digest(bytes(32)), 1, Millis(0), bytes(64)) if holder is not None else None
    return 1, e.CopyErased(Version(ref), holder, word)


def with_two_of_the_clinic() -> tuple[Story, int, int]:
    """Anna and Arne of the clinic are in thread 1 with Ida, Berit of the town and Rolf; Anna and Berit wrote there."""
    story = around_ida()
    joined(story, ANNA, ARNE, 1)
    return story, story.unit(ANNA, message(1)), story.unit(BERIT, message(1))


def erased(story: Story, *targets: int, first: Someone = ANNA, second: Someone = ARNE) -> int:
    """Decided by two; the version of the decision."""
    return story.unit(second, approved(story.unit(first, proposed(*targets))))


def decision_in(story: Story, ref: int) -> ErasureDecision:
    return story.channel.threads[ONE].erasing.decisions[Version(ref)]
