"""The participants' processes as the conductor sees them: orders go in, answers and reports come out."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Final

from samsnakk.demo.board import Board
from samsnakk.demo.children import Child, ChildDied
from samsnakk.demo.lines import (
    Admitted,
    Answer,
    AnyOrder,
    Broken,
    Came,
    Done,
    Ended,
    Failed,
    Holds,
    Invited,
    LookedUp,
    Online,
    Saw,
    SignedIn,
    encode_line,
    read_report,
)

Heard = Callable[[str, Saw, bool], None]
"""Called with the participant, the report and whether they read more than before."""
_ANSWER: Final = 60.0


class Actor:
    """One participant's process."""

    def __init__(self, key: str, child: Child, board: Board, heard: Heard, changed: asyncio.Event) -> None:
        self.key: Final = key
        self.child: Final = child
        self._board = board
        self._heard = heard
        self._changed = changed
        self._numbers = count(1)
        self._open: dict[int, asyncio.Future[Answer]] = {}
        self.online: Final = asyncio.Event()
        self.signed_in: Final[dict[str, str]] = {}
        """Where, and through which provider."""

    def next_number(self) -> int:
        """The number of the next order."""
        return next(self._numbers)

    async def carry_out(self, order: AnyOrder) -> Answer:
        """Give an order and wait for its answer. Raises `ChildDied`, `TimeoutError`."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._open[order.number] = answer
        try:
            async with asyncio.timeout(_ANSWER):
                await self.child.say(encode_line(order))
                return await answer
        finally:
            del self._open[order.number]

    async def listen(self) -> None:
        """Take in everything the process says, for as long as it runs. Raises `ChildDied`."""
        while True:
            report = read_report(await self.child.hear())
            match report:
                case Done() | Failed() | Invited() | Admitted() | Came() | Holds() | LookedUp():
                    answer = self._open.get(report.number)
                    if answer is not None and not answer.done():
                        answer.set_result(report)
                case Saw():
                    self._heard(self.key, report, self._board.saw(self.key, report))
                case SignedIn(at=at, provider=provider):
                    self.signed_in[at] = provider
                case Online():
                    self.online.set()
                case Ended():
                    self._board.views[self.key].served = False
                case Broken(problem=problem):
                    raise ChildDied(f"{self.key}: {problem}")
            self._changed.set()
