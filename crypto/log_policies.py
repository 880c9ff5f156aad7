"""Whose cosignatures make a checkpoint good enough to believe: a policy, and the file it stands in (C2SP tlog-policy).

    log VKEY [URL]                       a log whose checkpoints are meant
    witness NAME VKEY [URL]              somebody who cosigns
    group NAME all|any|K MEMBER…         cosigned where so many of its members, witnesses or groups, have cosigned
    quorum NAME|none                     what it takes

Names mean nothing outside the file, each stands in one group at most, and no key stands under two names. So an
organisation's witnesses in one group count once, however many it runs.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NoReturn

from crypto.checkpoints import Checkpoint, parse_checkpoint
from crypto.errors import BadKey, BadSignature, Malformed, NoQuorum
from crypto.notes import Note, NoteKey, NoteKind, parse_note_key, verify_cosignature, verify_note

MAX_POLICY: Final = 64 * 1024
MAX_POLICY_LINES: Final = 1024
"""Lines that say something; the format asks for 96 at least."""
MAX_CLOCK_AHEAD: Final = 300
"""Seconds by which a witness' clock may be ahead of ours."""
NONE: Final = "none"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPACE: Final = re.compile(r"[ \t]+")
_WORDS: Final = {"log": (2, 3), "witness": (3, 4), "group": (4, None), "quorum": (2, 2)}


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns; `url` is where a log asks for it (tlog-witness submission prefix), if anywhere."""

    key: NoteKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """At least `k` of these names."""

    k: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, and by name, in an order in which every group stands behind its members, who and how many must cosign.

    `quorum`: the name that decides; None where no cosignature is asked for.
    """

    logs: tuple[NoteKey, ...]
    parts: Mapping[str, Witness | Group]
    quorum: str | None

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """All who cosign."""
        return tuple(part for part in self.parts.values() if isinstance(part, Witness))


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that enough have cosigned. `times`: when each did, in seconds since 1970, by name in the policy."""

    checkpoint: Checkpoint
    times: Mapping[str, int]


def fewest(organisations: int) -> int:
    """How many of so many organisations must cosign where nobody says otherwise: 3 of 4.

    More than two thirds: two such sets have an honest one in common while fewer than a third lie, so no two
    histories can both be cosigned.
    """
    return organisations - (organisations - 1) // 3 if organisations else 0


def organisations_policy(log: NoteKey, witnesses: Mapping[str, Sequence[NoteKey]], k: int | None = None) -> Policy:
    """The policy that asks `k` of these organisations, `fewest` by default; each by any one of its witnesses.

    An organisation without a witness counts among those that are asked and never answers. Raises `Malformed` where
    `k` is no number of organisations or one key stands twice.
    """
    asked = fewest(len(witnesses)) if k is None else k
    if not 1 <= asked <= len(witnesses):
        raise Malformed("a quorum is one organisation at least and all of them at most")
    keys = [key.public for each in witnesses.values() for key in each]
    if len(set(keys)) != len(keys):
        raise Malformed("one key is a witness twice")
    parts: dict[str, Witness | Group] = {}
    for name, each in witnesses.items():
        members = {f"{name}/{number}": Witness(key) for number, key in enumerate(each, 1)}
        parts |= members | {name: Group(1, tuple(members))}
    parts["organisations"] = Group(asked, tuple(witnesses))
    return Policy((log,), MappingProxyType(parts), "organisations")


def verify_quorum(note: Note, policy: Policy, now: int, since: int = 0) -> Witnessed:
    """The checkpoint in `note`, if a log of the policy signed it and enough have cosigned it. Times in seconds.

    What was cosigned before `since` does not count: a hub that shows somebody an old log has old cosignatures only.

    Raises:
        NoQuorum: the log's checkpoint, and fewer cosigned it than the policy asks for. A reason to warn.
        BadSignature: no log of the policy signed it, or a line in the name of a log or witness is wrong. A lie.
        Malformed: not a checkpoint, or one of another log than the one that signed it.

    """
    checkpoint = _of_log(note, policy.logs)
    times = {
        name: _cosigned(note, part.key, since, now) for name, part in policy.parts.items() if isinstance(part, Witness)
    }
    found = {name: seconds for name, seconds in times.items() if seconds is not None}
    if policy.quorum is not None and policy.quorum not in _reached(policy.parts, found):
        raise NoQuorum("fewer witnesses have cosigned this checkpoint than the policy asks for")
    return Witnessed(checkpoint, MappingProxyType(found))


def _of_log(note: Note, logs: Iterable[NoteKey]) -> Checkpoint:
    checkpoint = parse_checkpoint(note.text)
    for log in logs:
        # The key's name is the log's origin, so no log speaks for another.
        if log.name == checkpoint.origin and _names(note, log):
            verify_note(note, log)
            return checkpoint
    raise BadSignature("no log of the policy has signed this checkpoint")


def _cosigned(note: Note, key: NoteKey, since: int, now: int) -> int | None:
    """When; None where the witness has not cosigned, or says so of a time that is long ago or yet to come."""
    if not _names(note, key):
        return None
    seconds = verify_cosignature(note, key)
    return seconds if since <= seconds <= now + MAX_CLOCK_AHEAD else None


def _names(note: Note, key: NoteKey) -> bool:
    return any(name == key.name and raw[: len(key.hash)] == key.hash for name, raw in note.lines)


def _reached(parts: Mapping[str, Witness | Group], found: Iterable[str]) -> set[str]:
    reached = set(found)
    for name, part in parts.items():
        if isinstance(part, Group) and sum(member in reached for member in part.members) >= part.k:
            reached.add(name)
    return reached


def parse_policy(data: bytes) -> Policy:
    """Read a policy file. Raises `Malformed`; its text names the line and what should stand there."""
    if len(data) > MAX_POLICY:
        raise Malformed(f"the policy is longer than {MAX_POLICY} bytes; leave out what is not used")
    # Octets above 127 mean nothing here; what is not UTF-8 stays as it is, so that names stay different.
    text = data.decode("utf-8", "surrogateescape")
    if not text.endswith("\n"):
        raise Malformed("the policy's last line does not end; put a newline behind it")
    reading = _Reading()
    for number, line in enumerate(text[:-1].split("\n"), 1):
        reading.line(number, line)
    return reading.policy()


class _Reading:
    """A policy file line by line."""

    def __init__(self) -> None:
        self._number = 0
        self._said = 0
        self._logs: list[NoteKey] = []
        self._keys: set[bytes] = set()
        self._parts: dict[str, Witness | Group] = {}
        self._members: set[str] = set()
        self._quorum: list[str] = []

    def line(self, number: int, line: str) -> None:
        self._number = number
        if _CONTROL.search(line):
            self._wrong("control characters; only spaces and tabs may stand between words")
        words = [word for word in _SPACE.split(line) if word]
        if not words or words[0].startswith("#"):
            return
        self._said += 1
        if self._said > MAX_POLICY_LINES:
            self._wrong(f"more than {MAX_POLICY_LINES} lines")
        kind, rest = words[0], words[1:]
        fewest_words, most_words = _WORDS.get(kind, (0, 0))
        if not fewest_words:
            self._wrong("begins with none of log, witness, group, quorum")
        if not fewest_words <= len(words) <= (most_words or len(words)):
            self._wrong(f"too few or too many words for a {kind}")
        self._take(kind, rest)

    def _take(self, kind: str, words: list[str]) -> None:
        match kind, words:
            case "log", [key, *_]:
                self._logs.append(self._key(key, NoteKind.LOG))
            case "witness", [name, key, *url]:
                self._name(name, Witness(self._key(key, NoteKind.WITNESS), url[0] if url else None))
            case "group", [name, k, *members]:
                self._name(name, self._group(k, members))
            case _, [name, *_]:
                self._quorum.append(name)
                if len(self._quorum) > 1:
                    self._wrong("a second quorum; keep one")
                if name != NONE and name not in self._parts:
                    self._wrong("a quorum of something that no line above defines")

    def _group(self, k: str, members: list[str]) -> Group:
        for member in members:
            if member not in self._parts:
                self._wrong("a member that no line above defines")
            if member in self._members:
                self._wrong("a member that stands in a group already; each counts once")
            self._members.add(member)
        many = {"any": 1, "all": len(members)}.get(k)
        if many is None:
            if not k.isascii() or not k.isdigit() or k.startswith("0") or not int(k[:9]) <= len(members):
                self._wrong("all, any, or a number from 1 to the number of members is expected behind the name")
            many = int(k)
        return Group(many, tuple(members))

    def _name(self, name: str, part: Witness | Group) -> None:
        if name == NONE or name in self._parts:
            self._wrong("a name that is taken; choose another")
        self._parts[name] = part

    def _key(self, text: str, kind: NoteKind) -> NoteKey:
        try:
            key = parse_note_key(text)
        except (Malformed, BadKey, UnicodeEncodeError):
            self._wrong("not a key of the form NAME+hash+base64 with an Ed25519 key; copy it whole")
        if key.kind is not kind:
            self._wrong("a log's key for a witness, or a witness' key for a log")
        if key.public in self._keys:
            self._wrong("a key that stands above already; each counts once")
        self._keys.add(key.public)
        return key

    def policy(self) -> Policy:
        if not self._quorum:
            raise Malformed("the policy has no quorum line; add «quorum NAME», or «quorum none» to ask for none")
        quorum = None if self._quorum[0] == NONE else self._quorum[0]
        return Policy(tuple(self._logs), MappingProxyType(self._parts), quorum)

    def _wrong(self, what: str) -> NoReturn:
        raise Malformed(f"line {self._number} of the policy: {what}")
