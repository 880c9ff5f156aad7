"""Who could not open the wrap of an epoch and still lacks its key: a holder grants it with what they do next."""

from collections.abc import Iterator

from domain.channel.events import EpochOpened, HistoryGranted, WrapFailed
from domain.ids import PrincipalId, ThreadNo, Version
from protocol.replay import Accepted
from samsnakk.keys import EpochId


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
                for epoch, opened, failed in self.of(place.thread):
                    if any(start <= opened <= until for start, until in ranges):
                        failed.discard(recipient)
                        self._failed = {e: left for e, left in self._failed.items() if left or e != epoch}
            case _:
                pass

    def of(self, thread: ThreadNo) -> Iterator[tuple[EpochId, Version, set[PrincipalId]]]:
        """Epochs of the thread that somebody still lacks: which, opened by which version, and who."""
        for epoch, failed in tuple(self._failed.items()):
            opened = self._opened.get(epoch)
            if epoch[0] == thread and opened is not None:
                yield epoch, opened, failed

    def is_owed(self, epoch: EpochId, principal: PrincipalId) -> bool:
        """Whether the principal has reported its wrap of the epoch, and nobody has granted the key since."""
        return principal in self._failed.get(epoch, ())
