"""One thing done while connected, for commands that do one thing and end."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from samsnakk import Client
from samsnakk.profile import Unlocked

_T = TypeVar("_T")


async def connected(
    place: tuple[Unlocked, str],
    work: Callable[[Client], Awaitable[_T]],
    *,
    node: str | None = None,
    tending: bool = True,
) -> _T:
    """What `work` gives; `node` and `tending` as of `Client`. Raises what it raises."""
    async with Client(*place, node=node, tending=tending) as client:
        return await work(client)
