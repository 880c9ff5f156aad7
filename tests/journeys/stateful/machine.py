"""A channel and its people as a state machine: whatever happens in whatever order, everybody reads exactly their own.

Kari is the tillitsperson: in every thread, from the first to the last version, so what she holds is the whole record.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain.channel import events as e
from domain.channel.terms import Audience, Standing, Topic
from domain.ids import Millis, PrincipalId, ThreadNo, Version
from samsnakk import ALL_HISTORY, Refused, Sent, State, Terms, Text
from samsnakk.demo.world import World
from tests.journeys.stateful.agreement import assert_agreement
from tests.journeys.stateful.crew import Crew, Saboteur, Seat
from tests.journeys.stateful.expected import Expected, Message

T, USER = "Kari", "Elle"
STAFF = ("Jon", "Ingrid", "Ola", "Torstein")
MOST_THREADS = 3
A_MOMENT = 600
"""Milliseconds of a membership that ends by itself."""
A_DAY = 24 * 60 * 60 * 1000

staff = st.sampled_from(STAFF)
anybody = st.sampled_from((*STAFF, USER, T))
threads = st.integers(0, MOST_THREADS - 1)
history = st.sampled_from(["none", "all", "some"])


class ChannelMachine(RuleBasedStateMachine):
    """Rules choose by name and number; what cannot happen now is left out."""

    def __init__(self, world: World, url: str, folder: Path, saboteur: Saboteur) -> None:
        super().__init__()
        self.expected = Expected()
        self.texts = 0
        self.saboteur = saboteur
        saboteur.victim, saboteur.committer = None, world.person(T).id
        self.crew = Crew(world, url, folder)
        self.crew.open(T, USER, *STAFF)

    # ── what the rules are made of ───────────────────────────────────────────────────────────────────────────────────
    @property
    def kari(self) -> Seat:
        return self.crew.seats[T]

    def id_of(self, name: str) -> PrincipalId:
        return self.crew.world.person(name).id

    def thread(self, number: int) -> ThreadNo:
        known = self.expected.threads
        return known[number % len(known)]

    def may_write(self, thread: ThreadNo, name: str) -> bool:
        return self.expected.is_for_good(thread, self.id_of(name))

    def is_member(self, thread: ThreadNo, name: str) -> bool:
        return self.expected.is_member(thread, self.id_of(name), self.kari.client.now())

    async def recorded(self, sent: Sent) -> Sent:
        """Read back what was recorded, and enter it in the books."""
        await self.kari.here.reached(sent.versions[-1])
        for version in sent.versions:
            self._enter(version)
        return sent

    def _enter(self, version: Version) -> None:
        event = self.kari.here.event(version)
        thread, books = event.thread, self.expected
        match event.facts:
            case e.ThreadOpened(audience=audience):
                assert thread is not None
                books.opened(thread, version, with_user=audience is Audience.WITH_USER)
            case e.ParticipantJoined(principal=who, valid_until=end):
                assert thread is not None
                books.joined(thread, who, version, end)
            case e.ParticipantLeft(principal=who):
                assert thread is not None
                books.left(thread, who, version)
            case e.UserArrived(user=user):
                books.arrived(user, version)
            case _:
                pass

    async def say(self, name: str, thread: ThreadNo, count: int = 1) -> None:
        """Messages one behind the other, without waiting in between."""
        channel = self.crew.seats[name].here
        await channel.reached(self.expected.begin(thread, self.id_of(name)))
        said = [self._next_text(name) for _ in range(count)]
        sent = await asyncio.gather(*(channel.post(thread, Text(text)) for text in said))
        versions = [one.version for one in sent]
        assert versions == sorted(versions), "recorded in another order than written"
        await self.kari.here.reached(versions[-1])
        for text, version in zip(said, versions, strict=True):
            at = self.kari.here.event(version).recorded_at
            self.expected.messages.append(Message(thread, version, at, self.id_of(name), text))

    def _next_text(self, name: str) -> str:
        self.texts += 1
        return f"{name} {self.texts} čđŋ"

    def terms(self, name: str, since: int | None, until: Millis | None = None) -> Terms:
        person = self.crew.world.person(name)
        history_from = None if since is None else Version(since)
        return Terms(person.id, Standing.STAFF, person.organisation, valid_until=until, history_from=history_from)

    def since(self, choice: str) -> int | None:
        """From now on, everything, or from the middle of what there is."""
        return {"none": None, "all": ALL_HISTORY, "some": self.kari.here.version // 2}[choice]

    async def bring(self, name: str, thread: ThreadNo, terms: Terms) -> None:
        sent = await self.recorded(await self.kari.here.join(thread, terms))
        if terms.history_from is not None:
            self.expected.grant(thread, self.id_of(T), terms.principal, terms.history_from, sent.versions[-1])
        await self.crew.seats[name].take_part(self.kari.here.id)

    # ── the rules ────────────────────────────────────────────────────────────────────────────────────────────────────
    @initialize()
    def open_the_channel(self) -> None:
        async def work() -> None:
            kari = self.kari
            kari.channel = await kari.client.open_channel()
            await kari.take_part(kari.channel.id)
            self.expected.opened(ThreadNo(0), Version(1), with_user=True)
            for version in range(1, kari.here.version + 1):
                self._enter(Version(version))

        self.crew.run(work())

    @rule(name=anybody, number=threads, count=st.integers(1, 3))
    def post(self, name: str, number: int, count: int) -> None:
        thread = self.thread(number)
        if self.may_write(thread, name):
            self.crew.run(self.say(name, thread, count))

    @rule(number=threads, counts=st.lists(st.integers(1, 4), min_size=2, max_size=4))
    def post_at_the_same_time(self, number: int, counts: list[int]) -> None:
        thread = self.thread(number)
        authors = [name for name in (T, *STAFF, USER) if self.may_write(thread, name)]

        async def work() -> None:
            await asyncio.gather(*(self.say(n, thread, c) for n, c in zip(authors, counts, strict=False)))

        self.crew.run(work())

    @rule(name=staff, number=threads, choice=history)
    def join(self, name: str, number: int, choice: str) -> None:
        thread = self.thread(number)
        if not self.is_member(thread, name):
            self.crew.run(self.bring(name, thread, self.terms(name, self.since(choice))))

    @rule(name=staff, number=threads, counts=st.lists(st.integers(1, 4), min_size=2, max_size=4))
    def join_while_others_write(self, name: str, number: int, counts: list[int]) -> None:
        thread = self.thread(number)
        authors = [other for other in (*STAFF, USER, T) if self.may_write(thread, other)]
        if self.is_member(thread, name):
            return

        async def work() -> None:
            async with asyncio.TaskGroup() as tasks:
                for author, count in zip(authors, counts, strict=False):
                    tasks.create_task(self.say(author, thread, count))
                tasks.create_task(self.bring(name, thread, self.terms(name, None)))

        self.crew.run(work())

    @rule(name=staff, number=threads)
    def join_for_a_moment(self, name: str, number: int) -> None:
        thread = self.thread(number)
        if self.is_member(thread, name):
            return

        async def work() -> None:
            end = Millis(self.kari.client.now() + A_MOMENT)
            try:
                await self.recorded(await self.kari.here.join(thread, self.terms(name, None, end)))
            except Refused as refused:
                if refused.code != "term_already_over":
                    raise

        self.crew.run(work())

    @rule(name=staff)
    def remove(self, name: str) -> None:
        if any(self.is_member(thread, name) for thread in self.expected.threads):
            self.crew.run(self._out(self.kari, name))

    async def _out(self, by: Seat, name: str) -> None:
        await self.recorded(await by.here.remove(self.id_of(name)))

    @rule(name=staff)
    def leave(self, name: str) -> None:
        if any(self.may_write(thread, name) for thread in self.expected.threads):
            self.crew.run(self._out(self.crew.seats[name], name))

    @rule(name=staff, number=threads)
    def remove_from_one_thread(self, name: str, number: int) -> None:
        thread = self.thread(number)
        if not self.is_member(thread, name):
            return

        async def work() -> None:
            await self.recorded(await self.kari.here.remove_from_thread(thread, self.id_of(name)))

        self.crew.run(work())

    @rule(name=staff, number=threads, choice=st.sampled_from(["all", "some"]), giver=anybody)
    def grant_history(self, name: str, number: int, choice: str, giver: str) -> None:
        thread = self.thread(number)
        if not (self.may_write(thread, name) and self.may_write(thread, giver)) or name == giver:
            return

        async def work() -> None:
            channel = self.crew.seats[giver].here
            await channel.reached(self.kari.here.version)
            since = self.since(choice) or 0
            try:
                sent = await channel.grant_history(thread, self.id_of(name), since)
            except IndexError:
                return
            await self.recorded(sent)
            self.expected.grant(thread, self.id_of(giver), self.id_of(name), since, sent.versions[-1])

        self.crew.run(work())

    @rule(name=st.sampled_from((*STAFF, USER)))
    def new_key(self, name: str) -> None:
        self.crew.run(self.crew.new_key(name))

    @rule(name=st.sampled_from((*STAFF, USER)))
    def break_the_next_wrap_for(self, name: str) -> None:
        self.saboteur.victim = self.id_of(name)

    @rule(name=anybody)
    def lose_the_connection(self, name: str) -> None:
        self.crew.seats[name].drop()

    @rule(name=anybody)
    def start_the_program_again(self, name: str) -> None:
        self.crew.run(self.crew.seats[name].restart())

    @precondition(lambda self: len(self.expected.threads) < MOST_THREADS)
    @rule(name=staff, with_user=st.booleans())
    def open_a_thread(self, name: str, with_user: bool) -> None:
        async def work() -> None:
            with_them = [self.terms(name, None)] if self.may_write(ThreadNo(0), name) else []
            if with_user:
                plan = self.kari.here.open_thread(Audience.WITH_USER, Topic.HOUSING, "Bolig", with_them)
            else:
                review = Millis(self.kari.client.now() + A_DAY)
                plan = self.kari.here.open_thread(
                    Audience.STAFF_ONLY, Topic.SAFETY, "Trygghet", with_them, reason_for_user="Why", review_at=review
                )
            await self.recorded(await plan)

        self.crew.run(work())

    @precondition(lambda self: self.expected.user is None)
    @rule()
    def the_user_arrives(self) -> None:
        async def work() -> None:
            before = self.kari.here.version
            user = self.id_of(USER)
            sent = await self.recorded(await self.kari.here.user_arrived(user))
            for thread in self.expected.with_user:
                self.expected.grant(thread, self.id_of(T), user, 0, Version(before + 1))
            await self.crew.seats[USER].take_part(self.kari.here.id)
            assert sent.version == before + 1

        self.crew.run(work())

    @rule()
    def everybody_agrees(self) -> None:
        self.check()

    # ── what must hold ───────────────────────────────────────────────────────────────────────────────────────────────
    def check(self) -> None:
        try:
            self.crew.run(self._settle())
        except TimeoutError:
            for name, seat in self.crew.seats.items():
                if seat.channel is not None:
                    note(f"{name}: {seat.state()}")
            raise
        self.crew.run(assert_agreement(self.crew, self.expected, self.kari))

    async def _settle(self) -> None:
        """Terms that are running out end, broken wraps are reported and mended, and everything on its way arrives."""
        self.saboteur.victim = None
        await _until(self.expected.terms_end(), self.kari)
        behind = True
        while behind:
            for thread in self.expected.threads:
                await self.say(T, thread)
            behind = False
            for seat in self._serving():
                await seat.settled(self.kari.here.version)
                behind |= any(seat.here.event(v).state is State.ON_ITS_WAY for v in self._versions(seat))
                behind |= any(t.epoch is not None and t.epoch.broken for t in seat.here.state.threads.values())

    def _versions(self, seat: Seat) -> Iterable[Version]:
        return (Version(v) for v in range(1, seat.here.version + 1))

    def _serving(self) -> list[Seat]:
        at = self.kari.client.now()
        return [
            seat
            for name, seat in self.crew.seats.items()
            if any(self.expected.is_member(t, self.id_of(name), at) for t in self.expected.threads)
        ]

    def teardown(self) -> None:
        try:
            note(f"{len(self.expected.messages)} messages, {self.saboteur.broken} broken wraps")
            if self.kari.channel is not None:
                self.check()
        finally:
            self.crew.close()


async def _until(at: Millis, seat: Seat) -> None:
    """Wait until the hub's clock says so; only the clock can end a term."""
    await asyncio.sleep(max(0, at - seat.client.now()) / 1000)
