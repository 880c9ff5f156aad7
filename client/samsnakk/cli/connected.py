"""One thing done while connected, for commands that do one thing and end."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from samsnakk import Client
from samsnakk.profile import Unlocked

_T = TypeVar("_T")


async def connected(place: tuple[Unlocked, str], work: Callable[[Client], Awaitable[_T]]) -> _T:
    """What `work` gives. Raises what it raises."""
    async with Client(*place) as client:
        return await work(client)
