"""Who could not open the wrap of an epoch and still lacks its key: a holder grants it with what they do next."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.channel.events import EpochOpened, HistoryGranted, WrapFailed
from domain.ids import PrincipalId, ThreadNo, Version
from protocol.replay import Accepted
from samsnakk.keys import EpochId


@dataclass(frozen=True, slots=True)
class Debt:
    """An epoch that somebody still lacks: opened by the act at `opened`, followed by the next one at `ended`."""

    epoch: EpochId
    opened: Version
    ended: Version | None
    failed: frozenset[PrincipalId]


class Owed:
    """Reported broken wraps of one channel that no grant has made good yet."""

    def __init__(self) -> None:
        self._opened: dict[EpochId, Version] = {}
        self._failed: dict[EpochId, set[PrincipalId]] = {}

    def take(self, place: Accepted) -> None:
        """Note what an accepted act says about wraps."""
        if place.act is None or place.thread is None:
            return
        match place.header.event:
            case EpochOpened(epoch=number):
                self._opened[place.thread, number] = place.version
            case WrapFailed(epoch=number):
                who = place.header.role or place.header.person
                if who is not None:
                    self._failed.setdefault((place.thread, number), set()).add(who)
            case HistoryGranted(recipient=recipient, ranges=ranges):
                for debt in tuple(self.of(place.thread)):
                    if any(start <= debt.opened <= until for start, until in ranges):
                        self._failed[debt.epoch].discard(recipient)
                self._failed = {epoch: left for epoch, left in self._failed.items() if left}
            case _:
                pass

    def of(self, thread: ThreadNo) -> Iterator[Debt]:
        """What is still lacked in a thread, as far as the opening of the epoch is known here."""
        starts = sorted(version for (there, _), version in self._opened.items() if there == thread)
        for epoch, failed in self._failed.items():
            opened = self._opened.get(epoch)
            if epoch[0] == thread and opened is not None:
                ended = next((start for start in starts if start > opened), None)
                yield Debt(epoch, opened, ended, frozenset(failed))

    def is_owed(self, epoch: EpochId, principal: PrincipalId) -> bool:
        """Whether the principal has reported its wrap of the epoch, and nobody has granted the key since."""
        return principal in self._failed.get(epoch, ())
