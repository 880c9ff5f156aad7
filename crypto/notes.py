"""C2SP signed notes and cosignatures, so that logs and witnesses that others wrote understand ours (and we theirs).

A note is text that ends with a newline, a blank line, and a line for each signature: `— NAME base64(key hash ‖ …)`.
Two kinds of signature are read: Ed25519 over the text (signed-note, type 0x01), and a witness' cosignature, Ed25519
over `cosignature/v1`, a time and the text (tlog-cosignature, type 0x04). Lines of keys that nobody asks for are kept
out of sight, as the format demands: anybody may add one.

Texts are signed as they are, because the format says so; none of them begins as a label of ours does, because a log's
name holds no space.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Final

from crypto.errors import BadSignature, Malformed
from crypto.signing import (
    PUBLIC_KEY_LENGTH,
    SIGNATURE_LENGTH,
    PublicKey,
    Signature,
    SigningKey,
    verify_public_key,
    verify_text,
)

MAX_NOTE: Final = 64 * 1024
MAX_NOTE_SIGNATURES: Final = 64
MAX_NOTE_NAME: Final = 255
"""Characters of a key's name, which is a log's origin."""
_HASH: Final = 4
_TIME: Final = 8
_MARK: Final = "— "
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_COSIGNED: Final = b"cosignature/v1\ntime %d\n"


class NoteKind(Enum):
    """What a key of a note signs: the byte in its hash."""

    LOG = 0x01
    WITNESS = 0x04


@dataclass(frozen=True, slots=True)
class NoteKey:
    """Who signs: a name without spaces or plus signs, what kind of signature, and an Ed25519 public key."""

    name: str
    kind: NoteKind
    public: PublicKey

    @property
    def hash(self) -> bytes:
        """The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ key): a hint which key to try, and no proof."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind.value]) + self.public).digest()[:_HASH]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{b64encode(bytes([self.kind.value]) + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it came, unverified: its text with the last newline, and (name, key hash ‖ signature) a line."""

    text: str
    lines: tuple[tuple[str, bytes], ...]


def note_key(name: str, kind: NoteKind, public: bytes) -> NoteKey:
    """A key of a note. Raises `Malformed` on a name that the format forbids, `BadKey` where `public` is none."""
    if not _NAME.fullmatch(name):
        raise Malformed("a note's key has a name of 1 to 255 characters without spaces and plus signs")
    return NoteKey(name, kind, verify_public_key(public))


def parse_note_key(text: str) -> NoteKey:
    """Read `NAME+hash+base64(type ‖ key)`, the form in which keys of notes are handed on.

    Raises:
        Malformed: another form, an unknown type, or a hash of another key.
        BadKey: the key is none.

    """
    name, _, rest = text.partition("+")
    raw = from_base64(rest.partition("+")[2])
    if len(raw) != 1 + PUBLIC_KEY_LENGTH or raw[0] not in {kind.value for kind in NoteKind}:
        raise Malformed("a note's key of an unknown type")
    key = note_key(name, NoteKind(raw[0]), raw[1:])
    if str(key) != text:
        raise Malformed("a note's key with the hash of another")
    return key


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """The note with one signature of type 0x01. Raises `Malformed` where `text` cannot be a note's."""
    _check_text(text)
    by = note_key(name, NoteKind.LOG, key.public)
    return f"{text}\n{_line(by, key.sign_text(text.encode()))}"


def cosignature_line(text: str, name: str, key: SigningKey, seconds: int) -> str:
    """A witness' line under a note; `seconds` since the Unix epoch. Raises `Malformed`."""
    _check_text(text)
    by = note_key(name, NoteKind.WITNESS, key.public)
    return _line(by, seconds.to_bytes(_TIME, "big") + key.sign_text(_COSIGNED % seconds + text.encode()))


def parse_note(note: str) -> Note:
    """Take a note apart. Raises `Malformed`."""
    if len(note) > MAX_NOTE:
        raise Malformed("a note that is too long")
    text, split, signatures = note.rpartition("\n\n")
    if not split or not signatures.endswith("\n"):
        raise Malformed("a note without signatures")
    text += "\n"
    _check_text(text)
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_NOTE_SIGNATURES:
        raise Malformed("a note with too many signatures")
    return Note(text, tuple(_read_line(line) for line in lines))


def verify_note(note: Note, by: NoteKey) -> None:
    """Raises `BadSignature` unless `by` has signed the note, and no line in its name is wrong."""
    for raw in _of(note, by):
        verify_text(by.public, note.text.encode(), Signature(raw))


def verify_cosignature(note: Note, by: NoteKey) -> int:
    """The latest time, in seconds, for which `by` says it had seen nothing newer.

    Raises:
        BadSignature: `by` has not cosigned the note, or a line in its name is wrong.

    """
    return newest_cosignature(note, by)[0]


def newest_cosignature(note: Note, by: NoteKey) -> tuple[int, str]:
    """That time, and the line that says it. Raises `BadSignature` as `verify_cosignature`."""
    found = []
    for raw in _of(note, by):
        seconds = int.from_bytes(raw[:_TIME], "big")
        verify_text(by.public, _COSIGNED % seconds + note.text.encode(), Signature(raw[_TIME:]))
        found.append((seconds, _line(by, raw)))
    return max(found)


def _of(note: Note, by: NoteKey) -> list[bytes]:
    length = SIGNATURE_LENGTH + (_TIME if by.kind is NoteKind.WITNESS else 0)
    found = [raw[_HASH:] for name, raw in note.lines if name == by.name and raw[:_HASH] == by.hash]
    if not found or any(len(raw) != length for raw in found):
        raise BadSignature("the note is not signed by this key")
    return found


def _line(by: NoteKey, signature: bytes) -> str:
    return f"{_MARK}{by.name} {b64encode(by.hash + signature).decode()}\n"


def _read_line(line: str) -> tuple[str, bytes]:
    name, _, rest = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not _NAME.fullmatch(name):
        raise Malformed("not a signature's line")
    raw = from_base64(rest)
    if len(raw) <= _HASH:
        raise Malformed("a signature without bytes")
    return name, raw


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(c != "\n" and (c < " " or c == "\x7f") for c in text):
        raise Malformed("a note's text ends with a newline and has no other control characters")
    if "\ufffd" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Malformed("a note's text is UTF-8")


def from_base64(text: str) -> bytes:
    """Bytes in the one base64 they have. Raises `Malformed`."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raise Malformed("not base64") from None
    if b64encode(raw).decode() != text:
        raise Malformed("not the one base64 of these bytes")
    return raw
