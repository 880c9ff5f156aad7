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
from samsnakk.demo import script as s
from samsnakk.demo.checking import checks_of
from samsnakk.demo.children import Child, ChildDied
from samsnakk.demo.company import Company
from samsnakk.demo.conductor import Conductor, PlayError
from samsnakk.demo.folder import (
    DemoFolder,
    FolderError,
    Progress,
    demo_folder,
    pointer_file,
)
from samsnakk.demo.houses import commands, rows_of
from samsnakk.demo.reading import read_script
from samsnakk.demo.screen import Screen
from samsnakk.demo.script import Script
from samsnakk.demo.tables import ScriptError

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
    """Read the script, and note what is to be played unless it is there already."""
    kept = folder.path / "script.toml"
    source = kept.read_bytes() if options.resume and options.script is None else _source(options.script)
    script = read_script(source)
    digest = hashlib.sha256(source).hexdigest()
    if options.resume:
        if folder.progress().script != digest:
            raise FolderError(f"{folder.path} was begun with another script, which is kept there as {kept.name}")
        return script
    kept.write_bytes(source)
    folder.save(Progress(digest, new_id(), new_id()))
    return script


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
            screen.say(f"\n ✗ {str(leaf) or 'noe tok for lang tid'}", "bold red")
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
            self._screen.say("\n Stopper alt …", "dim")
            if not self._played:
                work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            return await work
        return INTERRUPTED

    async def _work(self) -> int:
        company = Company(self._script, self._folder, self._screen.progress)
        conductor = Conductor(self._script, company, self._folder, self._screen)
        try:
            async with asyncio.TaskGroup() as tasks:
                code = await self._play(conductor, company, tasks)
        finally:
            await asyncio.shield(company.stop())
        return code

    async def _play(self, conductor: Conductor, company: Company, tasks: asyncio.TaskGroup) -> int:
        listening = await conductor.start(tasks)
        if company.hub is not None:
            listening.append(tasks.create_task(_listen(company.hub)))
        self._screen.houses(rows_of(self._script, self._folder, company, conductor.actors))
        await conductor.play(self._options.pace)
        code = await self._judge(conductor, company)
        if not self._options.once:
            conductor.show_what_follows()
            await self._keep_running(company)
        for task in (*listening, *conductor.later):
            task.cancel()
        return code

    async def _judge(self, conductor: Conductor, company: Company) -> int:
        verdicts = conductor.verdicts()
        self._screen.outcome(conductor.board, verdicts)
        held = await conductor.examine()
        nodes = frozenset(company.nodes.found)
        texts = [step.content.text for step in self._script.steps if isinstance(step, s.Post)]
        checks = await asyncio.to_thread(checks_of, self._folder, held, nodes, texts)
        self._screen.checked(checks)
        broken = any(verdict.problems for verdict in verdicts) or any(check.problems for check in checks)
        return FAILED if broken else 0

    async def _keep_running(self, company: Company) -> None:
        """Until a signal comes; what people write meanwhile appears as it arrives."""
        self._played = True
        kept = f" --data {self._options.data}" if self._options.data is not None else ""
        self._screen.say("\n Alt går videre. I en annen terminal:\n")
        for about, command in commands(self._script, self._folder, company, kept):
            self._screen.say(f"   {about}:", "dim")
            self._screen.say(f"     {command}", "bold")
        self._screen.say("\n Det som skrives der, vises her. Ctrl-C stopper alt.\n", "dim")
        with _pointer(self._folder.path):
            await self._stopped.wait()


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
