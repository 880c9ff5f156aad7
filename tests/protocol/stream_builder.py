"""A hub that records whatever it is handed, and the acts of people who know what they do: for honest and for
dishonest histories alike. All but the wraps comes out the same in every run."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from crypto.errors import CryptoError
from crypto.grants import Grant, GrantedMessage
from crypto.labels import HUB_ACT
from crypto.shapes import SecretKey
from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.evolve import evolve
from domain.channel.roster import roster
from domain.channel.state import NOTHING, Channel
from domain.channel.terms import RosterEntry
from domain.channel.visibility import reads
from domain.ids import CommandId, Digest, EpochNo, Millis, PrincipalId, ThreadNo, Version
from protocol import records, sealing
from protocol.acts import Header, Place, Seen, SignedAct, body_hash, parse_header, sign_act
from protocol.contents import KnownContent, Text, encode_content
from protocol.directory import Directory
from protocol.records import Record, Stub
from tests.crypto.fixed import some_bytes, some_id, some_secret
from tests.protocol.keyholders import (
    ANNA,
    BERIT,
    CHANNEL,
    DEPLOYMENT,
    HUB_DEVICE,
    HUB_KEY,
    IDA,
    ROLF,
    Keyholder,
    streams,
    trust,
)

PLACE = Place(DEPLOYMENT, CHANNEL)
START = 100_000
SECOND = 1_000
Item = list[Any]
Written = tuple[Header, bytes | None]
Bodies = dict[bytes, bytes]
_KEYS = streams()


def directory() -> Directory:
    """Everybody's certified keys."""
    return Directory(trust())


@dataclass
class Story:
    """A stream as its hub keeps it, and its newest state. `kept`: wraps to use again, by command id."""

    kept: Bodies = field(default_factory=dict)
    place: Place = PLACE
    records: list[Record] = field(default_factory=list)
    heads: list[Digest] = field(default_factory=list)
    channel: Channel = NOTHING
    keys: Directory = field(default_factory=directory)
    tag: str = ""

    @property
    def head(self) -> Digest:
        return self.heads[-1] if self.heads else Digest(bytes(32))

    @property
    def version(self) -> int:
        return len(self.records)

    @property
    def now(self) -> Millis:
        return Millis(START + SECOND * self.version)

    def header(self, who: Keyholder, event: Any, thread: int | None = None, **changed: Any) -> Header:
        """What `who` would sign now; `changed` where they would not."""
        state = self.channel.threads.get(ThreadNo(thread or 0))
        header = Header(
            place=self.place,
            thread=ThreadNo(thread) if thread is not None else None,
            event=event,
            person=who.person,
            device=who.device,
            organisation=who.organisation or ANNA.organisation,
            role=who.role,
            membership_version=state.membership_version if state is not None and thread is not None else 0,
            epoch=state.epoch.number if state is not None and state.epoch and thread is not None else EpochNo(0),
            command_id=CommandId(some_id(f"command {self.tag}{self.version}")),
            seen=Seen(Version(self.version), self.head),
            claimed_at=self.now,
            body_hash=None,
        )
        return replace(header, **changed)

    def signed(self, who: Keyholder, event: Any, thread: int | None = None, **changed: Any) -> SignedAct:
        return sign_act(self.header(who, event, thread, **changed), None, who.signing)

    def hub_act(self, event: Any, **changed: Any) -> SignedAct:
        header = self.header(ANNA, event, **changed)
        header = replace(header, person=None, organisation=None, device=HUB_DEVICE)
        return sign_act(header, None, HUB_KEY, HUB_ACT)

    def message(
        self, who: Keyholder, thread: int, content: str | KnownContent, key: SecretKey | None = None, **facts: Any
    ) -> SignedAct:
        changed = {name: facts.pop(name) for name in ("epoch", "membership_version", "command_id") if name in facts}
        header = self.header(who, e.MessagePosted(**facts), thread, **changed)
        known = Text(content) if isinstance(content, str) else content
        header, body = sealing.seal_message(
            header,
            key or epoch_key(thread, header.epoch),
            some_bytes(f"salt {self.tag}{self.version}"),
            encode_content(known),
        )
        return sign_act(header, body, who.signing)

    def epoch(self, who: Keyholder, thread: int, **changed: Any) -> SignedAct:
        """A new epoch for everybody who belongs on the roster now; `entries`: for these instead."""
        state = self.channel.threads[ThreadNo(thread)]
        number = EpochNo((state.epoch.number if state.epoch is not None else 0) + 1)
        entries: tuple[RosterEntry, ...] = changed.pop("entries", None) or roster(self.channel, state, self.now)
        opened = e.EpochOpened(number, entries, bytes(32))
        header = self.header(who, opened, thread, **{"epoch": number, **changed})
        key = epoch_key(thread, number)
        written = self._kept(header, lambda kept: _with_epoch(header, kept, key))
        header, body = written or sealing.seal_epoch(header, key, self.keys.public_keys)
        return sign_act(header, body, who.signing)

    def grant(self, who: Keyholder, thread: int, to: Keyholder, start: int, until: int) -> SignedAct:
        """All messages of the range by their keys, and no epoch."""
        event = e.HistoryGranted(to.principal, 1, ((Version(start), Version(until)),))
        header = self.header(who, event, thread)
        found = [(r.version, *_opened(r)) for r in self.records[start - 1 : until]]
        granted = tuple(
            GrantedMessage(version, sealing.message_key(h, body, epoch_key(thread, h.epoch)))
            for version, h, body in found
            if isinstance(h.event, e.MessagePosted) and h.thread == thread
        )
        grant = Grant((), granted)
        written = self._kept(header, lambda kept: _with_grant(header, kept, to))
        secret = some_secret(f"grant {self.tag}{self.version}")
        header, body = written or sealing.seal_grant(header, grant, self.keys.public_keys, secret)
        return sign_act(header, body, who.signing)

    def _kept(self, header: Header, check: Callable[[bytes], Written]) -> tuple[Header, bytes] | None:
        body = self.kept.get(header.command_id)
        if body is None:
            return None
        try:
            return check(body)[0], body
        except CryptoError:
            return None

    def record(self, signed: SignedAct, at: int | None = None) -> Record:
        """Record the act, allowed or not."""
        header, kind = parse_header(signed.header)
        version = Version(self.version + 1)
        made = Record(
            signed, version, Millis(self.now if at is None else at), some_bytes(f"blind {self.tag}{self.version}")
        )
        self.channel = evolve(self.channel, Recorded(header.act(), version, made.recorded_at))
        before = self.head
        if version == 1:
            before = records.genesis_head(self.place.deployment, self.channel.stream_secret, records.CHANNEL)
        leaf = records.leaf(Stub(version, header.thread, kind.kind_class, made.recorded_at, made.inner()))
        self.records.append(made)
        self.heads.append(records.next_head(before, leaf))
        return made

    def item(self, version: int) -> Item:
        return records.record_item(self.records[version - 1])

    def items(self) -> list[Item]:
        return [records.record_item(record) for record in self.records]

    def stub(self, version: int) -> Item:
        return stub_of(self.records[version - 1])

    def served(self, reader: PrincipalId) -> list[Item]:
        """What an honest hub sends this reader: whole records and justified stubs."""
        found = []
        for record in self.records:
            header, kind = parse_header(record.signed.header)
            whole = reads(self.channel, reader, header.thread, kind.kind_class, record.version, self.now)
            found.append(records.record_item(record) if whole else stub_of(record))
        return found

    def fork(self, tag: str) -> "Story":
        """The same history, to be continued otherwise."""
        return replace(self, records=list(self.records), heads=list(self.heads), tag=tag)


def epoch_key(thread: int, epoch: int) -> SecretKey:
    return some_secret(f"thread {thread} epoch {epoch}")


def stub_of(record: Record) -> Item:
    header, kind = parse_header(record.signed.header)
    return records.stub_item(
        Stub(record.version, header.thread, kind.kind_class, record.recorded_at, record.inner()),
    )


def _opened(record: Record) -> tuple[Header, bytes]:
    return parse_header(record.signed.header)[0], record.signed.body or b""


def _with_epoch(header: Header, body: bytes, key: SecretKey) -> Written:
    """The header that goes with wraps made earlier. Raises `CryptoError` where they are not wraps of this key."""
    made, _ = sealing.seal_epoch(header, key, directory().public_keys)
    header = replace(made, body_hash=body_hash(body))
    for who in (ANNA, IDA, ROLF, BERIT):
        if any(entry.principal == who.principal for entry in made.event.roster):  # type: ignore[union-attr]
            sealing.open_epoch(header, body, who.principal, who.kem())
    return header, body


def _with_grant(header: Header, body: bytes, to: Keyholder) -> Written:
    sealing.open_grant(header, body, to.kem())
    return replace(header, body_hash=body_hash(body)), body
