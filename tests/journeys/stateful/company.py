"""What the rules are made of: everybody's clients, the books, and the check that both agree.

Kari is the tillitsperson: in every thread, from the first to the last version, so what she holds is the whole record.
"""

import asyncio
from pathlib import Path

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from domain.channel import events as e
from domain.channel.terms import Audience, Standing
from domain.ids import Millis, PrincipalId, ThreadNo, Version
from samsnakk import ALL_HISTORY, Sent, Terms, Text
from samsnakk.demo.world import World
from tests.journeys.stateful.agreement import assert_agreement
from tests.journeys.stateful.crew import Crew, Saboteur, Seat
from tests.journeys.stateful.expected import Expected, Message

T, USER = "Kari", "Elle"
STAFF = ("Jon", "Ingrid", "Ola", "Torstein")


class Company(RuleBasedStateMachine):
    """Everybody and the books."""

    def __init__(self, world: World, url: str, folder: Path, saboteur: Saboteur) -> None:
        super().__init__()
        self.expected = Expected()
        self.texts = 0
        self.saboteur = saboteur
        saboteur.victim, saboteur.committer = None, world.person(T).id
        self.crew = Crew(world, url, folder)
        self.crew.open(T, USER, *STAFF)

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
                behind |= bool(seat.unread())
                behind |= any(self._is_broken(seat, thread) for thread in self.expected.threads)

    def _is_broken(self, seat: Seat, thread: ThreadNo) -> bool:
        """Whether somebody there still waits for a new key; who has left a thread sees no more of it."""
        epoch = seat.here.state.threads[thread].epoch
        inside = self.expected.is_member(thread, seat.person.id, seat.client.now())
        return inside and epoch is not None and epoch.broken

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
