"""What the node remembers between two steps of somebody's browser, in memory: under the hash of a token, taken once.

A node that starts again has forgotten it, and people begin anew.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from crypto.labels import Label
from crypto.random import random_bytes
from domain.ids import Millis
from protocol.sign_in.tokens import LENGTH, name_of, written

MAX_WAITING: Final = 1000
"""Sign-ins or tickets that wait at once; the oldest makes room."""
_T = TypeVar("_T")


class Waiting(Generic[_T]):
    """Things of one kind that wait for at most `life` milliseconds."""

    def __init__(self, label: Label, life: int, now: Callable[[], Millis]) -> None:
        self._label: Final = label
        self._life: Final = life
        self._now: Final = now
        self._kept: dict[bytes, tuple[int, _T]] = {}

    def keep(self, thing: _T) -> str:
        """Keep it; the token that finds it again."""
        token = written(random_bytes(LENGTH))
        name = name_of(token, self._label)
        if name is None:
            raise ValueError("no token")
        self._kept[name] = (self._now() + self._life, thing)
        while len(self._kept) > MAX_WAITING:
            del self._kept[next(iter(self._kept))]
        return token

    def look(self, token: str) -> _T | None:
        """What waits under this token; None if nothing does, or does no longer."""
        name = name_of(token, self._label)
        until, thing = (0, None) if name is None else self._kept.get(name, (0, None))
        return thing if self._now() < until else None

    def take(self, token: str) -> _T | None:
        """The same, for the last time."""
        found = self.look(token)
        name = name_of(token, self._label)
        if name is not None:
            self._kept.pop(name, None)
        return found
