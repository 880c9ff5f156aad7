"""A channel with something of everything a report tells of, built from the domain alone: no hub, no keys."""

from dataclasses import dataclass
from typing import Any

from domain.access.events import AccessEvent
from domain.access.readings import Line
from domain.channel import events as e
from domain.channel.terms import ConsentScope
from domain.ids import Digest, Millis, OrganisationId, PrincipalId
from protocol.trust import HubPin, OrganisationPin, PersonPin, Trust
from samsnakk.report.named import Named
from samsnakk.report.whole import Sources
from samsnakk.report.words import Words
from samsnakk.report.words_nb import BOKMAL
from samsnakk.who_read import WhoRead
from tests.domain.anything_drawn import CAST
from tests.domain.cast import ANNA, BERIT, IDA, NILS, ROLF, named
from tests.domain.channel_builder import DAY, around_ida, epoch, message
from tests.domain.reading_world import ReadingWorld

HOUR = 3_600_000
LOG_HEAD = Digest(b"l" * 32)
NAMES = {
    "clinic": "Fjellheim DPS",
    "town": "Nordvik kommune",
    "welfare": "NAV Nordvik",
}


def trust() -> Trust:
    """Names for everybody in the story; one of them is hostile."""
    houses = tuple(
        OrganisationPin(named(house), name, f"{number}" * 9, bytes(32), named(f"vault {house}"))
        for number, (house, name) in enumerate(NAMES.items(), 1)
    )
    people = {who.principal: who for who in CAST}
    pins = tuple(PersonPin(who.principal, _name(who.name), "", who.organisation) for who in people.values())
    return Trust(1, bytes(16), HubPin(named("hub"), bytes(32)), houses, pins)


def _name(short: str) -> str:
    return '<b>Rolf</b> & "co"' if short == ROLF.name else f"{short.capitalize()} Åsen"


def story() -> ReadingWorld:
    """Questions taken and not, a deviation, a consent, somebody put out; Berit, Ida and Rolf read."""
    world = ReadingWorld(around_ida())
    tell = world.story
    for who in (BERIT, IDA, ROLF):
        world.subscribe(who)
    asked = tell.unit(ANNA, message(0, asks=True))
    tell.pass_time(2 * HOUR)
    tell.unit(BERIT, (0, e.QuestionTaken(asked, Millis(tell.at + DAY))))
    tell.pass_time(HOUR)
    tell.unit(BERIT, (0, e.QuestionDone(asked)))
    tell.unit(BERIT, (0, e.MessagesSeen(asked)))
    tell.unit(ANNA, message(0, asks=True))
    tell.unit(IDA, (0, e.ConsentGiven(OrganisationId(named("welfare")), ConsentScope.TAKE_PART, None)))
    tell.unit(IDA, (0, NILS.joining("consent")), epoch(0))
    tell.unit(IDA, (0, e.DeviationOpened(OrganisationId(named("town")), None, "report")))
    tell.unit(ANNA, message(1))
    world.grew()
    tell.pass_time(DAY)
    tell.unit(IDA, (0, e.ParticipantLeft(NILS.principal, "removed")), epoch(0))
    world.grew()
    return world


@dataclass
class ToldLine:
    """A line of the story's log, as if it had been verified."""

    told: Line

    @property
    def event(self) -> AccessEvent | None:
        return self.told.event

    def line(self) -> Line:
        return self.told


@dataclass
class ToldLog:
    """The story's log."""

    lines: list[ToldLine]
    head: Digest = LOG_HEAD


def read(world: ReadingWorld, viewer: PrincipalId = IDA.principal) -> WhoRead:
    """Who has read what in the story."""
    log: Any = ToldLog([ToldLine(line) for line in world.lines])
    return WhoRead(world.history(viewer), Digest(b"h" * 32), log)


def sources(world: ReadingWorld) -> Sources:
    """What a report of the story is made from."""
    mine = read(world)
    return Sources("elle", mine.history, mine.channel_head, world.story.at, mine)


def names(words: Words = BOKMAL, viewer: PrincipalId = IDA.principal) -> Named:
    """Everybody's names in one language."""
    return Named(trust(), words, viewer, {1: "Bolig"})
