"""What is sealed inside a message: a CBOR map with a `kind` and the fields of that kind.

A kind this program does not know is kept and shown as "needs a newer version", never dropped.
"""

from dataclasses import dataclass
from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from crypto import cbor
from crypto.errors import Malformed
from domain.ids import Count, FileId, Millis, Version
from protocol.errors import BadContent, NulInText, TextTooLong
from protocol.facts import same

MAX_TEXT = 64 * 1024
"""Bytes of UTF-8 in one text."""
MAX_CONTENT = 256 * 1024
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Content(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """Root of every content kind this program knows."""


class Text(Content, frozen=True, tag="text"):
    """Plain text, byte for byte as written."""

    text: str
    reply_to: Version | None = None


class Title(Content, frozen=True, tag="title"):
    """The title of the thread it is posted in."""

    text: str


class Reason(Content, frozen=True, tag="reason"):
    """A reason, for the user or for colleagues: why a staff-only thread, a removal, a correction."""

    text: str


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who does what by when."""

    who: str
    what: str
    due: Millis | None = None


class Agreement(Content, frozen=True, tag="agreement"):
    """An agreement note: who met, what was agreed, who does what by when."""

    met: tuple[str, ...]
    agreed: str
    tasks: tuple[Task, ...] = ()


class Question(Content, frozen=True, tag="question"):
    """A question that can be taken."""

    text: str


class Summary(Content, frozen=True, tag="summary"):
    """Closing words: what was done and whom to contact now."""

    text: str
    contact: str


class Reaction(Content, frozen=True, tag="reaction"):
    """One sign under somebody's message."""

    target: Version
    sign: str


class SealedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Key, name and type of a file whose sealed chunks lie beside the channel; `size` before sealing, bytes."""

    file: FileId
    key: Bytes32
    content_hash: Bytes32
    name: str
    media_type: str
    size: Count
    duration: Millis | None = None


class Files(Content, frozen=True, tag="files"):
    """Files, pictures, drawings or voice, with an optional text."""

    files: tuple[SealedFile, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A kind this program does not know; `kind` is its name."""

    kind: str


KnownContent = Text | Title | Reason | Agreement | Question | Summary | Reaction | Files


def encode_content(content: KnownContent) -> bytes:
    """The content as it is sealed.

    Raises:
        NulInText, TextTooLong: a text that not every end can keep; nothing is altered silently.
        BadContent: a number or text that has no encoding.

    """
    fields = msgspec.to_builtins(content, builtin_types=(bytes,))
    _check_texts(fields)
    try:
        encoded = cbor.encode(fields)
    except Malformed:
        raise BadContent from None
    if len(encoded) > MAX_CONTENT:
        raise TextTooLong
    return encoded


def decode_content(data: bytes) -> KnownContent | Unknown:
    """What was sealed.

    Raises:
        BadContent: not a content of a known kind, nor a map with an unknown kind.

    """
    try:
        fields = cbor.decode(data, max_size=MAX_CONTENT)
    except Malformed:
        raise BadContent from None
    if not isinstance(fields, dict) or not isinstance(kind := fields.get("kind"), str):
        raise BadContent
    if kind not in _KNOWN:
        return Unknown(kind)
    _check_texts(fields)
    try:
        content: KnownContent = msgspec.convert(fields, _KNOWN[kind], builtin_types=(bytes,), strict=True)
    except msgspec.ValidationError:
        raise BadContent from None
    # convert() fills in what is missing; but one content has one encoding.
    if not same(msgspec.to_builtins(content, builtin_types=(bytes,)), fields):
        raise BadContent("a field is missing")
    return content


_KNOWN: dict[str, type[KnownContent]] = {str(kind.__struct_config__.tag): kind for kind in get_args(KnownContent)}


def _check_texts(value: object) -> None:
    match value:
        case str() as text:
            if "\0" in text:
                raise NulInText
            try:
                size = len(text.encode())
            except UnicodeEncodeError:
                raise BadContent("a lone surrogate is no character") from None
            if size > MAX_TEXT:
                raise TextTooLong
        case dict():
            for item in value.values():
                _check_texts(item)
        case list() | tuple():
            for item in value:
                _check_texts(item)
        case _:
            pass
