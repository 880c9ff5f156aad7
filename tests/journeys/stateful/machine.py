"""A channel as a state machine: whatever happens in whatever order, everybody reads exactly their own."""

import asyncio

import hypothesis.strategies as st
from hypothesis.stateful import initialize, precondition, rule

from domain.channel.terms import Audience, Topic
from domain.ids import Millis, ThreadNo, Version
from samsnakk import Refused
from tests.journeys.stateful.company import STAFF, USER, Company, T
from tests.journeys.stateful.crew import Seat

MOST_THREADS = 3
A_MOMENT = 600
"""Milliseconds of a membership that ends by itself."""
A_DAY = 24 * 60 * 60 * 1000

staff = st.sampled_from(STAFF)
anybody = st.sampled_from((*STAFF, USER, T))
threads = st.integers(0, MOST_THREADS - 1)
history = st.sampled_from(["none", "all", "some"])


class ChannelMachine(Company):
    """Rules choose by name and number; what cannot happen now is left out."""

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
        try:
            await self.recorded(await by.here.remove(self.id_of(name)))
        except Refused as refused:
            # The last of the terms may run out just now.
            if refused.code != "not_a_member" or self.expected.is_here_for_good(self.id_of(name)):
                raise

    @rule(name=staff)
    def leave(self, name: str) -> None:
        if not any(self.may_write(thread, name) for thread in self.expected.threads):
            return

        async def work() -> None:
            seat = self.crew.seats[name]
            # Whoever leaves a thread that it was just removed from is told so, once it acts on what it has not seen.
            await seat.here.reached(self.kari.here.version)
            await self._out(seat, name)

        self.crew.run(work())

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
        if self.crew.seats[giver].unread():
            return  # nobody can give what they do not hold yet

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
            user = self.id_of(USER)
            sent = await self.recorded(await self.kari.here.user_arrived(user))
            for thread in self.expected.with_user:
                self.expected.grant(thread, self.id_of(T), user, 0, sent.version)
            await self.crew.seats[USER].take_part(self.kari.here.id)

        self.crew.run(work())

    @rule()
    def everybody_agrees(self) -> None:
        self.check()
