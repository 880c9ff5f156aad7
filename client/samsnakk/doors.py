"""The hub's HTTP doors: key streams, and sealed files."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec

from crypto import cbor
from crypto.attachments import MAX_LENGTH
from crypto.errors import CryptoError, Malformed
from crypto.key_statements import SignedStatement
from crypto.signing import Signature
from domain.ids import ChannelId, FileId, PrincipalId, ThreadNo
from samsnakk.errors import AttachmentDamaged, AttachmentTooLarge, Disconnected, Refused

REQUEST_HEADER: Final = "Samsnakk-Request"
LINE_HEADER: Final = "Samsnakk-Line"
MAX_KEY_STREAM: Final = 4 * 1024 * 1024
MAX_LINE: Final = 64 * 1024
_SEALING: Final = 64 * 1024
_SIGNATURE: Final = 64
_TIMEOUT: Final = aiohttp.ClientTimeout(total=300, connect=10, sock_read=30)
_PIECE: Final = 64 * 1024
_GONE = (aiohttp.ClientError, TimeoutError, OSError)


class Doors:
    """One HTTP session with the hub."""

    def __init__(self, url: str) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)

    async def close(self) -> None:
        """End the session."""
        await self._session.close()

    async def key_stream(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """A principal's key stream, unverified; empty where the hub knows none. Raises `Disconnected`, `Refused`."""
        try:
            async with self._session.get(f"{self._base}/key-streams/{principal.hex()}") as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return ()
                await _check(answer)
                return decode_entries(await answer.read())
        except _GONE:
            raise Disconnected from None

    async def publish(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        """Hand the hub a key stream or its continuation. Raises `Disconnected`, `Refused`."""
        try:
            async with self._session.post(
                f"{self._base}/key-streams/{principal.hex()}", data=encode_entries(entries)
            ) as answer:
                await _check(answer)
        except _GONE:
            raise Disconnected from None

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
        headers = {**_signed(request), "Content-Length": str(length), "Content-Type": "application/octet-stream"}
        try:
            async with self._session.put(
                self._file(channel, file), params=_in(thread), headers=headers, data=sealed
            ) as answer:
                await _check(answer)
        except _GONE:
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
                self._file(channel, file), params=_in(thread), headers=_signed(request)
            ) as answer:
                await _check(answer)
                take_line(_line(answer.headers.get(LINE_HEADER, "")))
                total = 0
                async for piece in answer.content.iter_chunked(_PIECE):
                    total += len(piece)
                    if total > MAX_LENGTH + _SEALING:
                        raise AttachmentTooLarge
                    yield piece
        except _GONE:
            raise Disconnected from None

    def _file(self, channel: ChannelId, file: FileId) -> str:
        return f"{self._base}/channels/{channel.hex()}/attachments/{file.hex()}"


def _signed(request: bytes) -> dict[str, str]:
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


class _Problem(msgspec.Struct):
    code: str = "internal_error"
    detail: str = ""


async def _check(answer: aiohttp.ClientResponse) -> None:
    if answer.ok:
        return
    try:
        problem = msgspec.json.decode(await answer.read(), type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem()
    raise Refused(problem.code, problem.detail)


def encode_entries(entries: Sequence[SignedStatement]) -> bytes:
    """A key stream as it travels: CBOR [[statement, signature], …]."""
    return cbor.encode([[entry.statement, entry.signature] for entry in entries])


def decode_entries(data: bytes) -> tuple[SignedStatement, ...]:
    """The entries, unverified: only `Directory.add` makes something of them. Raises `Refused`."""
    try:
        rows = cbor.decode(data, max_size=MAX_KEY_STREAM)
    except Malformed:
        rows = None
    entries = []
    for row in rows if isinstance(rows, list) else [None]:
        match row:
            case [bytes() as statement, bytes() as signature] if len(signature) == _SIGNATURE:
                entries.append(SignedStatement(statement, Signature(signature)))
            case _:
                raise Refused("malformed_frame", "key stream")
    return tuple(entries)
