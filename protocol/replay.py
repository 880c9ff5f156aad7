"""Replaying a channel as one reader: the chain, the signatures, the rules and the stubs, checked record by record.

The hub is believed in nothing. What passes here was signed by whom it says, follows without a gap on everything before
it, is allowed by the rules, and hides nothing this reader has a right to. Pure: bytes in, verified records out.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from domain.channel import events as e
from domain.channel.acts import Recorded
from domain.channel.decide import decide
from domain.channel.evolve import evolve, evolve_stub
from domain.channel.state import NOTHING, Channel, Target
from domain.channel.terms import STRUCTURE, KindClass
from domain.channel.visibility import is_erased, reads
from domain.errors import Refusal
from domain.ids import CommandId, DeviceId, Digest, Millis, PrincipalId, ThreadNo, Version
from protocol import records
from protocol.acts import Header, Place, VerifiedAct, parse_header, verify_act
from protocol.directory import Directory
from protocol.duties import verify_duty
from protocol.errors import (
    ChainBroken,
    DeviceNotValid,
    ErasedContent,
    ForgedRecord,
    ForkedHistory,
    MalformedAct,
    ProtocolError,
    UnauthorisedRecord,
    UnjustifiedStub,
    UnknownDevice,
    UnknownKey,
    WrongPlace,
)
from protocol.node_words import verify_decision
from protocol.records import Record, Stub
from protocol.targets import Messages
from protocol.vouching import verify_forward, verify_keys

BEFORE_ALL = Version(0)
_WAIT = (UnknownDevice, UnknownKey)
"""No attack by itself: a key stream may simply not have arrived; fetch it and accept the item again."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One verified place of the stream: a record with its parsed act, or a justified stub (`act` None)."""

    version: Version
    recorded_at: Millis
    thread: ThreadNo | None
    kind_class: KindClass
    act: VerifiedAct | None
    blind: bytes = field(default=b"", repr=False)

    @property
    def header(self) -> Header:
        """The header of a record; a stub has none."""
        if self.act is None:
            raise MalformedAct("a stub has no header")
        return self.act.header

    @property
    def body(self) -> bytes | None:
        """The body, if the kind has one and it was not erased."""
        return self.act.signed.body if self.act is not None else None


class Replay:
    """A channel as its reader has verified it so far. Every method either succeeds whole or changes nothing."""

    def __init__(
        self, place: Place, reader: PrincipalId, directory: Directory, person: PrincipalId | None = None
    ) -> None:
        self.place = place
        self.reader = reader
        self.person = person
        self.directory = directory
        self.channel: Channel = NOTHING
        self.head = Digest(bytes(32))
        self._heads: list[Digest] = []
        self._stubs: dict[Version, Stub] = {}
        self._unexplained: set[Version] = set()
        self._messages = Messages()
        self._commands: set[tuple[DeviceId, CommandId]] = set()
        self._entered: list[tuple[Version, Mapping[PrincipalId, int]]] = [(BEFORE_ALL, NOTHING.key_streams)]

    @property
    def version(self) -> Version:
        """Version of the newest accepted record."""
        return self.channel.version

    def head_at(self, version: Version) -> Digest | None:
        """The stream's head after `version`; None before the first record or beyond the newest."""
        return self._heads[version - 1] if 0 < version <= len(self._heads) else None

    def stub_at(self, version: Version) -> Stub | None:
        """The leaf of a version, where this reader holds no more than that."""
        return self._stubs.get(version)

    def accept(self, item: object) -> Accepted:
        """Verify the next item of the stream and take it in.

        Raises:
            Attack: a subclass says what is wrong; nothing after this item can be trusted.
            UnknownKey, UnknownDevice: a key stream is missing; fetch it and call again with the same item.
            UnknownKind, UnknownProtocol: this program is too old to judge the act.

        """
        entry = _read(item)
        if entry.version != self.version + 1:
            raise ChainBroken(f"version {entry.version} after {self.version}")
        if entry.recorded_at < self.channel.recorded_at:
            raise ChainBroken("recorded time goes backwards")
        return self._accept_stub(entry) if isinstance(entry, Stub) else self._accept_record(entry)

    def _accept_stub(self, stub: Stub) -> Accepted:
        if stub.version == 1:
            raise UnjustifiedStub("the opening act is never hidden")
        self._check_structure(stub)
        self._advance(_after_stub(self.channel, stub), records.leaf(stub))
        self._stubs[stub.version] = stub
        self._unexplained.add(stub.version)
        return Accepted(stub.version, stub.recorded_at, stub.thread, stub.kind_class, None)

    def _check_structure(self, stub: Stub) -> None:
        if stub.kind_class in STRUCTURE and self._may_read(self.channel, stub, self.channel.recorded_at):
            raise UnjustifiedStub(f"{stub.kind_class.value} act at {stub.version}")

    def _may_read(self, channel: Channel, stub: Stub, at: Millis) -> bool:
        return reads(channel, self.reader, stub.thread, stub.kind_class, stub.version, at, self.person)

    def _accept_record(self, record: Record) -> Accepted:
        act = self._verified(record)
        header, kind = act.header, act.kind
        self._check_seen(header, self.version)
        self._check_unused(header, record.version)
        if isinstance(header.event, e.KeyMoved):
            verify_forward(header.event, self.channel, self.directory)
        if isinstance(header.event, e.CopyErased):
            verify_decision(header.event, self.head_at(header.event.ref))
        domain_act = header.act()
        try:
            verify_duty(header, self.directory, record.recorded_at, self.channel)
            decide(self.channel, domain_act, record.recorded_at, *self.pointed_at(header.event))
        except Refusal as refusal:
            raise UnauthorisedRecord(f"{refusal.code} at {record.version}") from None
        channel = evolve(self.channel, Recorded(domain_act, record.version, record.recorded_at))
        self._advance(channel, records.leaf(records.leaf_of(record, header, kind)))
        return self._taken_in(record, act)

    def _taken_in(self, record: Record, act: VerifiedAct) -> Accepted:
        header = act.header
        self._commands.add((header.device, header.command_id))
        self._messages.take(record.version, header)
        return Accepted(record.version, record.recorded_at, header.thread, act.kind.kind_class, act, record.blind)

    def _verified(self, record: Record) -> VerifiedAct:
        """Signature, place, certificate at recorded time, certified keys, and a body where the kind has one."""
        try:
            act = verify_act(record.signed, self.place, self.directory.signer)
            self.directory.verify_author(act.header, record.recorded_at, self._entered_before(record.version))
            verify_keys(act.header, self.directory)
        except _WAIT:
            raise
        except (MalformedAct, WrongPlace, DeviceNotValid) as error:
            raise ForgedRecord(f"{error.code} at {record.version}") from None
        if act.kind.kind_class is KindClass.ACCESS:
            raise ForgedRecord(f"an access line at {record.version}")
        self._check_body(act, record.version)
        return act

    def _check_body(self, act: VerifiedAct, version: Version) -> None:
        if act.header.body_hash is not None and act.signed.body is None:
            # What was erased has no blind either and comes as a stub.
            raise UnjustifiedStub(f"body withheld at {version}")

    def _entered_before(self, version: Version) -> Mapping[PrincipalId, int]:
        """How far key streams were entered when this version was recorded, which for a filled stub is long ago."""
        return self._entered[bisect_left(self._entered, version, key=itemgetter(0)) - 1][1]

    def _check_seen(self, header: Header, before: Version) -> None:
        """The author signed which head it saw: two different histories show at the first act that crosses over."""
        seen = header.seen
        if seen.version > before:
            raise ForkedHistory("the author saw more than was recorded")
        mine = self.head_at(seen.version)
        if mine is not None and mine != seen.head:
            raise ForkedHistory(f"heads differ at {seen.version}")

    def _check_unused(self, header: Header, version: Version) -> None:
        """A signed act stays valid for ever, so the hub could record it again wherever the rules allow it again."""
        if (header.device, header.command_id) in self._commands:
            raise UnauthorisedRecord(f"one act recorded twice, again at {version}")

    def pointed_at(self, event: object) -> tuple[Target | None, dict[Version, Target]]:
        """The one record, and the several, that an act with this event points at, as this reader knows them."""
        return self._messages.one(event, self._stubs), self._messages.several(event, self._stubs)

    def _advance(self, channel: Channel, leaf: Digest) -> None:
        before = self.head if self._heads else self._genesis(channel)
        if channel.key_streams is not self.channel.key_streams:
            self._entered.append((channel.version, channel.key_streams))
        self.channel = channel
        self.head = records.next_head(before, leaf)
        self._heads.append(self.head)

    def _genesis(self, channel: Channel) -> Digest:
        return records.genesis_head(self.place.deployment, channel.stream_secret, records.CHANNEL)

    def fill(self, item: object) -> Accepted:
        """Take in a record that was a stub until a grant opened it; it must be exactly what the stub committed to.

        What this end holds already, whole or as a stub, may come again and changes nothing.

        Raises:
            ChainBroken: another record or stub than the one in the chain.
            Attack: another subclass says what is wrong with the record itself.
            UnknownKey, UnknownDevice, UnknownKind, UnknownProtocol: as for `accept`.

        """
        entry = _read(item)
        if isinstance(entry, Stub):
            self._check_committed(entry)
            return Accepted(entry.version, entry.recorded_at, entry.thread, entry.kind_class, None)
        act = self._verified(entry)
        if is_erased(self.channel, act.header.thread, entry.version):
            raise ErasedContent(f"version {entry.version}")
        self._check_committed(records.leaf_of(entry, act.header, act.kind))
        if entry.version in self._stubs:
            self._check_seen(act.header, Version(entry.version - 1))
            self._check_unused(act.header, entry.version)
        self._stubs.pop(entry.version, None)
        self._unexplained.discard(entry.version)
        return self._taken_in(entry, act)

    def _check_committed(self, stub: Stub) -> None:
        before = self._genesis(self.channel) if stub.version == 1 else self.head_at(Version(stub.version - 1))
        if before is None or records.next_head(before, records.leaf(stub)) != self.head_at(stub.version):
            raise ChainBroken(f"version {stub.version} is not what the chain holds there")

    def recall(self, item: object) -> Accepted:
        """Take in again, in order, what this end has verified before and kept where nobody else writes.

        Only the chain is computed anew: whoever calls this compares `head` with the one it kept. Raises `Attack`.
        """
        entry = _read(item)
        if entry.version != self.version + 1:
            raise ChainBroken(f"version {entry.version} after {self.version}")
        if isinstance(entry, Stub):
            self._advance(_after_stub(self.channel, entry), records.leaf(entry))
            self._stubs[entry.version] = entry
            return Accepted(entry.version, entry.recorded_at, entry.thread, entry.kind_class, None)
        try:
            header, kind = parse_header(entry.signed.header)
        except ProtocolError as error:
            raise ChainBroken(error.code) from None
        recorded = Recorded(header.act(), entry.version, entry.recorded_at)
        self._advance(evolve(self.channel, recorded), records.leaf(records.leaf_of(entry, header, kind)))
        return self._taken_in(entry, VerifiedAct(header, kind, entry.signed))

    def erase(self, stub: Stub) -> None:
        """Hold no more than this leaf, as a decision that was accepted here says. Raises `ChainBroken`."""
        self._check_committed(stub)
        self._stubs[stub.version] = stub

    def readable_stubs(self, at: Millis, after: Version = BEFORE_ALL) -> list[Version]:
        """Places held as leaves only although this reader may have the record now: to be fetched, oldest first."""
        stubs = (stub for version, stub in self._stubs.items() if version > after)
        return sorted(stub.version for stub in stubs if self._may_read(self.channel, stub, at))

    def verify_stubs(self, at: Millis) -> None:
        """At the newest record: every stub must be explained by membership, range, retraction or hiding.

        Called when everything up to the promised head has arrived; until then a later act may still explain a stub.

        Raises:
            UnjustifiedStub: the hub hides something this reader has a right to.

        """
        for version in sorted(self._unexplained):
            if self._may_read(self.channel, self._stubs[version], at):
                raise UnjustifiedStub(f"version {version}")
        self._unexplained.clear()


def _read(item: object) -> Record | Stub:
    try:
        return records.read_item(item)
    except ProtocolError as error:
        raise ChainBroken(error.detail) from None


def _after_stub(channel: Channel, s: Stub) -> Channel:
    return evolve_stub(channel, s.version, s.thread, s.recorded_at, s.kind_class)
