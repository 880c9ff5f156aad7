"""All processes of a demonstration: started together, told who the others are, and stopped together.

What passes through here is public: pins, key streams, addresses. This process holds no key of anybody.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domain.channel.terms import Standing
from protocol.trust import FORMAT, ChannelName, HubPin, PersonPin, Trust, encode_trust
from samsnakk.demo import beginnings as b
from samsnakk.demo import script as s
from samsnakk.demo.children import Child, heard_beginning
from samsnakk.demo.folder import DemoFolder, Progress
from samsnakk.demo.hub import serving_in, start_hub, stop_database
from samsnakk.demo.lines import encode_line
from samsnakk.demo.nodes import Nodes

Say = Callable[[str], None]


class Company:
    """Hub, nodes and people of one performance."""

    def __init__(self, script: s.Script, folder: DemoFolder, say: Say) -> None:
        self._script = script
        self._folder = folder
        self._say = say
        self.nodes: Final = Nodes(folder, script)
        self.people: dict[str, Child] = {}
        self.hub: Child | None = None
        self.own: dict[str, tuple[bytes, bytes]] = {}
        """Ids and key streams of those who stand under a root of their own, and have yet to be vouched for."""
        self._trust = b""
        self.url = ""

    async def start(self, progress: Progress) -> Progress:
        """Start every process and bring them as far as the first order; returns who everybody is.

        Raises:
            ChildDied: one of them ended.

        """
        keys = list(self._script.participants)
        self._say(f"Starter huben med PostgreSQL, {len(self.nodes.found)} noder og {len(keys)} deltakere …")
        people = (self._start_person(key, progress) for key in keys)
        made, *_ = await asyncio.gather(self._start_hub(), asyncio.gather(self.nodes.start(), *people))
        progress = self._found(made, progress)
        self._say("Hver node har laget rotnøklene sine; tillitsfilen fester dem. Venter på huben …")
        await self._open()
        self._say("Ansatte logger inn ved sin egen node og får sertifikat; alle logger inn ved huben …")
        await self._begin(progress)
        return replace(progress, url=self.url)

    async def _start_hub(self) -> b.HubMade:
        users = [p.name for p in self._script.participants.values() if p.standing is Standing.USER]
        self.hub = await start_hub(self._folder, users)
        return await heard_beginning(self.hub, b.HubMade)

    async def _start_person(self, key: str, progress: Progress) -> None:
        person, place = self._script.participants[key], self._folder.person(key)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        arguments = [
            f"--folder={place}",
            f"--name={person.name}",
            f"--standing={person.standing.value}",
            f"--channel={progress.channel.hex()}",
            f"--deployment={progress.deployment.hex()}",
        ]
        child = await Child.start(f"prosessen til {key}", "samsnakk.demo.participant", arguments, place / "process.log")
        self.people[key] = child
        made = await heard_beginning(child, b.Made)
        if made.own is not None:
            self.own[key] = made.own

    def _found(self, hub: b.HubMade, progress: Progress) -> Progress:
        """Put the pins together, as people do who meet and compare them; only at the first start."""
        made = self.nodes.made.values()
        if not self._folder.trust_file.exists():
            trust = self._pinned(hub, progress)
            self._folder.trust_file.write_bytes(encode_trust(trust))
        self._trust = self._folder.trust_file.read_bytes()
        people = {key: person for node in made for key, person in node.staff.items()}
        own = {key: person for key, (person, _) in self.own.items()}
        return replace(
            progress,
            people={**progress.people, **people, **own},
            organisations={key: found for node in made for key, found in node.organisations.items()},
            inboxes={key: found for node in made for key, found in node.inboxes.items()},
        )

    def _pinned(self, hub: b.HubMade, progress: Progress) -> Trust:
        made = self.nodes.made.values()
        relatives = [
            PersonPin(person, self._script.participants[key].name, self._script.participants[key].title, None)
            for key, (person, _) in self.own.items()
        ]
        return Trust(
            format=FORMAT,
            deployment=progress.deployment,
            hub=HubPin(hub.device, hub.public_key),
            organisations=tuple(pin for node in made for pin in node.pins),
            people=(*(person for node in made for person in node.people), *relatives),
            channels=(ChannelName(progress.channel, self._script.channel.name),),
        )

    async def _open(self) -> None:
        trusted = b.Trusted(self._trust)
        hub = self._hub()
        await hub.say(encode_line(trusted))
        await self.nodes.trusted(trusted)
        serving = serving_in(await hub.hear())
        self.url = serving.ready
        await self.nodes.work(b.Work(self.url, serving.sign_in))

    def _hub(self) -> Child:
        if self.hub is None:
            raise RuntimeError("start the hub first")
        return self.hub

    async def _begin(self, progress: Progress) -> None:
        for key, child in self.people.items():
            plan = self._script.participants[key]
            organisation = plan.organisation
            begin = b.Begin(
                url=self.url,
                trust=self._trust,
                node=None if organisation is None else self.nodes.door(organisation),
                organisation=None if organisation is None else progress.organisations[organisation],
                person=None if organisation is None else progress.people[key],
                inbox=progress.inboxes[organisation] if organisation and plan.standing is Standing.INBOX else None,
                alone=key in progress.departed,
            )
            await child.say(encode_line(begin))

    async def stop(self) -> None:
        """Stop all processes, the hub last, so that nobody notices it going and tries to come back."""
        people, self.people = self.people, {}
        await asyncio.gather(self.nodes.stop(), *(child.stop() for child in people.values()))
        hub, self.hub = self.hub, None
        if hub is not None:
            await hub.stop()
            stop_database(self._folder.database)
