"""A member of staff signs in at their organisation's node, through the browser, and gets a ticket for one wish.

    async with NodeLogin(url, use) as login:
        print(login.address, login.code)          # open the address; the page shows the same code in the end
        enrolled = await login.outcome(timeout)

`use` asks the node for something with the ticket (`Desk.ask`), so the browser's last page says whether it worked.
"""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from crypto.labels import NODE_TICKET_CHALLENGE
from samsnakk.errors import Refused
from samsnakk.loopback import Loopback

_DONE: Final = "Noden har svart programmet. Du kan lukke dette vinduet."
_NO_TICKET_OF_OURS: Final = "no_login"
_T = TypeVar("_T")


class NodeLogin(Generic[_T]):
    """One attempt to sign in at the node at `url`; an asynchronous context manager."""

    def __init__(self, url: str, use: Callable[[str], Awaitable[_T]]) -> None:
        self._url: Final = url.rstrip("/")
        self._use: Final = use
        self._loopback = Loopback(
            NODE_TICKET_CHALLENGE, self._take, _DONE, lambda said: said.code == _NO_TICKET_OF_OURS
        )

    async def __aenter__(self) -> Self:
        await self._loopback.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._loopback.__aexit__(kind, error, trace)

    @property
    def code(self) -> str:
        """What the page must show too; otherwise it belongs to another program."""
        return self._loopback.code

    @property
    def address(self) -> str:
        """The page to open."""
        return f"{self._url}/sign-in/program?challenge={self._loopback.challenge}&port={self._loopback.port}"

    async def outcome(self, timeout: float) -> _T:  # noqa: ASYNC109 - a person takes so long, and may be asked
        """What `use` brought, at most `timeout` seconds from now. Raises `NotInTime`, and what `use` raises."""
        return await self._loopback.wait(timeout)

    async def _take(self, ticket: str, verifier: str) -> _T:
        return await self._use(f"{ticket}.{verifier}")


def _is_stray(refused: Refused) -> bool:
    return refused.code == _NO_TICKET_OF_OURS
