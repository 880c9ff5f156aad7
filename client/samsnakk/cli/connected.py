"""One thing done while connected, for commands that do one thing and end."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from samsnakk import Client
from samsnakk.errors import SamsnakkError
from samsnakk.profile import Unlocked

_T = TypeVar("_T")


async def connected(place: tuple[Unlocked, str], work: Callable[[Client], Awaitable[_T]]) -> _T:
    """What `work` gives. Raises the error that it raises, bare, and not in a group with the connection's."""
    async with Client(*place) as client:
        try:
            return await work(client)
        except SamsnakkError as error:
            failed = error
    raise failed
