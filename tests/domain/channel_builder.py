"""Channels for the tests of the domain: a cast of invented people, and a story that lets them act one after another."""

from collections.abc import Callable
from dataclasses import replace

from domain.channel import events as e
from domain.channel.acts import Act, Author, Recorded
from domain.channel.audits import DUTY_OF
from domain.channel.decide import decide
from domain.channel.evolve import evolve, evolve_stub
from domain.channel.kinds import KIND_OF
from domain.channel.permissions import RULES_VERSION
from domain.channel.roster import roster
from domain.channel.state import NOTHING, Channel, Target
from domain.channel.terms import Audience, KindClass, Topic, UndoReason
from domain.channel.unit import decide_unit
from domain.channel.visibility import reads
from domain.ids import (
    Digest,
    EpochNo,
    Millis,
    PrincipalId,
    ThreadNo,
    Version,
)
from tests.domain.cast import ANNA, BERIT, BODIL, DESK, IDA, ROLF, Someone, key, named

Event = e.ChannelEvent | Callable[[Channel, Millis], e.ChannelEvent]
Step = tuple[int | None, Event]
START = Millis(1_000_000)
DAY = 86_400_000


def epoch(thread: int) -> Step:
    """A new epoch for exactly today's roster."""

    def opened(channel: Channel, at: Millis) -> e.EpochOpened:
        place = channel.threads[ThreadNo(thread)]
        number = place.epoch.number + 1 if place.epoch is not None else 1
        return e.EpochOpened(EpochNo(number), roster(channel, place, at), named("c") * 2)

    return thread, opened


def history(thread: int, who: Someone, start: int = 2, until: int | None = None) -> Step:
    """A grant to `who`, up to the newest record if not told otherwise."""

    def granted(channel: Channel, at: Millis) -> e.HistoryGranted:
        entries = roster(channel, channel.threads[ThreadNo(thread)], at)
        version = next((entry.key_version for entry in entries if entry.principal == who.principal), 1)
        last = Version(until) if until is not None else channel.version
        return e.HistoryGranted(who.principal, version, ((Version(start), last),))

    return thread, granted


def message(thread: int = 0, *, announces: int | None = None, asks: bool = False, corrects: int | None = None) -> Step:
    told = ThreadNo(announces) if announces is not None else None
    replaced = Version(corrects) if corrects is not None else None
    return thread, e.MessagePosted(asks=asks, announces=told, corrects=replaced)


def thread_opened(number: int, *, staff_only: bool = False, review_at: int | None = None) -> Step:
    audience = Audience.STAFF_ONLY if staff_only else Audience.WITH_USER
    review = Millis(review_at) if review_at is not None else (Millis(START + 90 * DAY) if staff_only else None)
    return number, e.ThreadOpened(audience, Topic.TREATMENT, review)


def arrived(who: Someone = IDA) -> Step:
    return None, e.UserArrived(who.principal, key(who.name), None)


def removed(thread: int, who: Someone) -> Step:
    return thread, e.ParticipantLeft(who.principal, "ended")


def key_moved(who: Someone, version: int | None, n: int = 2) -> e.KeyMoved:
    """By the hub: `who` has a new key version, or (None) no valid key any more."""
    moved = key(who.inbox or who.name, version) if version is not None else None
    return e.KeyMoved(who.principal, n, Digest(b"h" * 32), moved)


def claimed(basis: str = "treatment", relation: str = "treatment") -> Step:
    return 0, e.CareClaimed(basis, relation)


def undone(who: Someone = IDA, reason: UndoReason = UndoReason.WRONG_PERSON, confirms: int | None = None) -> Step:
    """The arrival of `who` is to be undone; `confirms`: the version at which somebody said so before."""
    return None, e.ArrivalUndone(who.principal, reason, Version(confirms) if confirms is not None else None)


def genesis(opener: Someone = ANNA, tillitsperson: Someone = ANNA) -> list[Step]:
    opening = e.ChannelOpened(b"s" * 32, RULES_VERSION, tillitsperson.principal)
    return [(None, opening), (0, opener.joining()), epoch(0), message(0), claimed()]


class Story:
    """A channel so far, with its records; `at` is the recorded time of what happens next."""

    def __init__(self, channel: Channel = NOTHING) -> None:
        self.channel = channel
        self.records: list[Recorded] = []
        self.messages: dict[Version, Target] = {}
        self.at = START

    def act(self, author: Author, step: Step) -> Act:
        """The act as an author who knows the newest state makes it."""
        number, event = step
        happens = event(self.channel, self.at) if callable(event) else event
        place = self.channel.threads.get(ThreadNo(number)) if number is not None else None
        sealed_under = place.epoch.number if place is not None and place.epoch is not None else EpochNo(0)
        return Act(
            author=author if type(happens) in DUTY_OF else replace(author, duty=None),
            thread=ThreadNo(number) if number is not None else None,
            event=happens,
            membership_version=place.membership_version if place is not None else 0,
            epoch=happens.epoch if isinstance(happens, e.EpochOpened) else sealed_under,
        )

    def target(self, event: e.ChannelEvent) -> Target | None:
        version = event.corrects if isinstance(event, e.MessagePosted) else getattr(event, "target", None)
        if version is None:
            return None
        return self.messages.get(version, Target(version, None, is_message=False, author=None))

    def targets(self, event: e.ChannelEvent) -> dict[Version, Target]:
        wanted = event.targets if isinstance(event, e.ErasureRequested | e.ErasureProposed) else ()
        known = {record.version for record in self.records}
        return {v: self.messages.get(v, Target(v, None, is_message=False, author=None)) for v in wanted if v in known}

    def try_act(self, act: Act) -> Version:
        """Decide and record one act, without asking what its unit as a whole must hold."""
        decide(self.channel, act, self.at, self.target(act.event), self.targets(act.event))
        return self.record(act)

    def record(self, act: Act) -> Version:
        """Record the act, whatever the rules say: what a hub can do that breaks them."""
        recorded = Recorded(act, Version(self.channel.version + 1), self.at)
        self.channel = evolve(self.channel, recorded)
        self.records.append(recorded)
        if isinstance(act.event, e.MessagePosted):
            self.messages[recorded.version] = Target(
                recorded.version,
                act.thread,
                is_message=True,
                author=act.author.person,
                organisation=act.author.organisation,
            )
        return recorded.version

    def try_step(self, who: Someone | Author, step: Step) -> Version:
        return self.try_act(self.act(who.author if isinstance(who, Someone) else who, step))

    def unit(self, who: Someone | Author, *steps: Step) -> Version:
        """Record the acts of one author together or not at all; the version of the first one."""
        draft = self.copy()
        for step in steps:
            draft.try_step(who, step)
        first = Version(self.channel.version + 1)
        self.commit(draft)
        return first

    def commit(self, draft: "Story") -> None:
        """Take over what the draft has recorded beyond this story, if it holds as one unit."""
        acts = [r.act for r in draft.records[len(self.records) :]]
        decide_unit(self.channel, draft.channel, acts, self.at)
        self.channel, self.records, self.messages = draft.channel, draft.records, draft.messages

    def copy(self) -> "Story":
        other = Story(self.channel)
        other.records, other.messages, other.at = list(self.records), dict(self.messages), self.at
        return other

    def pass_time(self, milliseconds: int) -> None:
        self.at = Millis(self.at + milliseconds)

    def epoch_number(self, thread: int) -> int:
        newest = self.channel.threads[ThreadNo(thread)].epoch
        assert newest is not None
        return newest.number

    def on_roster(self, who: Someone, thread: int = 0) -> bool:
        entries = roster(self.channel, self.channel.threads[ThreadNo(thread)], self.at)
        return any(entry.principal == who.principal for entry in entries)

    def reads(self, who: Someone, version: int) -> bool:
        """Whether `who` gets the record at `version` whole, as things stand now."""
        return reads_record(self.channel, who.principal, self.records[version - 1], self.at)

    def as_seen_by(self, who: PrincipalId) -> "Story":
        """What a reader's own replay derives from the records it gets and the stubs of the others; a record that
        the reader's own `decide` refuses raises that refusal."""
        return self.as_shown_by(lambda recorded: reads_record(self.channel, who, recorded, self.at))

    def as_shown_by(self, shows: Callable[[Recorded], bool]) -> "Story":
        """The same for any choice of records."""
        seen = Story()
        for recorded in self.records:
            seen.at = recorded.recorded_at
            if shows(recorded):
                known = seen.target(recorded.act.event)
                if known is not None and not known.is_message:  # a stub here: nothing is known of it
                    known = None
                several = {v: t for v, t in seen.targets(recorded.act.event).items() if t.is_message}
                decide(seen.channel, recorded.act, recorded.recorded_at, known, several)
                seen.record(recorded.act)
            else:
                seen.channel = evolve_stub(
                    seen.channel, recorded.version, recorded.act.thread, recorded.recorded_at, kind_class(recorded)
                )
                seen.records.append(recorded)
        seen.at = self.at
        return seen


def kind_class(recorded: Recorded) -> KindClass:
    return KIND_OF[type(recorded.act.event)].kind_class


def reads_record(channel: Channel, reader: PrincipalId, recorded: Recorded, at: Millis) -> bool:
    return reads(channel, reader, recorded.act.thread, kind_class(recorded), recorded.version, at)


def replayed(records: list[Recorded], channel: Channel = NOTHING) -> Channel:
    for recorded in records:
        channel = evolve(channel, recorded)
    return channel


def opened() -> Story:
    """Anna opened the channel and is its tillitsperson."""
    story = Story()
    story.unit(ANNA, *genesis())
    return story


def joined(story: Story, by: Someone, who: Someone, thread: int = 0, *, basis: str = "treatment") -> None:
    story.unit(by, (thread, who.joining(basis)), epoch(thread))


def around_ida() -> Story:
    """Thread 0: Anna (tillitsperson), the clinic's desk, Berit of the town, Ida the user, who has arrived.
    Thread 1, with Ida: Anna, Berit, Rolf her relative. Thread 2, staff only: Berit and Bodil."""
    story = opened()
    for colleague in (DESK, BERIT):
        joined(story, ANNA, colleague)
    story.unit(ANNA, arrived(), epoch(0), history(0, IDA))
    story.unit(ANNA, thread_opened(1), (1, ANNA.joining()), (1, BERIT.joining()), epoch(1), message(1))
    joined(story, IDA, ROLF, 1, basis="users-choice")
    story.unit(
        BERIT,
        thread_opened(2, staff_only=True),
        (2, BERIT.joining()),
        (2, BODIL.joining()),
        epoch(2),
        message(2),
        message(0, announces=2),
    )
    return story
