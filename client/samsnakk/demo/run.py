"""`samsnakk demo`: put the world, the hub, the processes and the script together, and take them apart again."""

import asyncio
import contextlib
import hashlib
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from rich.console import Console

from crypto.random import new_id
from domain.channel.terms import Standing
from samsnakk.demo import listed
from samsnakk.demo.cast import PersonSpec
from samsnakk.demo.children import Child, ChildDied
from samsnakk.demo.conductor import Conductor, PlayError
from samsnakk.demo.folder import (
    CHAT_DEVICE,
    SCRIPT_DEVICE,
    DemoFolder,
    FolderError,
    Progress,
    demo_folder,
    pointer_file,
)
from samsnakk.demo.hub import running_hub
from samsnakk.demo.reading import read_script
from samsnakk.demo.screen import Screen
from samsnakk.demo.script import Script
from samsnakk.demo.tables import ScriptError
from samsnakk.demo.world import World

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
_FORESEEN: Final = (PlayError, ChildDied, TimeoutError)


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line. `pace`: seconds between steps."""

    script: Path | None = None
    data: Path | None = None
    resume: bool = False
    once: bool = False
    pace: float = 0.0


def run_demo(options: Options, console: Console) -> int:
    """Play; returns 0, or 1 if something did not hold, 2 if it could not begin, 130 if it was interrupted."""
    try:
        with demo_folder(options.data, resume=options.resume) as folder:
            script = _prepare(folder, options)
            return asyncio.run(_perform(folder, script, options, console))
    except (ScriptError, FolderError) as error:
        where = f"{options.script}: " if isinstance(error, ScriptError) and options.script else ""
        sys.stderr.write(f"samsnakk demo: {where}{error}\n")
        return USAGE


def _prepare(folder: DemoFolder, options: Options) -> Script:
    """Read the script, and make the world unless it is there already."""
    kept = folder.path / "script.toml"
    source = kept.read_bytes() if options.resume and options.script is None else _source(options.script)
    script = read_script(source)
    digest = hashlib.sha256(source).hexdigest()
    if options.resume:
        if folder.progress().script != digest:
            raise FolderError(f"{folder.path} was begun with another script, which is kept there as {kept.name}")
        return script
    people = [PersonSpec(p.key, p.name, p.title, p.organisation) for p in script.participants.values()]
    world = World.create(folder.world, organisations=script.organisations, people=people)
    channel = new_id()
    world.name_channel(channel, script.channel.name)
    _make_profiles(folder, world)
    kept.write_bytes(source)
    folder.save(Progress(digest, channel))
    return script


def _make_profiles(folder: DemoFolder, world: World) -> None:
    """Two devices each: one plays the script, the other is for `samsnakk chat`, at the same time."""
    keys = [person.key for person in world.people]
    first = [world.profile(key, folder.profile(key, SCRIPT_DEVICE)) for key in keys]
    for key in keys:
        world.certify_new_device(key)
    for key in keys:
        world.profile(key, folder.profile(key, CHAT_DEVICE))
    for profile in first:
        profile.update_trust(world.trust)


def _source(path: Path | None) -> bytes:
    if path is None:
        return files("samsnakk.demo").joinpath("conversation.toml").read_bytes()
    try:
        return path.read_bytes()
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}") from None


async def _perform(folder: DemoFolder, script: Script, options: Options, console: Console) -> int:
    screen = Screen(console, tuple(script.participants))
    screen.starting(script)
    performance = Performance(folder, script, options, screen)
    try:
        return await performance.run()
    except (*_FORESEEN, BaseExceptionGroup) as error:
        leaves = _leaves(error)
        if not all(isinstance(leaf, _FORESEEN) for leaf in leaves):
            raise
        for leaf in leaves:
            screen.say(f"\n ✗ {str(leaf) or 'something took too long'}", "bold red")
        return FAILED


def _leaves(error: BaseException) -> list[BaseException]:
    """The errors themselves; of several processes that stop for one reason, each is told."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for inner in error.exceptions for leaf in _leaves(inner)]


class Performance:
    """One run, from the first process to the last. A signal stops it wherever it is."""

    def __init__(self, folder: DemoFolder, script: Script, options: Options, screen: Screen) -> None:
        self._folder = folder
        self._script = script
        self._options = options
        self._screen = screen
        self._stopped = asyncio.Event()
        self._played = False

    async def run(self) -> int:
        """The exit code. Raises what went wrong, once everything that was started has been stopped."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._stopped.set)
        work = asyncio.ensure_future(self._work())
        stop = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if self._stopped.is_set():
            self._screen.say("\n Stopping everything …", "dim")
            if not self._played:
                work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            return await work
        return INTERRUPTED

    async def _work(self) -> int:
        world = World.open(self._folder.world)
        conductor = Conductor(self._script, world, self._folder, self._screen)
        try:
            await conductor.start()
            async with running_hub(self._folder, world) as (hub, url):
                try:
                    return await self._play(conductor, hub, url)
                finally:
                    # Before the hub, so that nobody notices it going and tries to come back.
                    await asyncio.shield(conductor.stop())
        finally:
            await asyncio.shield(conductor.stop())

    async def _play(self, conductor: Conductor, hub: Child, url: str) -> int:
        async with asyncio.TaskGroup() as tasks:
            listening = [tasks.create_task(_listen(hub)), *await conductor.connect(url, tasks)]
            await listed.show(World.open(self._folder.world), url, self._screen)
            await conductor.play(self._options.pace)
            code = self._judge(conductor)
            if not self._options.once:
                conductor.show_what_follows()
                await self._keep_running()
            for task in listening:
                task.cancel()
        return code

    def _judge(self, conductor: Conductor) -> int:
        verdicts = conductor.verdicts()
        self._screen.outcome(conductor.board, verdicts)
        return FAILED if any(verdict.problems for verdict in verdicts) else 0

    async def _keep_running(self) -> None:
        """Until a signal comes; what people write meanwhile appears as it arrives."""
        self._played = True
        name = self._script.channel.name
        kept = f" --data {self._options.data}" if self._options.data is not None else ""
        self._screen.say(f"\n Everything keeps running. In another terminal, be one of {', '.join(self._people())}:\n")
        first, inboxes = self._people()[0], self._inboxes()
        commands = [f"chat --as {first} {name}", f"timeline {name} --as {first} --verify"]
        for command in commands + [f"chat --as {key} --inbox {name}" for key in inboxes]:
            self._screen.say(f"    samsnakk {command}{kept}", "bold")
        self._screen.say("\n What is written there appears here. Ctrl-C stops everything.\n", "dim")
        with _pointer(self._folder.path):
            await self._stopped.wait()

    def _people(self) -> list[str]:
        return [key for key in self._script.participants if key not in self._inboxes()]

    def _inboxes(self) -> list[str]:
        return [key for key, who in self._script.participants.items() if who.standing is Standing.INBOX]


async def _listen(hub: Child) -> None:
    """The hub says nothing more; this ends when it does. Raises `ChildDied`."""
    while True:
        await hub.hear()


@contextlib.contextmanager
def _pointer(folder: Path) -> Iterator[None]:
    """Note the folder where `samsnakk chat` looks without --data. A home that cannot be written to is no obstacle."""
    file = pointer_file()
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if file.read_text() == str(folder):
                file.unlink()
