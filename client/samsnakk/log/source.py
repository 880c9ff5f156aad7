"""What a hub serves under `/log/`, unverified, in the sizes it may have."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

from crypto.log_entries import MAX_LOG_ENTRY
from crypto.log_tiles import TILE_WIDTH, TileName
from crypto.notes import MAX_NOTE
from samsnakk.errors import Disconnected, Refused

_LENGTH: Final = 2
MAX_BUNDLE: Final = TILE_WIDTH * (MAX_LOG_ENTRY + _LENGTH)
_PIECE: Final = 64 * 1024

if TYPE_CHECKING:
    import aiohttp


def _gone() -> tuple[type[Exception], ...]:
    import aiohttp  # noqa: PLC0415 - importing it costs half of a program's start

    return aiohttp.ClientError, TimeoutError, OSError


class Source(Protocol):
    """The hub's doors that a witness uses."""

    async def note(self, which: str) -> str | None:
        """A signed note."""

    async def bundle(self, n: int, width: int) -> bytes:
        """Entries."""

    async def hand_in(self, note: str) -> None:
        """A cosignature."""


class LogSource:
    """One HTTP session with the hub's log."""

    def __init__(self, hub: str) -> None:
        self._base = hub.rstrip("/") + "/log"
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> "aiohttp.ClientSession":
        if self._opened is None:
            import aiohttp  # noqa: PLC0415

            timeout = aiohttp.ClientTimeout(total=60, connect=10, sock_read=30)
            self._opened = aiohttp.ClientSession(timeout=timeout)
        return self._opened

    async def close(self) -> None:
        """End the session."""
        if self._opened is not None:
            await self._opened.close()

    async def note(self, which: str) -> str | None:
        """`checkpoint`, `candidate` or `cosigned`; None where there is none yet. Raises `Disconnected`, `Refused`."""
        data = await self._get(which, MAX_NOTE)
        try:
            return None if data is None else data.decode()
        except UnicodeDecodeError:
            raise Refused("malformed_frame", "a note") from None

    async def bundle(self, n: int, width: int) -> bytes:
        """Entry bundle `n`, its first `width` entries. Raises `Disconnected`, `Refused`."""
        data = await self._get(f"tile/{TileName(None, n, width)}", MAX_BUNDLE)
        if data is None:
            raise Refused("not_found", "an entry of the log")
        return data

    async def hand_in(self, note: str) -> None:
        """Give the hub a note with cosignatures. Raises `Disconnected`, `Refused`."""
        try:
            async with self._session.post(f"{self._base}/cosignatures", data=note.encode()) as answer:
                await _check(answer)
        except _gone():
            raise Disconnected from None

    async def _get(self, path: str, most: int) -> bytes | None:
        try:
            async with self._session.get(f"{self._base}/{path}") as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                await _check(answer)
                found = bytearray()
                async for piece in answer.content.iter_chunked(_PIECE):
                    found += piece
                    if len(found) > most:
                        raise Refused("too_large", "more than the log serves")
                return bytes(found)
        except _gone():
            raise Disconnected from None


async def _check(answer: "aiohttp.ClientResponse") -> None:
    if answer.ok:
        return
    try:
        problem: object = await answer.json(content_type=None)
    except ValueError:
        problem = None
    known = problem if isinstance(problem, Mapping) else {}
    raise Refused(str(known.get("code", "internal_error"))[:64], str(known.get("detail", ""))[:200])
