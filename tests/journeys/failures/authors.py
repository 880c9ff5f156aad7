"""People who keep on writing whatever happens, and what must be true of the record afterwards."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.access.events import IntervalClosed, IntervalOpened
from domain.ids import PrincipalId, Version
from samsnakk import Channel, Client, Standing, State, Terms, Text
from samsnakk.demo.world import World
from tests.client.conftest import KEY, make_profile

PATIENCE = 45.0
"""Seconds in which everything must have recovered by itself."""
AT_ONCE = 4
USER, TILLITSPERSON = "Elle", "Kari"
Told = Callable[[], object]


async def until(holds: Told, seconds: float = PATIENCE) -> None:
    """Wait for a condition that several processes bring about."""
    async with asyncio.timeout(seconds):
        await asyncio.sleep(0)  # tasks that were just made begin
        while not holds():  # noqa: ASYNC110 - several processes bring it about
            await asyncio.sleep(0.01)


@dataclass
class Author:
    """One person's client in the channel. `recorded`: number of the text -> version that the receipt named."""

    name: str
    client: Client
    channel: Channel
    recorded: dict[int, Version] = field(default_factory=dict)
    begun: int = 0

    async def write(self, stop: asyncio.Event) -> None:
        """A few messages at a time, until told to stop; returns when the last is recorded."""
        while not stop.is_set():
            await asyncio.gather(*(self.say() for _ in range(AT_ONCE)))

    async def say(self, padding: str = "") -> None:
        self.begun += 1
        number = self.begun
        sent = await self.channel.post(0, Text(f"{self.name}:{number}:{padding}"))
        self.recorded[number] = sent.version


@dataclass
class Circle:
    """The user and staff of several organisations in one channel."""

    world: World
    folder: Path
    stack: AsyncExitStack
    authors: list[Author] = field(default_factory=list)

    @property
    def first(self) -> Author:
        return self.authors[0]

    @property
    def written(self) -> int:
        return sum(len(author.recorded) for author in self.authors)

    @property
    def open(self) -> int:
        """Messages begun and not yet recorded."""
        return sum(author.begun - len(author.recorded) for author in self.authors)

    async def client(self, name: str, url: str, folder: str | None = None) -> Client:
        profile = make_profile(self.world, name, self.folder / (folder or name))
        return await self.stack.enter_async_context(Client(profile.unlock(key=KEY), url))

    def id_of(self, name: str) -> PrincipalId:
        return self.world.person(name).id

    async def gather(self, url: str, names: Sequence[str], urls: dict[str, str] | None = None) -> None:
        """Open a channel as the first of `names`, bring in the others, and let the user arrive."""
        first = await self.client(names[0], (urls or {}).get(names[0], url))
        channel = await first.open_channel()
        self.authors.append(Author(names[0], first, channel))
        for name in names[1:]:
            person = self.world.person(name)
            if name == USER:
                await channel.user_arrived(person.id)
            else:
                await channel.join(0, Terms(person.id, Standing.STAFF, person.organisation))
            client = await self.client(name, (urls or {}).get(name, url))
            theirs = await client.channel(channel.id)
            await theirs.caught_up()
            self.authors.append(Author(name, client, theirs))

    async def while_writing(self, work: Coroutine[Any, Any, None]) -> None:
        """Everybody writes while `work` is done; returns when all that was written is recorded."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for author in self.authors:
                tasks.create_task(author.write(stop))
            try:
                await work
            finally:
                stop.set()

    async def all_get_on(self) -> None:
        """Wait until every author has had more receipts than now."""
        before = {author.name: len(author.recorded) for author in self.authors}
        await until(lambda: all(len(a.recorded) > before[a.name] + AT_ONCE for a in self.authors))

    async def verify(self, url: str) -> None:
        """The record is what was acknowledged; everybody holds it; a reader from version 1 finds the same."""
        newest = max(v for author in self.authors for v in author.recorded.values())
        for author in self.authors:
            await author.channel.reached(newest)
        anew = await (await self.client(self.first.name, url, "from version 1")).channel(self.first.channel.id)
        await anew.reached(newest)
        await anew.caught_up()
        for author in self.authors:
            check_numbers(numbers_of(author.name, anew), author.recorded)
        for reader in (a.channel for a in self.authors):
            await reader.reached(anew.version)
            assert reader.head == anew.head
        await self._verify_access_log()

    async def _verify_access_log(self) -> None:
        """Whatever reached a reader lies in an interval of theirs that the log holds; the user sees all lines."""
        user = next(author for author in self.authors if author.name == USER)
        lines = await user.channel.access_log()
        closed = {line.event.ref: line.event.upto for line in lines if isinstance(line.event, IntervalClosed)}
        opened = [(line.version, line.event) for line in lines if isinstance(line.event, IntervalOpened)]
        for author in self.authors:
            kept = {v for v, _, _ in await author.channel._parts.kept._rows("lines")}
            mine = {version: event for version, event in opened if event.reader == self.id_of(author.name)}
            assert kept <= mine.keys(), "content was released under a line that is not in the log"
            # The first interval begins at version 0, or for whoever opened the channel with its first receipt.
            reached = 0
            for version, event in sorted(mine.items()):
                assert event.after <= reached, f"{author.name} got versions after {reached} without a line"
                reached = max(reached, closed.get(version, author.channel.version))
            assert reached >= author.channel.version


def numbers_of(name: str, channel: Channel) -> list[tuple[int, Version]]:
    """Number and version of an author's texts as they stand in the record."""
    found = []
    for version in range(1, channel.version + 1):
        event = channel.event(Version(version))
        if event.state is State.READABLE and isinstance(event.content, Text):
            author, number, _ = event.content.text.split(":", 2)
            if author == name:
                found.append((int(number), event.version))
    return found


def check_numbers(found: Sequence[tuple[int, Version]], recorded: dict[int, Version]) -> None:
    """Acknowledged: exactly once, where the receipt says. Everything: at most once, and in the order of writing."""
    counted = Counter(number for number, _ in found)
    assert all(count == 1 for count in counted.values()), "recorded twice"
    swapped = [(a, b) for a, b in pairwise(found) if a > b]
    assert not swapped, f"recorded in another order than written: {swapped}"
    assert recorded.items() <= dict(found).items(), "acknowledged, but not where the receipt says"


@asynccontextmanager
async def circle(world: World, folder: Path) -> AsyncIterator[Circle]:
    """A circle whose clients are closed at the end."""
    async with AsyncExitStack() as stack:
        yield Circle(world, folder, stack)
