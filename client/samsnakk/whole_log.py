"""Checking a whole log from its first entry, on all processors, saying how far it is."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Final

from crypto.checkpoints import Checkpoint
from crypto.log_parts import JoinedLog, Part, read_part

BUNDLES: Final = 32
"""Bundles in a part: 8,192 entries, some 60 ms of work."""
_AHEAD: Final = 4
"""Parts on their way for each processor: memory stays the same however long the log is."""


def processors(workers: int | None = None) -> ProcessPoolExecutor:
    """Processes to check with, one a processor; to be closed. They are begun anew, so no lock is copied halfway."""
    return ProcessPoolExecutor(workers or os.cpu_count() or 1, mp_context=get_context("spawn"))


def check_log(
    bundles: Iterable[bytes], checkpoint: Checkpoint, pool: ProcessPoolExecutor, tell: Callable[[int], None]
) -> JoinedLog:
    """Recompute the log of `checkpoint` from all its entry bundles; `tell` hears how many entries are checked.

    Raises:
        BadProof: it is another log, or one whose streams have gaps or repeats.
        Malformed: not bundles of entries.

    """
    joined = JoinedLog()
    for part in _in_order(bundles, pool):
        joined.add(part)
        tell(joined.size)
    joined.verify(checkpoint)
    return joined


def _in_order(bundles: Iterable[bytes], pool: ProcessPoolExecutor) -> Iterator[Part]:
    waiting: deque[Future[Part]] = deque()
    room = _AHEAD * (os.cpu_count() or 1)
    try:
        left = iter(bundles)
        while some := tuple(islice(left, BUNDLES)):
            waiting.append(pool.submit(read_part, some))
            if len(waiting) >= room:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for unneeded in waiting:
            unneeded.cancel()
