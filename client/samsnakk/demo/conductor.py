"""Playing a script: one step after the other, each seen by everybody it is for before the next begins."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from protocol.contents import KnownContent, Reason, Summary, Title
from samsnakk.cli.refusal_texts import REFUSALS
from samsnakk.demo import lines
from samsnakk.demo import script as s
from samsnakk.demo.actors import Actor
from samsnakk.demo.board import Board, Message, Verdict
from samsnakk.demo.company import Company
from samsnakk.demo.folder import DemoFolder, Progress
from samsnakk.demo.orders import Context, content_of, order_of
from samsnakk.demo.screen import Screen
from samsnakk.demo.welcoming import CodesDiffer, introduce, vouch_for, welcome, with_user
from samsnakk.node.running import machine_now

_PATIENCE: Final = 60.0
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
        super().__init__(f"linje {step.line}: {problem}")


class Conductor:
    """One performance of a script."""

    def __init__(self, script: s.Script, company: Company, folder: DemoFolder, screen: Screen) -> None:
        self.script: Final = script
        self.board: Final = Board(script.participants)
        self.actors: dict[str, Actor] = {}
        self.later: list[asyncio.Task[None]] = []
        """What listens to processes that were started during the play."""
        self._company = company
        self._folder = folder
        self._screen = screen
        self._progress: Progress = folder.progress()
        self._changed = asyncio.Event()
        self._following = False
        self._unshown: list[int] = []
        self._names: dict[bytes, str] = {}

    async def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Everybody is there, as far as they can be; returns the tasks that listen to what they say."""
        self._take(await self._company.start(self._progress))
        for key, child in self._company.people.items():
            self.actors[key] = Actor(key, child, self.board, self._heard, self._changed)
        listening = [tasks.create_task(actor.listen()) for actor in self.actors.values()]
        listening += [tasks.create_task(self._company.nodes.listen(key)) for key in self._company.nodes.found]
        self._tasks = tasks
        async with asyncio.timeout(_PATIENCE * 2):
            for actor in self.actors.values():
                await actor.online.wait()
        return listening

    def _take(self, progress: Progress) -> None:
        self._progress = progress
        self._folder.save(progress)
        self._names = {person: key for key, person in progress.people.items()}

    async def examine(self) -> dict[str, lines.Holds]:
        """What each process found out about the secrets it holds, by participant or node."""
        hub, nodes = str(self._folder.hub), self._company.nodes
        asked = [(key, actor.carry_out(lines.Examine(actor.next_number(), hub))) for key, actor in self.actors.items()]
        asked += [(f"node {key}", nodes.ask(key, lines.Examine(nodes.next_number(key), hub))) for key in nodes.found]
        answers = await asyncio.gather(*(answer for _, answer in asked))
        named = zip((key for key, _ in asked), answers, strict=True)
        return {key: answer for key, answer in named if isinstance(answer, lines.Holds)}

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
        there = [key for key in self.script.participants if key in self._progress.people]
        await asyncio.gather(*(self._watch(key, self.actors[key]) for key in there))
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
        actor, context = self.actors[opener], self._context()
        answer = await actor.carry_out(lines.OpenChannel(actor.next_number(), context.terms(opener)))
        if not isinstance(answer, lines.Done):
            why = _advice(answer.code) if isinstance(answer, lines.Failed) else type(answer).__name__
            raise PlayError(self.script.steps[0], f"{opener} fikk ikke åpnet kanalen: {why}")
        await self._watch(opener, actor)
        await self._until(lambda: not self.board.behind(answer.version), self.script.steps[0])
        refused = await vouch_for(actor, self.actors, self._company.own)
        for key, problem in refused.items():
            raise PlayError(self.script.steps[0], f"{key} kom ikke inn: {problem}")
        self._save(opened=True, threads={s.MAIN: 0})
        await self._look_up(actor)
        self._screen.opened(self.script, opener)

    async def _look_up(self, actor: Actor) -> None:
        """What the opener finds in the directory, where the script's organisations have published one."""
        counts = [ready.listed for ready in self._company.nodes.ready.values() if ready.listed]
        if counts:
            answer = await actor.carry_out(lines.LookUp(actor.next_number()))
            found = answer.found if isinstance(answer, lines.LookedUp) else ()
            self._screen.directory(sum(counts), len(self.script.organisations), found)

    async def _step(self, step: s.AnyStep) -> None:
        if isinstance(step, s.Behind):
            await self._behind(step)
            self._screen.deed(step, self.script, {})
            return
        before = {key: len(view.read) for key, view in self.board.views.items()}
        actor, context = self.actors[step.by], self._context()
        if isinstance(step, s.Arrive):
            answer = await self._arrive(step, actor)
        else:
            answer = await actor.carry_out(order_of(step, context, actor.next_number()))
        if not isinstance(answer, lines.Done):
            self._refused(step, answer)
            return
        if step.refused is not None:
            raise PlayError(step, f"{step.by} skulle avvises med {step.refused!r}, og ble det ikke")
        await self._until(lambda: self.board.views[step.by].version >= answer.version, step)
        self._label(step, answer, context)
        for key in self._newcomers(step):
            await self._watch(key, self.actors[key])
        await self._until(lambda: not self.board.behind(answer.version) and not self.board.waiting(), step)
        self._show(step, before)

    async def _arrive(self, step: s.Arrive, inviter: Actor) -> lines.Answer:
        user = self.script.channel.user
        try:
            answer, came = await welcome(inviter, self.actors[user], self.script.participants[user].name)
        except CodesDiffer as error:
            raise PlayError(step, str(error)) from None
        if came is not None:
            self._take(with_user(self._progress, user, came))
            await introduce(self.actors, self.script, self._progress)
            self._screen.arrived(step.by, user, came.code)
        return answer

    async def _behind(self, step: s.Expire | s.KillNode | s.StartNode | s.Depart) -> None:
        """What nobody does in the channel."""
        nodes = self._company.nodes
        match step:
            case s.KillNode(organisation=key):
                await nodes.kill(nodes.of(key))
            case s.StartNode(organisation=key):
                await nodes.revive(nodes.of(key))
                self.later.append(self._tasks.create_task(nodes.listen(nodes.of(key))))
            case s.Depart(who=who):
                node = nodes.of(self.script.participants[who].organisation or "")
                self._save(departed=(*self._progress.departed, who))
                await nodes.ask(node, lines.Depart(nodes.next_number(node), self._progress.people[who]))
                await self._until(lambda: not self.board.views[who].served, step)
            case s.Expire(who=who):
                await self._until(lambda: not self.board.views[who].served, step)

    def _refused(self, step: s.AnyStep, answer: lines.Answer) -> None:
        if not isinstance(answer, lines.Failed):
            raise PlayError(step, f"{step.by} svarte {type(answer).__name__}")
        if step.refused != answer.code:
            raise PlayError(step, f"{step.by} ble avvist: {_advice(answer.code)}")
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
        alone = key in self._progress.departed
        answer = await actor.carry_out(lines.Watch(actor.next_number(), alone))
        if alone or isinstance(answer, lines.Failed):
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
            late = ", ".join(self.board.waiting()) or "noen"
            raise PlayError(step, f"ikke alle fikk se dette innen {_PATIENCE:.0f} s ({late})") from None

    def _context(self) -> Context:
        return Context(self.script, self._progress, machine_now())

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
    return f"{code}: {REFUSALS[code]}" if code in REFUSALS else code
