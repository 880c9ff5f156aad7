"""The nodes of a demonstration: a process for each, in a folder of its own; one may die and come back."""

import asyncio
from collections.abc import Mapping
from typing import Final

from domain.channel.terms import Standing
from samsnakk.demo import beginnings as b
from samsnakk.demo import lines
from samsnakk.demo import script as s
from samsnakk.demo.actors import Actor
from samsnakk.demo.board import Board
from samsnakk.demo.children import Child, ChildDied, heard_beginning
from samsnakk.demo.folder import DemoFolder
from samsnakk.demo.lines import encode_line
from samsnakk.node.sign_in.development import SETTING, WORDS


def served_by(script: s.Script) -> dict[str, str]:
    """The node of each organisation, by keys."""
    return {o.key: o.node or o.key for o in script.organisations}


class Nodes:
    """Every node by the key of the organisation it is called after."""

    def __init__(self, folder: DemoFolder, script: s.Script) -> None:
        self._folder = folder
        self._node_of: Final = served_by(script)
        self.found: Final = {key: _plan(script, key, self._node_of) for key in dict.fromkeys(self._node_of.values())}
        self.made: dict[str, b.NodeMade] = {}
        self.ready: dict[str, b.NodeReady] = {}
        self._actors: dict[str, Actor] = {}
        self._killed: set[str] = set()
        self._instructions: tuple[b.Trusted, b.Work] | None = None

    async def start(self) -> None:
        """Start all of them, and hear whom they serve."""
        await asyncio.gather(*map(self._start, self.found))

    async def _start(self, key: str) -> None:
        place = self._folder.node(key)
        place.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        arguments = [f"--folder={place.path}", f"--officers={self._folder.officers}", f"--name={key}"]
        child = await Child.start(f"noden {key}", "samsnakk.demo.node", arguments, place.log, {SETTING: WORDS})
        self._actors[key] = Actor(key, child, Board(()), lambda *_: None, asyncio.Event())
        await child.say(encode_line(self.found[key]))
        self.made[key] = await heard_beginning(child, b.NodeMade)

    async def trusted(self, trusted: b.Trusted) -> None:
        """Hand everybody the trust file; they found their organisations while the hub starts."""
        for actor in self._actors.values():
            await actor.child.say(encode_line(trusted))
        self._instructions = (trusted, b.Work("", ""))

    async def work(self, work: b.Work) -> None:
        """Send everybody to work."""
        if self._instructions is not None:
            self._instructions = (self._instructions[0], work)
        await asyncio.gather(*(self._work(key, work) for key in self._actors))

    async def _work(self, key: str, work: b.Work) -> None:
        await self._actors[key].child.say(encode_line(work))
        self.ready[key] = await heard_beginning(self._actors[key].child, b.NodeReady)

    async def listen(self, key: str) -> None:
        """Take in what a node says, for as long as it runs. Raises `ChildDied` unless it was killed on purpose."""
        actor = self._actors[key]
        try:
            await actor.listen()
        except ChildDied:
            if key not in self._killed:
                raise

    def of(self, organisation: str) -> str:
        """The key of the node that serves the organisation."""
        return self._node_of[organisation]

    def door(self, organisation: str) -> str:
        """Where the organisation's staff go."""
        return self.ready[self.of(organisation)].url

    async def ask(self, key: str, order: lines.AnyOrder) -> lines.Answer:
        """Give a node an order. Raises `ChildDied`, `TimeoutError`."""
        return await self._actors[key].carry_out(order)

    def next_number(self, key: str) -> int:
        """The number of the next order."""
        return self._actors[key].next_number()

    async def kill(self, key: str) -> None:
        """Kill -9."""
        self._killed.add(key)
        await self._actors[key].child.kill()

    async def revive(self, key: str) -> None:
        """Start it again on the same folder; it finds everything there."""
        if self._instructions is None:
            raise ChildDied(f"noden {key} har aldri vært i arbeid")
        trusted, work = self._instructions
        await self._start(key)
        await self._actors[key].child.say(encode_line(trusted))
        await self._work(key, work)
        self._killed.discard(key)

    async def stop(self) -> None:
        """Stop all of them; once is enough."""
        actors, self._actors = self._actors, {}
        await asyncio.gather(*(actor.child.stop() for actor in actors.values()))


def _plan(script: s.Script, node: str, node_of: Mapping[str, str]) -> b.Found:
    mine = [o for o in script.organisations if node_of[o.key] == node]
    on_duty = {p.organisation for p in script.participants.values() if p.standing is Standing.INBOX}
    organisations = tuple(
        b.OrganisationPlan(o.key, o.name, o.number, o.inbox if o.key in on_duty else None) for o in mine
    )
    staff = tuple(
        b.StaffPlan(p.key, p.name, p.title, p.organisation, p.function, p.standing is Standing.INBOX)
        for p in script.participants.values()
        if p.organisation is not None and node_of[p.organisation] == node
    )
    return b.Found(organisations, staff)
