"""A member of staff signs in at their organisation's node, through the browser, and gets a ticket for one wish.

    async with NodeLogin(url, use) as login:
        print(login.address, login.code)          # open the address; the page shows the same code in the end
        enrolled = await login.outcome(timeout)

`use` asks the node for something with the ticket (`Desk.ask`), so the browser's last page says whether it worked.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from crypto.labels import NODE_TICKET_CHALLENGE
from samsnakk.errors import Refused
from samsnakk.loopback import Loopback

_DONE: Final = "Noden har svart programmet. Du kan lukke dette vinduet."
_NO_TICKET_OF_OURS: Final = "no_login"
_T = TypeVar("_T")


class NodeLogin(Loopback[_T]):
    """One attempt to sign in at the node at `url`; an asynchronous context manager."""

    def __init__(self, url: str, use: Callable[[str], Awaitable[_T]]) -> None:
        async def trade(ticket: str, verifier: str) -> _T:
            return await use(f"{ticket}.{verifier}")

        super().__init__(NODE_TICKET_CHALLENGE, trade, _DONE, _is_stray)
        self._url: Final = url.rstrip("/")

    @property
    def address(self) -> str:
        """The page to open."""
        return f"{self._url}/sign-in/program?challenge={self.challenge}&port={self.port}"


def _is_stray(refused: Refused) -> bool:
    return refused.code == _NO_TICKET_OF_OURS
