"""A bundle held against a trust file: everything anew, from the first record on; nothing in it is believed.

The record as every member's program does it (signatures, certificates at recorded time, rules, chain), the access log
likewise, whose keys they are by the key streams, and that the hub has signed that each of these is the newest there is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

import msgspec

from crypto.chain import stream_name
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError, NoQuorum
from crypto.hashing import Digest
from crypto.key_heads import heads_after, log_name
from crypto.log_entries import LogEntry
from crypto.log_policies import Policy, verify_quorum
from crypto.notes import parse_note
from domain.ids import ChannelId, Millis, PrincipalId, Version
from protocol import records
from protocol.acts import Place
from protocol.directory import Directory
from protocol.errors import ProtocolError
from protocol.global_log import SignedCheckpoint, logged_head, read_checkpoint, verify_goes_on
from protocol.published_keys import decode_entries
from protocol.replay import Accepted, Replay
from protocol.trust import Trust
from protocol.witnesses import SECOND, log_key, standing_policy, standing_witnesses
from samsnakk.access_log import AccessLogReplay
from samsnakk.evidence.contents import ACCESS, CHECKPOINT, EVENTS, KEYS, LOG, NAMES, RECORD, About, BadBundle
from samsnakk.evidence.fhir import Named, audit_events, event_line
from samsnakk.evidence.writing import subject_of
from samsnakk.evidence.zipped import Bundle
from samsnakk.who_read import WhoRead, history_of_places

Told = Callable[[int, int], None]
"""Told how many items of how many are verified."""
_TRIPLE: Final = 3
_WITH_CLASS: Final = 4


@dataclass(frozen=True, slots=True)
class Findings:
    """What holds. `cosigned`: when (seconds) each witness of the policy signed; `enough`: whether the quorum did.

    `renamed`: ids (hexadecimal) that the bundle calls otherwise than the trust file does.
    """

    name: str
    about: About
    read: WhoRead
    checkpoint: Checkpoint
    cosigned: Mapping[str, int]
    enough: bool
    key_streams: int
    renamed: tuple[str, ...]


def verify_bundle(bundle: Bundle, trust: Trust, now: Millis, policy: Policy | None, told: Told) -> Findings:
    """What the bundle proves; `policy` None: more than two thirds of the trust file's organisations must cosign.

    Raises:
        BadBundle: it does not hold; the text says what does not.

    """
    try:
        return _Verifying(bundle, trust, told).run(now, policy)
    except ProtocolError as error:
        raise BadBundle(f"it does not verify: {error.code}: {error.detail}") from None
    except CryptoError as error:
        raise BadBundle(f"it does not verify: {error}") from None


class _Verifying:
    def __init__(self, bundle: Bundle, trust: Trust, told: Told) -> None:
        about = bundle.about
        self._bundle, self._trust, self._told = bundle, trust, told
        ids = [_identifier(one) for one in (about.deployment, about.channel, about.reader, about.person)]
        if ids[0] != trust.deployment:
            raise BadBundle("it is from another deployment than the trust file's")
        self._place = Place(trust.deployment_id, ChannelId(ids[1]))
        self._reader, self._person = PrincipalId(ids[2]), PrincipalId(ids[3])
        self._directory = Directory(trust)
        self._ends: dict[Digest, LogEntry] = {}
        self._done, self._all = 0, about.record.version + about.access.version

    def run(self, now: Millis, policy: Policy | None) -> Findings:
        self._take_keys()
        replay, places = self._replayed()
        log = self._access_log(replay)
        shown = self._logged()
        cosigned, enough = self._cosigned(*shown, now, policy)
        read = WhoRead(history_of_places(places, self._reader), replay.head, log)
        return Findings(
            self._bundle.name,
            self._bundle.about,
            read,
            shown[0][-1].checkpoint,
            cosigned,
            enough,
            len(list(self._directory.principals())),
            self._check_events(read),
        )

    def _take_keys(self) -> None:
        streams = {}
        for item in self._bundle.items(KEYS):
            match item:
                case [bytes() as principal, bytes() as data] if principal not in streams:
                    streams[PrincipalId(principal)] = decode_entries(data)
                case _:
                    raise BadBundle("a key stream that is not written as it must be")
        self._directory.add_all(streams)
        for principal, entries in streams.items():
            if not entries:
                raise BadBundle("a key stream without a statement")
            head = heads_after(self._place.deployment, principal, entries)[-1]
            self._ends_at(log_name(principal), len(entries), head)

    def _replayed(self) -> tuple[Replay, list[Accepted]]:
        replay = Replay(self._place, self._reader, self._directory, self._person)
        places: list[Accepted] = []
        for item in self._bundle.items(RECORD):
            accepted = replay.accept(_without_class(item))
            if isinstance(item, list) and len(item) == _WITH_CLASS and item[3] != accepted.kind_class.value:
                raise BadBundle(f"the class of {accepted.version} is another one than it says")
            places.append(accepted)
            self._tell()
        if not places:
            raise BadBundle("there is no record in it")
        replay.verify_stubs(replay.channel.recorded_at)
        self._end(replay.channel.stream_secret, records.CHANNEL, replay.version, replay.head)
        said = self._bundle.about.record
        if (replay.version, replay.head.hex()) != (said.version, said.head):
            raise BadBundle("the record does not lead to the head that the bundle names")
        return replay, places

    def _access_log(self, replay: Replay) -> AccessLogReplay:
        secret = replay.channel.stream_secret
        log = AccessLogReplay(self._place, secret, self._directory)
        for item in self._bundle.items(ACCESS):
            log.take(_without_class(item))
            self._tell()
        log.verify_heads(replay.head_at)
        if log.lines:
            self._end(secret, records.ACCESS, Version(len(log.lines)), log.head)
        said = self._bundle.about.access
        if (len(log.lines), log.head.hex()) != (said.version, said.head):
            raise BadBundle("the access log does not lead to the head that the bundle names")
        return log

    def _logged(self) -> tuple[list[SignedCheckpoint], int]:
        """The checkpoints, and how large the log was when it showed each stream of the bundle as the newest."""
        key, left, needed = log_key(self._trust), dict(self._ends), 0
        found: list[tuple[SignedCheckpoint, list[bytes]]] = []
        for item in self._bundle.items(LOG):
            note, heads, consistency = _fields(item)
            came = read_checkpoint(note, key)
            found.append((came, consistency))
            needed = max(needed, came.checkpoint.size) if heads else needed
            for one in heads:
                name, leaf, siblings = _fields(one)
                entry, expected = logged_head(came.checkpoint, name, leaf, siblings), left.pop(name, None)
                if entry is None or entry != expected:
                    raise BadBundle("the hub's log says that something else is the newest: something was left out")
        if not found or left:
            raise BadBundle("the hub's log is not shown for everything in it")
        last = found[-1][0].checkpoint
        for came, consistency in found[:-1]:
            verify_goes_on(came.checkpoint, last, consistency)
        return [came for came, _ in found], needed

    def _cosigned(
        self, shown: list[SignedCheckpoint], needed: int, now: Millis, policy: Policy | None
    ) -> tuple[Mapping[str, int], bool]:
        """Who signed a checkpoint that reaches as far as all of it, and whether that is enough."""
        note = parse_note(self._bundle.text(CHECKPOINT))
        texts = [parse_note(one.note).text for one in shown]
        if note.text not in texts:
            raise BadBundle("the cosigned checkpoint is none of those that are shown")
        size = shown[texts.index(note.text)].checkpoint.size
        if policy is None:
            witnesses = standing_witnesses(self._trust, self._directory, Millis(self._bundle.about.made_at))
            policy = standing_policy(self._trust, witnesses)
        try:
            # A quorum over less than all of it is none.
            return verify_quorum(note, policy, now // SECOND).times, size >= needed
        except NoQuorum:
            return {}, False

    def _check_events(self, read: WhoRead) -> tuple[str, ...]:
        names = _names(self._bundle.text(NAMES))
        subject = subject_of(read, self._place, self._directory.hub)
        made = (event_line(event) for event in audit_events(read.readings, subject, names))
        found = self._bundle.lines(EVENTS)
        if any(one != other for one, other in zip_longest(made, found)):
            raise BadBundle(f"{EVENTS} says something else than the access log")
        known = {pin.id: pin.name for pin in self._trust.organisations}
        known |= {pin.id: pin.name for pin in self._trust.people}
        return tuple(who.hex() for who, named in names.items() if known.get(who, named.name) != named.name)

    def _end(self, secret: bytes, stream: str, version: Version, head: bytes) -> None:
        self._ends_at(stream_name(secret, stream), version, head)

    def _ends_at(self, name: Digest, n: int, head: bytes) -> None:
        self._ends[name] = LogEntry(name, n, Digest(head))

    def _tell(self) -> None:
        self._done += 1
        self._told(self._done, self._all)


def _without_class(item: object) -> object:
    """A record travels with the class of its kind, for verifiers that do not know the kinds."""
    return item[:-1] if isinstance(item, list) and len(item) == _WITH_CLASS else item


def _fields(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) != _TRIPLE:
        raise BadBundle("an item of the log that is not written as it must be")
    return value


def _identifier(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != len(ChannelId(bytes(16))) or found.hex() != text:
        raise BadBundle("an id in the list that is none")
    return found


def _names(text: str) -> dict[bytes, Named]:
    try:
        found = msgspec.json.decode(text, type=dict[str, Named], strict=True)
    except msgspec.MsgspecError:
        raise BadBundle(f"{NAMES} cannot be read") from None
    return {_identifier(who): named for who, named in found.items()}
