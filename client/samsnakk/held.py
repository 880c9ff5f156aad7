"""What this end holds of one channel: the verified record, the keys, and what was given out in a poorer state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from crypto import cbor
from crypto.shapes import SecretKey
from domain.channel.acts import Recorded
from domain.channel.erasing import ErasureDecision
from domain.channel.events import ErasureApproved, HistoryGranted, KeyMoved, MessagePosted
from domain.channel.evolve import evolve, evolve_stub
from domain.channel.state import NOTHING, Channel
from domain.ids import EpochNo, Millis, PrincipalId, ThreadNo, Version
from protocol.contents import KnownContent, Unknown, decode_content
from protocol.errors import BadContent, ChainBroken
from protocol.records import Record, leaf_of, record_item, stub_item
from protocol.replay import Accepted, Replay
from samsnakk.channel_events import ChannelEvent, State
from samsnakk.errors import HistoryBroken
from samsnakk.fresh import Gone
from samsnakk.keys import ChannelKeys, EpochId, Learned
from samsnakk.owed import Owed
from samsnakk.pulse import Pulse
from samsnakk.sealed_rows import Row

MALFORMED = "malformed"
MAX_ITEM = 2 * 1024 * 1024


@dataclass(slots=True)
class Held:
    """One channel at this end. `places[n - 1]` is version n; `pulse` beats whenever anything here changes."""

    replay: Replay
    keys: ChannelKeys
    places: list[Accepted] = field(default_factory=list)
    late: list[Version] = field(default_factory=list)
    """Versions that became readable after they had been given out, oldest change first."""
    erased: list[Gone] = field(default_factory=list)
    """What is to go from the disk too."""
    owed: Owed = field(default_factory=Owed)
    pulse: Pulse = field(default_factory=Pulse)
    caught_up: bool = False
    ended: str | None = None
    """Why the hub serves this reader no longer."""
    broken: HistoryBroken | None = None
    receiving: bool = False
    """Whether a subscription is open right now."""
    moved: Callable[[PrincipalId], None] = lambda _principal: None
    """Called when the channel has entered that somebody's key stream moved."""

    @property
    def version(self) -> Version:
        """The newest version held. The replay may have gone one further where that one turned out to be an attack."""
        return Version(len(self.places))

    def is_stopped(self) -> bool:
        """Whether nothing more is believed here."""
        return self.broken is not None

    def stop(self, broken: HistoryBroken) -> None:
        """Nothing more is taken in or written here."""
        self.broken = broken
        self.receiving = self.caught_up = False
        self.pulse.beat()

    def append(self, accepted: Accepted) -> Learned:
        """The next place of the record."""
        self.places.append(accepted)
        self.owed.take(accepted)
        learned = self.keys.take(accepted)
        if accepted.act is not None and isinstance(accepted.header.event, KeyMoved):
            self.moved(accepted.header.event.principal)
        if accepted.act is not None and isinstance(accepted.header.event, ErasureApproved):
            self.erase(accepted)
        # An epoch precedes its messages, so only a grant can make something readable that was given out before.
        if learned and accepted.act is not None and isinstance(accepted.header.event, HistoryGranted):
            self._mark_late(learned)
        return learned

    def fill(self, accepted: Accepted) -> Learned:
        """A place that was only a leaf until now."""
        self.places[accepted.version - 1] = accepted
        self.late.append(accepted.version)
        self.owed.take(accepted)
        learned = self.keys.take(accepted)
        self._mark_late(learned)
        return learned

    def take_again(self) -> list[Learned]:
        """Take the keys out of everything once more: the reader has got private keys that it lacked."""
        learned = [self.keys.take(place) for place in self.places]
        for one in learned:
            self._mark_late(one)
        return learned

    def evolve_anew(self) -> None:
        """Derive the state again from the first place on: records that took the place of leaves are part of it."""
        channel = NOTHING
        for place in self.places:
            if place.act is None:
                channel = evolve_stub(channel, place.version, place.thread, place.recorded_at, place.kind_class)
            else:
                channel = evolve(channel, Recorded(place.header.act(), place.version, place.recorded_at))
        self.replay.channel = channel

    def _mark_late(self, learned: Learned) -> None:
        if not learned:
            return
        epochs, versions = set(learned.epochs), set(learned.messages)
        for place in self.places:
            if place.act is None or not isinstance(place.header.event, MessagePosted) or place.thread is None:
                continue
            if place.version in versions or (place.thread, place.header.epoch) in epochs:
                self.late.append(place.version)

    def erase(self, decision: Accepted) -> None:
        """Hold no more than the leaves of what this decision, the newest place, has erased."""
        for version in _erased_by(self.replay.channel, decision):
            place = self.places[version - 1]
            self.keys.messages.pop(version, None)
            if place.act is not None:
                record = Record(place.act.signed, version, place.recorded_at, place.blind)
                self.replay.erase(leaf_of(record, place.act.header, place.act.kind))
                self.places[version - 1] = replace(place, act=None, blind=b"")
            self.erased.append(Gone(version, decision.version, self.item(version)))

    def take_erased(self) -> list[Gone]:
        """What has been erased since this was asked last."""
        gone, self.erased = self.erased, []
        return gone

    def item(self, version: Version) -> list[Any]:
        """A verified place as it is served: a record, or a stub where this end holds only the leaf."""
        place, stub = self.places[version - 1], self.replay.stub_at(version)
        if stub is not None:
            return stub_item(stub)
        assert place.act is not None  # noqa: S101 - what is no leaf is a record
        return record_item(Record(place.act.signed, version, place.recorded_at, place.blind))

    def on_rosters(self) -> set[PrincipalId]:
        """Everybody whose key may be needed to write anywhere in the channel."""
        found: set[PrincipalId] = set()
        for thread in self.replay.channel.threads.values():
            found |= {*thread.members, *(vault.principal for vault in thread.vaults.values())}
        return found

    def event(self, version: Version, *, late: bool = False) -> ChannelEvent:
        """What there is to see of a version now."""
        place = self.places[version - 1]
        act, header = place.act, place.header if place.act is not None else None
        content, state = (None, self._unseen(place)) if act is None else self._content(place)
        return ChannelEvent(
            version=version,
            recorded_at=place.recorded_at,
            thread=place.thread,
            kind_class=place.kind_class,
            kind=act.kind.name if act is not None else place.kind_class.value,
            author=header.person if header is not None else None,
            device=header.device if header is not None else None,
            organisation=header.organisation if header is not None else None,
            role=header.role if header is not None else None,
            facts=header.act().event if header is not None else None,
            content=content,
            state=state,
            head=self.replay.head_at(version) or self.replay.head,
            sealed=len(place.body or b""),
            late=late,
            erased=self._decision_about(place),
        )

    def _unseen(self, place: Accepted) -> State:
        return State.HIDDEN if self._decision_about(place) is None else State.ERASED

    def _decision_about(self, place: Accepted) -> ErasureDecision | None:
        thread = self.replay.channel.threads.get(place.thread) if place.thread is not None else None
        ref = thread.erasing.erased.get(place.version) if thread is not None else None
        return thread.erasing.decisions[ref] if thread is not None and ref is not None else None

    def _content(self, place: Accepted) -> tuple[KnownContent | Unknown | None, State]:
        if not isinstance(place.header.event, MessagePosted) or place.thread is None:
            return None, State.READABLE
        thread = self.replay.channel.threads.get(place.thread)
        if thread is not None and place.version in thread.retracted:
            return None, State.RETRACTED
        hidden_from = thread.hidden.get(place.version, frozenset()) if thread is not None else frozenset()
        if hidden_from & {self.replay.reader, self.replay.person}:
            return None, State.HIDDEN
        if place.body is None:
            return None, State.ERASED
        opened = self.keys.open(place)
        if opened is None:
            return None, State.ON_ITS_WAY
        try:
            return decode_content(opened), State.READABLE
        except BadContent:
            return Unknown(MALFORMED), State.READABLE


def _erased_by(channel: Channel, decision: Accepted) -> list[Version]:
    thread = channel.threads.get(decision.thread) if decision.thread is not None else None
    erased = thread.erasing.erased if thread is not None else {}
    return [version for version, by in erased.items() if by == decision.version]


def item_row(version: Version, item: list[object]) -> Row:
    """An item of the stream as it is kept."""
    return version, 0, cbor.encode(item)  # type: ignore[arg-type]


def key_rows(keys: ChannelKeys, learned: Learned) -> tuple[list[Row], list[Row]]:
    """The learned keys as they are kept: of epochs, and of messages."""
    epochs: list[Row] = [(thread, number, keys.epochs[thread, number]) for thread, number in learned.epochs]
    return epochs, [(version, 0, keys.messages[version]) for version in learned.messages]


def restore(
    held: Held, marked: tuple[Version, bytes], items: Iterable[Row], filled: Iterable[Row], keys: tuple[list[Row], ...]
) -> None:
    """Take in what was verified and kept before.

    Args:
        held: empty.
        marked: version and head of the newest place that had been verified.
        items: everything received, in order; what lies beyond the mark is left for the hub to send again.
        filled: records that took the place of leaves.
        keys: kept rows of epoch keys and of message keys.

    Raises:
        ChainBroken: the local store does not hold what it says.

    """
    epoch_rows, message_rows = keys
    held.keys.epochs.update({_epoch_id(a, b): SecretKey(key) for a, b, key in epoch_rows})
    held.keys.messages.update({Version(a): SecretKey(key) for a, _, key in message_rows})
    instead = {version: data for version, _, data in filled}
    version, head = marked
    for place, _, data in items:
        if place > version:
            break
        item = cbor.decode(instead.get(place, data), max_size=MAX_ITEM)
        accepted = held.replay.recall(item)
        held.places.append(accepted)
        held.owed.take(accepted)
        held.keys.take(accepted)
    if (held.version, held.replay.head) != (version, head):
        raise ChainBroken("the local store")


def _epoch_id(a: int, b: int) -> EpochId:
    return ThreadNo(a), EpochNo(b)


def same_time_or_later(held: Held, now: Millis) -> Millis:
    """The time to judge by: recorded time never goes back, whatever this machine's clock says."""
    return Millis(max(now, held.replay.channel.recorded_at))
