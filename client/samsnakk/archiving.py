"""A channel as it is handed to an archive: one file that verifies by itself, also after what is in it has been erased.

In it: the record as its reader was served it, the key streams of everybody who signed, the access line of the visit in
which it was made, and, where that was chosen, the key of each message. Believed in nothing: whoever opens it checks it
against a trust file of their own, and a message opens only as its author sealed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import cbor
from crypto.errors import CryptoError
from crypto.shapes import SecretKey, array, blob, digest, identifier, secret, whole
from domain.access.events import IntervalOpened, Purpose
from domain.channel.events import MessagePosted
from domain.ids import ChannelId, Digest, Millis, PrincipalId, Version
from protocol import records
from protocol.acts import Place, verify_act
from protocol.contents import KnownContent, Unknown, decode_content
from protocol.directory import Directory
from protocol.errors import BadContent, ProtocolError
from protocol.published_keys import decode_entries, encode_entries
from protocol.records import Record
from protocol.replay import Accepted, Replay
from protocol.sealing import message_key, open_granted_message
from protocol.trust import Trust
from samsnakk.errors import SamsnakkError
from samsnakk.held import Held
from samsnakk.keys import ChannelKeys

FORMAT: Final = 1
MAX_ARCHIVE: Final = 512 * 1024 * 1024
_FIELDS: Final = 10
Content = KnownContent | Unknown


class BadArchive(SamsnakkError):
    """The file is no archive of this kind, or does not hold what it says."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not a good archive: {why}", "Keep the file as evidence, and export the channel again.")


@dataclass(frozen=True, slots=True)
class Archive:
    """What is in the file, unverified. `keys` None: sealed only; the organisation's vault opens it."""

    place: Place
    reader: PrincipalId
    made_at: Millis
    line: list[Any]
    key_streams: tuple[tuple[PrincipalId, bytes], ...] = field(repr=False)
    items: list[Any] = field(repr=False)
    head: Digest
    keys: Mapping[Version, SecretKey] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedArchive:
    """What holds: `places` in order, `purpose` of the visit in which it was made, and what the keys open."""

    archive: Archive
    purpose: Purpose
    held: Held = field(repr=False)
    contents: Mapping[Version, Content] = field(repr=False)

    @property
    def version(self) -> Version:
        """The newest version in it."""
        return self.held.version


def make_archive(held: Held, directory: Directory, line: list[Any], at: Millis, *, plain: bool) -> Archive:
    """The channel as this reader holds it now. `line`: the access line of the visit; `plain`: with messages' keys."""
    replay = held.replay
    signers = {p for place in held.places if place.act is not None for p in (place.header.person, place.header.role)}
    named = {*(one for one in signers if one is not None), *held.on_rosters(), *_named(held)}
    streams = tuple((one, encode_entries(directory.entries(one))) for one in sorted(named) if directory.entries(one))
    items = [held.item(Version(version)) for version in range(1, held.version + 1)]
    keys = _keys(held) if plain else None
    return Archive(replay.place, replay.reader, at, line, streams, items, replay.head, keys)


def _named(held: Held) -> set[PrincipalId]:
    """Everybody whose key stream the record has entered: their keys are named in it."""
    channel = held.replay.channel
    found = {*channel.key_streams} | ({channel.user.principal} if channel.user is not None else set())
    for thread in channel.threads.values():
        found |= {*thread.ranges}
    return found


def _keys(held: Held) -> dict[Version, SecretKey]:
    found: dict[Version, SecretKey] = {}
    for place in held.places:
        if place.act is None or place.body is None or not isinstance(place.header.event, MessagePosted):
            continue
        thread = place.header.thread
        epoch = held.keys.epochs.get((thread, place.header.epoch)) if thread is not None else None
        if epoch is not None:
            found[place.version] = message_key(place.header, place.body, epoch)
        elif place.version in held.keys.messages:
            found[place.version] = held.keys.messages[place.version]
    return found


def encode_archive(archive: Archive) -> bytes:
    """The file: CBOR [1, deployment, channel, reader, made at, line, key streams, items, head, keys or null]."""
    keys: list[Any] | None = None
    if archive.keys is not None:
        keys = [[version, key] for version, key in sorted(archive.keys.items())]
    streams = [[principal, entries] for principal, entries in archive.key_streams]
    place = archive.place
    fields: list[Any] = [FORMAT, place.deployment, place.channel, archive.reader, archive.made_at, archive.line]
    return cbor.encode([*fields, streams, archive.items, archive.head, keys])


def parse_archive(data: bytes) -> Archive:
    """What a file says, unverified. Raises `BadArchive`."""
    try:
        fields = array(cbor.decode(data, max_size=MAX_ARCHIVE), _FIELDS)
        whole(fields[0], FORMAT, FORMAT)
        place = Place(identifier(fields[1]), ChannelId(identifier(fields[2])))  # type: ignore[arg-type]
        streams = [array(one, 2) for one in array(fields[6])]
        keys = None if fields[9] is None else [array(one, 2) for one in array(fields[9])]
        return Archive(
            place,
            PrincipalId(identifier(fields[3])),
            Millis(whole(fields[4])),
            array(fields[5]),
            tuple((PrincipalId(identifier(one)), blob(entries)) for one, entries in streams),
            array(fields[7]),
            Digest(digest(fields[8])),
            None if keys is None else {Version(whole(version)): secret(key) for version, key in keys},
        )
    except CryptoError:
        raise BadArchive("not in its format") from None


def verify_archive(archive: Archive, trust: Trust) -> VerifiedArchive:
    """Check every signature, key, rule, link and stub from the first record on, and open what the keys open.

    Raises:
        BadArchive: something in it is not what it must be; the text says what.

    """
    try:
        directory = Directory(trust)
        directory.add_all({principal: decode_entries(entries) for principal, entries in archive.key_streams})
        replay = Replay(archive.place, archive.reader, directory, archive.reader)
        held = Held(replay, ChannelKeys(archive.reader, {}))
        for item in archive.items:
            held.append(replay.accept(item))
        if replay.head != archive.head:
            raise BadArchive("it ends with another head than it names")
        replay.verify_stubs(replay.channel.recorded_at)
        purpose = _verify_line(archive, directory)
    except ProtocolError as problem:
        raise BadArchive(f"{problem.code}: {problem.detail}") from None
    return VerifiedArchive(archive, purpose, held, _opened(held.places, archive.keys or {}))


def _verify_line(archive: Archive, directory: Directory) -> Purpose:
    """The hub's line about the visit: whose it was, and what for."""
    line = records.read_item(archive.line)
    if not isinstance(line, Record):
        raise BadArchive("no access line")
    event = verify_act(line.signed, archive.place, directory.signer).header.event
    if not isinstance(event, IntervalOpened) or event.reader != archive.reader:
        raise BadArchive("the access line of another visit")
    return event.purpose


def _opened(places: Sequence[Accepted], keys: Mapping[Version, SecretKey]) -> dict[Version, Content]:
    found: dict[Version, Content] = {}
    for version, key in keys.items():
        place = places[version - 1] if 0 < version <= len(places) else None
        if place is None or place.act is None or place.body is None:
            raise BadArchive(f"a key for what is not here: version {version}")
        try:
            found[version] = decode_content(open_granted_message(place.header, place.body, key))
        except CryptoError:
            raise BadArchive(f"a key that does not open version {version}") from None
        except BadContent:
            found[version] = Unknown("malformed")
    return found
