"""Playing a script: one step after the other, each seen by everybody it is for before the next begins."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from domain.channel.terms import Standing
from domain.ids import Millis
from protocol.contents import KnownContent, Reason, Summary, Title
from protocol.table import TABLE
from samsnakk.demo import lines
from samsnakk.demo import script as s
from samsnakk.demo.actors import Actor
from samsnakk.demo.board import Board, Message, Verdict
from samsnakk.demo.children import Child
from samsnakk.demo.folder import SCRIPT_DEVICE, DemoFolder, Progress
from samsnakk.demo.orders import Context, content_of, order_of, principal_of
from samsnakk.demo.screen import Screen
from samsnakk.demo.world import World, now_ms

_PATIENCE: Final = 30.0
"""Seconds in which everybody must have seen a step."""
_POSTED: Final = "message-posted/1"
_RECORDED_AS: Final[dict[type, str]] = {
    s.Post: _POSTED,
    s.Join: "proposed/1",
    s.HandOver: "tillitsperson-proposed/1",
}
"""Which record of a step's unit its label stands for; the first one if it is not listed."""


class PlayError(Exception):
    """The script could not be played on; the text names line and reason."""

    def __init__(self, step: s.Step, problem: str) -> None:
        super().__init__(f"line {step.line}: {problem}")


class Conductor:
    """One performance of a script."""

    def __init__(self, script: s.Script, world: World, folder: DemoFolder, screen: Screen) -> None:
        self.script: Final = script
        self.board: Final = Board(script.participants)
        self._world = world
        self._folder = folder
        self._screen = screen
        self._progress: Progress = folder.progress()
        self._actors: dict[str, Actor] = {}
        self._changed = asyncio.Event()
        self._following = False
        self._unshown: list[int] = []
        self._names: dict[bytes, str] = {world.person(key).id: key for key in script.participants}

    async def start(self) -> None:
        """Start a process for each participant. They come to the hub when they are told where it is."""
        await asyncio.gather(*map(self._start, self.script.participants))

    async def connect(self, url: str, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Send everybody to the hub; returns the tasks that listen to what they say."""
        self._save(url=url)
        listening = [tasks.create_task(actor.listen()) for actor in self._actors.values()]
        async with asyncio.timeout(_PATIENCE * 2):
            for actor in self._actors.values():
                await actor.child.say(lines.encode_line(lines.Begin(url)))
            for actor in self._actors.values():
                await actor.online.wait()
        return listening

    async def stop(self) -> None:
        """Stop all processes; once is enough."""
        actors, self._actors = self._actors, {}
        await asyncio.gather(*(actor.child.stop() for actor in actors.values()))

    async def _start(self, key: str) -> None:
        profile = self._folder.profile(key, SCRIPT_DEVICE)
        arguments = [f"--profile={profile}", f"--channel={self._progress.channel.hex()}"]
        if self.script.participants[key].standing is Standing.INBOX:
            arguments.append(f"--inbox={principal_of(self.script, self._world, key).hex()}")
        log = self._folder.logs / f"{key}.log"
        child = await Child.start(f"{key}'s process", "samsnakk.demo.participant", arguments, log)
        self._actors[key] = Actor(key, child, self.board, self._heard, self._changed)

    async def play(self, pace: float) -> None:
        """All steps that are not done yet. Raises `PlayError`, `ChildDied`."""
        await self._catch_up()
        if not self._progress.opened:
            await self._open()
        for number, step in enumerate(self.script.steps, 1):
            if number > self._progress.steps_done:
                await self._step(step)
                self._save(steps_done=number)
                await asyncio.sleep(pace)

    def verdicts(self) -> list[Verdict]:
        """What came of every expectation."""
        return [self.board.judge(expectation, self._progress.labels) for expectation in self.script.expectations]

    async def _catch_up(self) -> None:
        """Go on where an earlier performance ended: everybody who took part reads it all again."""
        if not self._progress.opened:
            return
        await asyncio.gather(*(self._watch(key, self._actors[key]) for key in self.script.participants))
        newest = max(view.version for view in self.board.views.values())
        await self._until(lambda: not self.board.behind(newest), self.script.steps[0])
        for version in range(1, newest + 1):
            place = self.board.place(version)
            if place is not None and place.kind == _POSTED and place.author is not None:
                self._note(version, self._names.get(place.author, "?"), None)
        context = self._context()
        for step in self.script.steps:
            version = self._progress.labels.get(step.label, 0)
            # A promise "within a week" was sealed as a date, which the script alone does not tell any more.
            if isinstance(step, s.Post) and not isinstance(step.content, s.AgreementPlan) and version:
                self._note(version, step.by, content_of(step.content, context))

    async def _open(self) -> None:
        opener = self.script.channel.opened_by
        actor, context = self._actors[opener], self._context()
        answer = await actor.carry_out(lines.OpenChannel(actor.next_number(), context.terms(opener)))
        if isinstance(answer, lines.Failed):
            raise PlayError(self.script.steps[0], f"{opener} could not open the channel: {_advice(answer.code)}")
        await self._watch(opener, actor)
        await self._until(lambda: not self.board.behind(answer.version), self.script.steps[0])
        self._save(opened=True, threads={s.MAIN: 0})
        self._screen.opened(self.script, opener)

    async def _step(self, step: s.AnyStep) -> None:
        if isinstance(step, s.Expire):
            view = self.board.views[step.who]
            await self._until(lambda: not view.served, step)
            self._screen.deed(step, self.script, {})
            return
        before = {key: len(view.read) for key, view in self.board.views.items()}
        actor, context = self._actors[step.by], self._context()
        answer = await actor.carry_out(order_of(step, context, actor.next_number()))
        if isinstance(answer, lines.Failed):
            self._refused(step, answer)
            return
        if step.refused is not None:
            raise PlayError(step, f"{step.by} was expected to be refused with {step.refused!r}, and was not")
        await self._until(lambda: self.board.views[step.by].version >= answer.version, step)
        self._label(step, answer, context)
        for key in self._newcomers(step):
            await self._watch(key, self._actors[key])
        await self._until(lambda: not self.board.behind(answer.version) and not self.board.waiting(), step)
        self._show(step, before)

    def _refused(self, step: s.AnyStep, answer: lines.Failed) -> None:
        if step.refused != answer.code:
            raise PlayError(step, f"{step.by} was refused: {answer.code}: {answer.advice or _advice(answer.code)}")
        self._screen.refused(step, self.script, _advice(answer.code))

    def _label(self, step: s.AnyStep, answer: lines.Done, context: Context) -> None:
        """Note which record each label stands for, and what its author sealed there."""
        mine = self.board.views[step.by].places
        unit = [mine[v] for v in range(answer.first, answer.version + 1) if v in mine]
        wanted = _RECORDED_AS.get(type(step))
        labels = {step.label: next((p.version for p in unit if p.kind == wanted), answer.first)}
        for place in unit:
            if place.kind == _POSTED:
                name, sent = _named_part(step, place.content, context)
                labels[name] = place.version
                self._note(place.version, step.by, sent)
        threads = dict(self._progress.threads)
        if isinstance(step, s.OpenThread) and answer.thread is not None:
            threads[step.thread] = answer.thread
        self._save(labels={**self._progress.labels, **labels}, threads=threads)

    def _note(self, version: int, author: str, sent: KnownContent | None) -> None:
        self.board.messages[version] = Message(version, author, sent)

    def _newcomers(self, step: s.AnyStep) -> Iterable[str]:
        found: Sequence[str] = ()
        match step:
            case s.Arrive():
                found = (self.script.channel.user,)
            case s.Join(who=who, proposed=False):
                found = (who,)
            case s.OpenThread(members=members):
                found = members
            case s.About(what=s.Deed.APPROVE, target=target):
                found = [p.who for p in self.script.steps if isinstance(p, s.Join) and p.label == target]
        return [key for key in found if not self.board.views[key].served]

    async def _watch(self, key: str, actor: Actor) -> None:
        view = self.board.views[key]
        view.served = True
        answer = await actor.carry_out(lines.Watch(actor.next_number()))
        if isinstance(answer, lines.Failed):
            view.served = False

    def _show(self, step: s.AnyStep, before: dict[str, int]) -> None:
        shown = self._progress.labels.get(step.label, 0)
        if isinstance(step, s.Post):
            self._screen.message(self.board, shown)
            return
        gained = {key: len(view.read) - before[key] for key, view in self.board.views.items()}
        own = [v for v in self.board.messages if v >= shown]
        self._screen.deed(step, self.script, {key: n - len(own) for key, n in gained.items() if n > len(own)})
        for version in own:
            self._screen.message(self.board, version)

    def show_what_follows(self) -> None:
        """From here on messages that no script foresaw are shown as they come."""
        self._following = True

    def _heard(self, key: str, saw: lines.Saw, more: bool) -> None:  # noqa: FBT001 - a callback
        if not self._following:
            return
        if more and saw.author is not None and saw.version not in self.board.messages:
            self._note(saw.version, self._names.get(saw.author, key), None)
            self._unshown.append(saw.version)
        while self._unshown and not self.board.behind(self._unshown[0]):
            self._screen.message(self.board, self._unshown.pop(0))

    async def _until(self, holds: Callable[[], bool], step: s.Step) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            late = ", ".join(self.board.waiting()) or "somebody"
            raise PlayError(step, f"not everybody got to see this within {_PATIENCE:.0f} s ({late})") from None

    def _context(self) -> Context:
        return Context(self.script, self._world, self._progress, Millis(now_ms()))

    def _save(self, **changes: object) -> None:
        self._progress = replace(self._progress, **changes)  # type: ignore[arg-type]
        self._folder.save(self._progress)


def _named_part(step: s.AnyStep, content: KnownContent | None, context: Context) -> tuple[str, KnownContent | None]:
    """The label of one message of a step's unit, and what the script wants it to say."""
    match content:
        case Title() if isinstance(step, s.OpenThread):
            return f"{step.label}.title", Title(context.script.threads[step.thread].title)
        case Reason() if isinstance(step, s.OpenThread):
            return f"{step.label}.reason", Reason(context.script.threads[step.thread].reason or "")
        case Summary() if isinstance(step, s.Close):
            return f"{step.label}.summary", Summary(step.text, step.contact)
        case _:
            return step.label, content_of(step.content, context) if isinstance(step, s.Post) else content


def _advice(code: str) -> str:
    row = TABLE.get(code)
    return f"{code}: {row.advice}" if row is not None else code
