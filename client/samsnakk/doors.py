"""The hub's HTTP doors: key streams, and sealed files."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from crypto import cbor
from crypto.attachments import MAX_LENGTH
from crypto.errors import CryptoError
from crypto.key_statements import SignedStatement
from crypto.shapes import array, identifier
from domain.ids import ChannelId, FileId, OrganisationId, PrincipalId, ThreadNo
from protocol.errors import MalformedFrame
from protocol.listings.answers import Publication, encode_publication
from protocol.listings.heads import SignedHead, encode_signed_head
from protocol.published_keys import MAX_KEY_STREAM, decode_entries, encode_entries
from samsnakk.errors import AttachmentDamaged, AttachmentTooLarge, Disconnected, Refused

REQUEST_HEADER: Final = "Samsnakk-Request"
LINE_HEADER: Final = "Samsnakk-Line"
HEAD_HEADER: Final = "Samsnakk-Listing-Head"
MAX_LINE: Final = 64 * 1024
_SEALING: Final = 64 * 1024
_PIECE: Final = 64 * 1024


if TYPE_CHECKING:
    import aiohttp


def _gone() -> tuple[type[Exception], ...]:
    """What a broken connection raises."""
    import aiohttp  # noqa: PLC0415

    return aiohttp.ClientError, TimeoutError, OSError


class Doors:
    """One HTTP session with the hub."""

    def __init__(self, url: str) -> None:
        self.url: Final = url
        self._base = url.rstrip("/") + "/api/v1"
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> "aiohttp.ClientSession":
        """Opened by the first request: most programs make none, and importing aiohttp costs half of a start."""
        if self._opened is None:
            import aiohttp  # noqa: PLC0415

            timeout = aiohttp.ClientTimeout(total=300, connect=10, sock_read=30)
            self._opened = aiohttp.ClientSession(timeout=timeout)
        return self._opened

    async def close(self) -> None:
        """End the session."""
        if self._opened is not None:
            await self._opened.close()

    async def key_stream(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """A principal's key stream, unverified; empty where the hub knows none. Raises `Disconnected`, `Refused`."""
        try:
            async with self._session.get(f"{self._base}/key-streams/{principal.hex()}") as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return ()
                await _check(answer)
                return _entries(await answer.read())
        except _gone():
            raise Disconnected from None

    async def erased_copy(self, word: bytes) -> None:
        """Hand the hub a node's signed word that its copy is clean. Raises `Disconnected`, `Refused`."""
        await self.exchange("POST", "erased-copies", word)

    async def unkept(self, organisation: OrganisationId) -> tuple[PrincipalId, ...]:
        """In whose streams the organisation's newest root has yet to speak. Raises `Disconnected`, `Refused`."""
        data = await self.exchange("GET", f"organisations/{organisation.hex()}/unkept") or b""
        try:
            return tuple(PrincipalId(identifier(one)) for one in array(cbor.decode(data, max_size=MAX_KEY_STREAM)))
        except CryptoError as error:
            raise Refused("malformed_frame", str(error)) from None

    async def publish(
        self, principal: PrincipalId, entries: Sequence[SignedStatement], request: bytes | None = None
    ) -> None:
        """Hand the hub a key stream or its continuation. Raises `Disconnected`, `Refused`.

        `request`: signed by whoever vouches for a user that the hub does not know yet.
        """
        await self.exchange("POST", f"key-streams/{principal.hex()}", encode_entries(entries), request)

    async def exchange(
        self, method: str, path: str, data: bytes | None = None, request: bytes | None = None
    ) -> bytes | None:
        """One call of a door; its answer, None where the hub has nothing yet. Raises `Disconnected`, `Refused`."""
        headers = {} if request is None else signed_header(request)
        try:
            async with self._session.request(method, f"{self._base}/{path}", data=data, headers=headers) as answer:
                await _check(answer)
                return None if answer.status == HTTPStatus.NO_CONTENT else await answer.read()
        except _gone():
            raise Disconnected from None

    async def call(self, method: str, path: str, headers: dict[str, str], data: bytes = b"") -> bytes:
        """One request below `/api/v1`, and its answer. Raises `Disconnected`, `Refused`."""
        try:
            async with self._session.request(method, f"{self._base}{path}", headers=headers, data=data) as answer:
                await _check(answer)
                return await answer.read()
        except _gone():
            raise Disconnected from None

    async def own_channels(self, after: int, request: bytes) -> bytes:
        """The reader's channels that moved behind a position, unverified. Raises `Disconnected`, `Refused`."""
        return await self.call("GET", f"/channels?after={after}", signed_header(request))

    async def security_log(self, after: int, request: bytes) -> bytes:
        """What was refused behind row `after`, for a node, unverified. Raises `Disconnected`, `Refused`."""
        return await self.call("GET", f"/security-log?after={after}", signed_header(request))

    async def ask_directory(self, question: bytes, request: bytes) -> bytes:
        """The hub's answer to a question to the directory, unverified. Raises `Disconnected`, `Refused`."""
        return await self.call("POST", "/directory", signed_header(request), question)

    async def publish_listing(self, organisation: OrganisationId, signed: SignedHead, publication: Publication) -> None:
        """Hand the hub a new version of an organisation's listing. Raises `Disconnected`, `Refused`."""
        headers = {HEAD_HEADER: b64encode(encode_signed_head(signed)).decode()}
        await self.call("POST", f"/directory/{organisation.hex()}", headers, encode_publication(publication))

    async def put_piece(self, organisation: OrganisationId, signed: SignedHead, number: int, piece: bytes) -> None:
        """Hand the hub a piece of a large new version. Raises `Disconnected`, `Refused`."""
        headers = {HEAD_HEADER: b64encode(encode_signed_head(signed)).decode()}
        await self.call("PUT", f"/directory/{organisation.hex()}/pieces/{number}", headers, piece)

    async def finish_listing(self, organisation: OrganisationId, signed: SignedHead, pieces: int) -> tuple[int, bool]:
        """Let the hub go on with it: how many entries are in place, and whether it is finished.

        Raises `Disconnected`, `Refused`.
        """
        headers = {HEAD_HEADER: b64encode(encode_signed_head(signed)).decode()}
        answer = await self.call("POST", f"/directory/{organisation.hex()}/finish?pieces={pieces}", headers)
        try:
            told = msgspec.json.decode(answer, type=_Progress)
        except msgspec.MsgspecError:
            raise Disconnected from None
        return told.done, told.finished

    async def upload(
        self,
        channel: ChannelId,
        thread: ThreadNo,
        file: FileId,
        request: bytes,
        sealed: AsyncIterable[bytes],
        length: int,
    ) -> None:
        """Store a sealed file of `length` bytes. Raises `Disconnected`, `Refused`."""
        headers = {**signed_header(request), "Content-Length": str(length), "Content-Type": "application/octet-stream"}
        try:
            async with self._session.put(
                self._file(channel, file), params=_in(thread), headers=headers, data=sealed
            ) as answer:
                await _check(answer)
        except _gone():
            raise Disconnected from None

    async def download(
        self,
        channel: ChannelId,
        thread: ThreadNo,
        file: FileId,
        request: bytes,
        take_line: Callable[[list[Any]], None],
    ) -> AsyncIterator[bytes]:
        """The sealed file in pieces; `take_line` gets the access line first and raises what is wrong with it.

        Raises:
            Disconnected, Refused: it cannot be had.
            AttachmentDamaged, AttachmentTooLarge: something else came.

        """
        try:
            async with self._session.get(
                self._file(channel, file), params=_in(thread), headers=signed_header(request)
            ) as answer:
                await _check(answer)
                take_line(_line(answer.headers.get(LINE_HEADER, "")))
                total = 0
                async for piece in answer.content.iter_chunked(_PIECE):
                    total += len(piece)
                    if total > MAX_LENGTH + _SEALING:
                        raise AttachmentTooLarge
                    yield piece
        except _gone():
            raise Disconnected from None

    def _file(self, channel: ChannelId, file: FileId) -> str:
        return f"{self._base}/channels/{channel.hex()}/attachments/{file.hex()}"


def signed_header(request: bytes) -> dict[str, str]:
    """The header in which a signed request travels."""
    return {REQUEST_HEADER: b64encode(request).decode()}


def _in(thread: ThreadNo) -> dict[str, str]:
    return {"thread": str(thread)}


def _line(header: str) -> list[Any]:
    try:
        line = cbor.decode(b64decode(header, validate=True), max_size=MAX_LINE)
    except (ValueError, CryptoError):
        raise AttachmentDamaged from None
    if not isinstance(line, list):
        raise AttachmentDamaged
    return line


def _entries(data: bytes) -> tuple[SignedStatement, ...]:
    try:
        return decode_entries(data)
    except MalformedFrame as error:
        raise Refused(error.code, error.detail) from None


class _Progress(msgspec.Struct):
    done: int
    finished: bool


class _Problem(msgspec.Struct):
    code: str = "internal_error"
    detail: str = ""


async def _check(answer: "aiohttp.ClientResponse") -> None:
    if answer.ok:
        return
    try:
        problem = msgspec.json.decode(await answer.read(), type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem()
    raise Refused(problem.code, problem.detail)
