"""Membership and epochs, with everybody doing as they may in any order and time passing by itself."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.channel import events as e
from domain.channel.capacities import actors
from domain.channel.consents import resting
from domain.channel.permissions import Actor
from domain.channel.roster import rekey_pending, roster
from domain.channel.state import Thread
from domain.channel.terms import Audience, Member
from domain.channel.visibility import served_threads
from domain.errors import Refusal
from domain.ids import MAIN_THREAD, PrincipalId, ThreadNo, Version
from tests.domain.cast import ANNA, ARNE, BERIT, BODIL, DESK, HUB, IDA, NILS, OLGA, ROLF, RUTH, Someone
from tests.domain.channel_builder import (
    DAY,
    Step,
    Story,
    arrived,
    epoch,
    history,
    joined,
    key_moved,
    message,
    opened,
    removed,
    thread_opened,
)
from tests.domain.rights_builder import WELFARE, consented, withdrawn

CAST = (ANNA, ARNE, DESK, BERIT, BODIL, NILS, IDA, ROLF, RUTH, OLGA)
people = st.sampled_from(CAST)
threads = st.integers(0, 3)
choices = st.integers(0, 7)


class Membership(RuleBasedStateMachine):
    """Beside the story it keeps its own, simpler books of who was a member of which thread at which version."""

    def __init__(self) -> None:
        super().__init__()
        self.story = opened()
        joined(self.story, ANNA, DESK)
        joined(self.story, ANNA, BERIT)
        self.present: dict[ThreadNo, dict[Version, set[PrincipalId]]] = {}
        self.granted: set[tuple[ThreadNo, PrincipalId, Version]] = set()
        self.keep_books(Story())

    def keep_books(self, before: Story) -> None:
        """For each new record: who stood on which roster just before or just after it, and what it grants."""
        seen = before.copy()
        for recorded in self.story.records[len(before.records) :]:
            seen.at = recorded.recorded_at
            self.note(seen, recorded.version)
            seen.record(recorded.act)
            self.note(seen, recorded.version)
            event, number = recorded.act.event, recorded.act.thread
            if isinstance(event, e.HistoryGranted) and number is not None:
                for start, until in event.ranges:
                    self.granted |= {(number, event.recipient, Version(v)) for v in range(start, until + 1)}

    def note(self, seen: Story, version: Version) -> None:
        for number, thread in seen.channel.threads.items():
            here = {entry.principal for entry in roster(seen.channel, thread, seen.at)}
            self.present.setdefault(number, {}).setdefault(version, set()).update(here)

    def unit(self, who: Someone, *steps: Step) -> None:
        """An honest program's unit: with the epochs that are due before and after in threads the author is in."""
        draft = self.story.copy()
        before = self.story.copy()
        try:
            self.rekey(draft, who)
            for step in steps:
                draft.try_step(who, step)
            self.rekey(draft, who)
            self.story.commit(draft)
        except Refusal:
            return
        self.keep_books(before)

    @staticmethod
    def rekey(draft: Story, who: Someone) -> None:
        for number, thread in draft.channel.threads.items():
            if draft.on_roster(who, number) and rekey_pending(draft.channel, thread, draft.at):
                draft.try_step(who, epoch(number))

    def insider(self, number: ThreadNo, which: int) -> Someone:
        """Somebody of the thread: what outsiders may not do, the table's own tests show."""
        inside = [who for who in CAST if self.story.on_roster(who, number)]
        return inside[which % len(inside)] if inside else OLGA

    def place(self, number: int) -> Thread:
        return self.story.channel.threads[ThreadNo(number % len(self.story.channel.threads))]

    @rule(which=choices, who=people, number=threads, days=choices)
    def join(self, which: int, who: Someone, number: int, days: int) -> None:
        basis = "consent" if who is NILS else "users-choice" if who in (ROLF, RUTH) else "treatment"
        joining = who.joining(basis, until=self.story.at + days * DAY if days > 1 else None)
        place = self.place(number).number
        by = self.insider(place, which)
        self.unit(by, (place, joining))
        self.unit(by, (place, e.Proposed(joining)))

    @rule(which=choices, whom=choices, number=threads)
    def leave(self, which: int, whom: int, number: int) -> None:
        place = self.place(number).number
        self.unit(self.insider(place, which), removed(place, self.insider(place, whom)))

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.story.pass_time(days * DAY)

    @rule(who=people, ended=st.integers(0, 15))
    def key_moves(self, who: Someone, ended: int) -> None:
        before = self.story.copy()
        version = None if ended == 0 else self.story.channel.version
        self.story.unit(HUB, (None, key_moved(who, version, n=self.story.channel.version)))
        self.keep_books(before)

    @precondition(lambda self: self.story.channel.proposals)
    @rule(which=choices, approves=st.booleans())
    def answer_a_proposal(self, which: int, *, approves: bool) -> None:
        refs = sorted(self.story.channel.proposals)
        ref = refs[which % len(refs)]
        number = self.story.channel.proposals[ref].thread
        for who in CAST:
            self.unit(who, (number, e.Approved(ref) if approves else e.Declined(ref)))

    @rule(by=people, receiver=people, ends_access=st.booleans())
    def propose_a_tillitsperson(self, by: Someone, receiver: Someone, *, ends_access: bool) -> None:
        self.unit(by, (None, e.TillitspersonProposed(receiver.principal, ends_access)))

    @precondition(lambda self: self.story.channel.handovers)
    @rule(which=choices)
    def confirm_a_handover(self, which: int) -> None:
        refs = sorted(self.story.channel.handovers)
        ref = refs[which % len(refs)]
        for who in CAST:
            self.unit(who, (None, e.TillitspersonConfirmed(ref)))

    @precondition(lambda self: self.story.channel.user is None)
    @rule(by=people)
    def the_user_arrives(self, by: Someone) -> None:
        grants = [
            history(number, IDA, span.start, min(span.until or self.story.channel.version, self.story.channel.version))
            for number, thread in self.story.channel.threads.items()
            if thread.audience is Audience.WITH_USER
            for span in thread.ranges.get(by.principal, ())
        ]
        due = [
            epoch(number)
            for number, thread in self.story.channel.threads.items()
            if thread.audience is Audience.WITH_USER and self.story.on_roster(by, number)
        ]
        self.unit(by, arrived(), *due, *grants)

    @precondition(lambda self: len(self.story.channel.threads) < 4)
    @rule(by=people, staff_only=st.booleans())
    def open_a_thread(self, by: Someone, *, staff_only: bool) -> None:
        number = ThreadNo(len(self.story.channel.threads))
        row = self.story.channel.threads[MAIN_THREAD].members.get(by.principal)
        steps = [thread_opened(number, staff_only=staff_only, review_at=self.story.at + DAY)]
        if row is not None:
            steps += [(number, _again(row, by)), epoch(number)]
        self.unit(by, *steps, *([message(0, announces=number)] if staff_only else []))

    @rule(which=choices, number=threads)
    def post(self, which: int, number: int) -> None:
        place = self.place(number).number
        self.unit(self.insider(place, which), message(place))

    @rule(by=people, to=people, number=threads, start=st.integers(1, 30))
    def grant(self, by: Someone, to: Someone, number: int, start: int) -> None:
        self.unit(by, history(self.place(number).number, to, min(start, self.story.channel.version)))

    @rule(by=people, number=threads)
    def break_a_wrap(self, by: Someone, number: int) -> None:
        newest = self.place(number).epoch
        if newest is not None:
            self.unit(by, (self.place(number).number, e.WrapFailed(newest.number)))

    @rule(number=threads, days=st.integers(0, 3))
    def consent(self, number: int, days: int) -> None:
        place, until = self.place(number).number, self.story.at + days * DAY if days else None
        self.unit(IDA, consented(place, until=until), (place, NILS.joining("consent")), epoch(place))

    @rule()
    def withdraw_everywhere(self) -> None:
        """Refused or obeyed; where it is obeyed nobody is left on her word, in whatever thread."""
        before = self.story.channel.version
        self.unit(IDA, *withdrawn(*sorted(self.story.channel.threads, reverse=True)))
        if self.story.channel.version != before:
            threads = self.story.channel.threads.values()
            assert not any(resting(thread, WELFARE, self.story.at) for thread in threads)

    @invariant()
    def nobody_off_the_roster_is_served(self) -> None:
        channel, at = self.story.channel, self.story.at
        for who in CAST:
            for number in served_threads(channel, who.principal, at):
                assert self.story.on_roster(who, number)

    @invariant()
    def ranges_cover_only_what_was_lived_through_or_granted(self) -> None:
        for number, thread in self.story.channel.threads.items():
            for principal, spans in thread.ranges.items():
                for version, here in self.present[number].items():
                    if any(span.covers(version) for span in spans) and self.is_in(number, version):
                        assert principal in here or (number, principal, version) in self.granted

    def is_in(self, number: ThreadNo, version: Version) -> bool:
        """Whether the record at this version belongs to the thread; only those can be read through a range."""
        return self.story.records[version - 1].act.thread == number

    @invariant()
    def the_user_stays_on_every_with_user_roster(self) -> None:
        if self.story.channel.user is not None:
            for number, thread in self.story.channel.threads.items():
                assert self.story.on_roster(IDA, number) is (thread.audience is Audience.WITH_USER)

    @invariant()
    def there_is_always_a_tillitsperson_and_it_is_never_a_guest(self) -> None:
        channel, at = self.story.channel, self.story.at
        assert channel.tillitsperson is not None
        acting = [who for who in CAST if Actor.TILLITSPERSON in actors(channel, who.author, at)]
        assert all(self.story.on_roster(who) for who in acting)
        assert not {IDA, ROLF, RUTH} & set(acting)

    def teardown(self) -> None:
        """Every epoch and every message was for exactly the roster of its time."""
        seen = Story()
        for recorded in self.story.records:
            number, event = recorded.act.thread, recorded.act.event
            seen.at = recorded.recorded_at
            if isinstance(event, e.EpochOpened | e.MessagePosted) and number is not None:
                thread = seen.channel.threads[number]
                newest = thread.epoch.roster if thread.epoch is not None else ()
                sealed_for = event.roster if isinstance(event, e.EpochOpened) else newest
                assert sealed_for == roster(seen.channel, thread, seen.at)
            seen.record(recorded.act)


def _again(row: Member, who: Someone) -> e.ParticipantJoined:
    terms = who.joining()
    return e.ParticipantJoined(
        row.principal,
        row.standing,
        row.organisation,
        row.function,
        row.legal_basis,
        row.valid_until,
        row.key,
        terms.vault,
        None,
    )


TestMembership = Membership.TestCase
TestMembership.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
