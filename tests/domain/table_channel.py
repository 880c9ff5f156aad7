"""The channel that the permission table is asked in, and the states it is asked in."""

from dataclasses import dataclass
from functools import cache

from domain.channel import events as e
from domain.channel.terms import AgeGroup, ConsentScope
from tests.domain.cast import ANNA, BERIT, BODIL, DESK, IDA, MONA, NILS, PER, ROLF
from tests.domain.channel_builder import (
    DAY,
    START,
    Story,
    arrived,
    epoch,
    history,
    joined,
    message,
    opened,
    thread_opened,
)
from tests.domain.rights_builder import WELFARE, aged, consented

STATES = ("open", "user is 12 to 15", "user is under 12", "closed", "user has died")


@dataclass(frozen=True)
class States:
    """One state of the channel, by its name in the table."""

    name: str

    @property
    def age(self) -> AgeGroup:
        """How old the user is in it."""
        return {"user is 12 to 15": AgeGroup.FROM_12, "user is under 12": AgeGroup.UNDER_12}.get(
            self.name, AgeGroup.FROM_16
        )

    def reach(self, story: Story) -> None:
        """What happens after everything else is prepared."""
        if self.name == "closed" and not story.channel.closed and story.channel.opened:
            story.record(story.act(ANNA.author, (None, e.ChannelClosed("ended"))))
        if self.name == "user has died":
            for who in (ANNA, BERIT):
                story.record(story.act(who.author, (None, e.DeathReported(died=True))))


@cache
def begun(age: AgeGroup) -> Story:
    """Ida's channel. Thread 0, thread 1 with her and thread 2 for staff: Anna, Berit and the clinic's desk are in all
    three, Nils in the first two on her consent; Rolf, Per and (while she is under 16) Mona in thread 1, Bodil in none
    of them but a thread 3."""
    story = opened()
    for colleague in (DESK, BERIT):
        joined(story, ANNA, colleague)
    story.unit(ANNA, arrived(), epoch(0), history(0, IDA))
    story.unit(ANNA, thread_opened(1), (1, ANNA.joining()), (1, BERIT.joining()), (1, DESK.joining()), epoch(1))
    for number in (0, 1):
        story.unit(IDA, consented(number), (number, NILS.joining("consent")), epoch(number))
    for who in (ROLF, PER):
        joined(story, IDA, who, 1, basis="users-choice")
    story.unit(IDA, (1, e.ConsentGiven(WELFARE, ConsentScope.WITH_HISTORY, None)))
    members = ((2, ANNA.joining()), (2, BERIT.joining()), (2, DESK.joining()))
    story.unit(ANNA, thread_opened(2, staff_only=True), *members, epoch(2), message(0, announces=2))
    story.unit(BERIT, thread_opened(3), (3, BERIT.joining()), (3, BODIL.joining()), epoch(3))
    if age is not AgeGroup.FROM_16:
        for who in (ANNA, BERIT):
            story.unit(who, aged(age, START + 30 * DAY))
        joined(story, ANNA, MONA, 1, basis="parental-responsibility")
    for number in (0, 1, 2):
        story.unit(ANNA, epoch(number), message(number))
    return story
