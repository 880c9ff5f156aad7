"""Building a unit: from a plan to signed and sealed acts, on the newest state this end has verified.

Every act is decided and evolved here exactly as the hub and all others will, so what comes out fits together: a message
behind a join is sealed under the epoch that the same unit opens.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from crypto.random import new_command_id, random_bytes
from crypto.shapes import SecretKey
from crypto.signing import SigningKey
from domain.channel import events as e
from domain.channel.acts import Act, Recorded
from domain.channel.decide import decide
from domain.channel.evolve import evolve
from domain.channel.refusals import NotAMember
from domain.channel.roster import active_member, organisations, rekey_pending, roster, user_takes_part
from domain.channel.state import Thread
from domain.channel.terms import Standing
from domain.channel.unit import decide_unit
from domain.errors import Refusal
from domain.ids import (
    CommandId,
    DeviceId,
    EpochNo,
    Millis,
    OrganisationId,
    PrincipalId,
    ThreadNo,
    Version,
)
from protocol.acts import Header, Seen, SignedAct, sign_act
from protocol.sealing import PublicKeys, seal_epoch, seal_grant, seal_message
from samsnakk.errors import Refused
from samsnakk.granting import Spans, openings, owed_spans, own_spans
from samsnakk.held import Held
from samsnakk.keys import EpochId
from samsnakk.plans import NEW_THREAD, AnyStep, Granting, Plan, Removing, Step, Withdrawing, removals, withdrawals

_SIDE_ACTS: Final = (e.EpochOpened, e.HistoryGranted)
Ground = frozenset[tuple[ThreadNo, int, int]]
"""What messages were sealed on: thread, epoch, membership version."""


@dataclass(frozen=True, slots=True)
class Writer:
    """In whose name acts are made, and with what."""

    person: PrincipalId
    device: DeviceId
    organisation: OrganisationId | None
    role: PrincipalId | None
    signing_key: SigningKey
    public_keys: PublicKeys
    now: Callable[[], Millis]

    @property
    def principal(self) -> PrincipalId:
        """The principal that acts: the role if acting for one, else the person."""
        return self.role or self.person


@dataclass(frozen=True, slots=True)
class Unit:
    """A built unit. `main` is the place of the act that was meant; the others serve it."""

    acts: tuple[SignedAct, ...] = field(repr=False)
    command_ids: tuple[CommandId, ...]
    main: int
    thread: ThreadNo | None
    ground: Ground

    @property
    def first(self) -> CommandId:
        """What receipts and refusals name the unit by."""
        return self.command_ids[0]


def build(plan: Plan, held: Held, writer: Writer) -> Unit:
    """The unit, ready to be sent.

    Raises:
        Refused: the rules do not allow it now; nothing was sent.
        UnknownKey: a key stream of somebody on the roster is missing; fetch it and build again.

    """
    try:
        return _Draft(held, writer, plan).finish()
    except Refusal as refusal:
        raise Refused(refusal.code) from None


def same_ground(one: Unit, other: Unit) -> bool:
    """Whether no thread of both was sealed on different epochs or members."""
    threads = {thread for thread, _, _ in one.ground} & {thread for thread, _, _ in other.ground}
    return all(
        {ground for ground in one.ground if ground[0] == thread}
        == {ground for ground in other.ground if ground[0] == thread}
        for thread in threads
    )


class _Draft:
    """A unit in the making; `channel` is the state as it would be after the acts made so far."""

    def __init__(self, held: Held, writer: Writer, plan: Plan) -> None:
        self.held = held
        self.writer = writer
        self.channel = held.replay.channel
        self.at = Millis(max(writer.now(), self.channel.recorded_at))
        self.new_thread = ThreadNo(len(self.channel.threads))
        self.organisation = writer.organisation or self._carrying(plan)
        self._headers: list[Header] = []
        self._acts: list[SignedAct] = []
        self._domain: list[Act] = []
        self._epoch_keys: dict[tuple[ThreadNo, EpochNo], SecretKey] = {}
        self._mended: set[tuple[EpochId, PrincipalId]] = set()
        for step in plan:
            self._take(step)

    def finish(self) -> Unit:
        """Open the epochs that are due, and ask what must hold for the unit as a whole."""
        before = self.held.replay.channel
        for number, thread in self.channel.threads.items():
            old = before.threads.get(number)
            moved = thread.membership_version != (old.membership_version if old is not None else 0)
            if moved and self._is_inside(thread):
                self._rekey_if_due(number)
        decide_unit(before, self.channel, self._domain, self.at)
        events = [header.event for header in self._headers]
        meant = [place for place, event in enumerate(events) if not isinstance(event, _SIDE_ACTS)]
        opened = any(isinstance(event, e.ThreadOpened) for event in events)
        ground = frozenset(
            (h.thread, h.epoch, h.membership_version)
            for h in self._headers
            if h.thread is not None and isinstance(h.event, e.MessagePosted)
        )
        return Unit(
            tuple(self._acts),
            tuple(header.command_id for header in self._headers),
            meant[-1] if meant else len(events) - 1,
            self.new_thread if opened else None,
            ground,
        )

    def _take(self, step: AnyStep) -> None:
        if isinstance(step, Removing):
            self._remove(step)
            return
        if isinstance(step, Withdrawing):
            for number in withdrawals(self.channel, step, self.at):
                self._add(e.ConsentWithdrawn(step.organisation), number)
            return
        if isinstance(step, Granting):
            number = self._number(step.thread)
            if self._is_inside(self.channel.threads[number]):
                self._rekey_if_due(number)
            self._grant(number, step.recipient, own_spans(self.held, number, self.writer.principal, step.since))
            return
        thread = None if step.thread is None else self._number(step.thread)
        event = step.event
        if isinstance(event, e.MessagePosted):
            if step.announces_new:
                event = replace(event, announces=self.new_thread)
            if thread is not None:
                self._rekey_if_due(thread)
                self._mend(thread)
        self._add(event, thread, step.content)

    def _remove(self, step: Removing) -> None:
        threads = removals(self.channel, step, self.at)
        if not threads:
            raise NotAMember
        for number in threads:
            self._add(e.ParticipantLeft(step.principal, step.reason), number)

    def _number(self, thread: ThreadNo) -> ThreadNo:
        return self.new_thread if thread == NEW_THREAD else thread

    def _carrying(self, plan: Plan) -> OrganisationId | None:
        """Users and relatives name the organisation whose basis carries the thread they write in."""
        for step in plan:
            if not isinstance(step, Step) or not isinstance(step.event, e.MessagePosted) or step.thread is None:
                continue
            joined = [s.event for s in plan if isinstance(s, Step) and s.thread == step.thread]
            found = {j.organisation for j in joined if isinstance(j, e.ParticipantJoined)} - {None}
            thread = self.channel.threads.get(step.thread)
            found |= set(organisations(thread, self.at)) if thread is not None else set()
            preferred = self.channel.tillitsperson_organisation
            if found:
                return preferred if preferred in found else min(o for o in found if o is not None)
        return None

    def _is_inside(self, thread: Thread) -> bool:
        user = self.channel.user
        is_user = user is not None and user.principal == self.writer.principal
        if is_user and user_takes_part(self.channel, thread):
            return True
        return active_member(thread, self.writer.principal, self.at) is not None

    def _rekey_if_due(self, number: ThreadNo) -> None:
        thread = self.channel.threads.get(number)
        if thread is None or not rekey_pending(self.channel, thread, self.at) or not self._is_inside(thread):
            return
        last = thread.epoch.number if thread.epoch is not None else 0
        epoch = EpochNo(last + 1)
        entries = roster(self.channel, thread, self.at)
        self._add(e.EpochOpened(epoch, entries, bytes(32)), number)
        self._mend(number)

    def _mend(self, number: ThreadNo) -> None:
        """Grant the keys of epochs to those whose wraps did not open: for the time they were there, no more."""
        owed = [debt for debt in self.held.owed.of(number) if debt.epoch in self.held.keys.epochs]
        if not owed:
            return
        row = self.channel.threads[number].members.get(self.writer.principal)
        if row is not None and row.standing is Standing.RELATIVE:
            return  # relatives grant nothing; the next author of another standing will
        thread, me = self.channel.threads[number], self.writer.principal
        on_roster = {entry.principal for entry in roster(self.channel, thread, self.at)}
        for debt in owed:
            for recipient in sorted((debt.failed & on_roster) - {me}):
                if (debt.epoch, recipient) in self._mended:
                    continue
                self._mended.add((debt.epoch, recipient))
                # What the rules let through no longer (a consent that reaches back less far) stays sealed; whoever
                # came to write something is not held up by it.
                with suppress(Refusal):
                    self._grant(number, recipient, owed_spans(self.held, thread, me, recipient, debt))

    def _grant(self, number: ThreadNo, recipient: PrincipalId, spans: Spans) -> None:
        if not spans:
            return
        entries = roster(self.channel, self.channel.threads[number], self.at)
        version = next((entry.key_version for entry in entries if entry.principal == recipient), 0)
        for opening in openings(self.held, number, spans):
            event = e.HistoryGranted(recipient, version, opening.ranges)
            header = self._decided(event, number)
            content_key = SecretKey(random_bytes(32))
            self._sign(*seal_grant(header, opening.grant, self.writer.public_keys, content_key))

    def _add(self, event: e.ChannelEvent, thread: ThreadNo | None, content: bytes | None = None) -> None:
        header = self._decided(event, thread)
        if isinstance(event, e.EpochOpened) and thread is not None:
            key = SecretKey(random_bytes(32))
            self._epoch_keys[thread, event.epoch] = key
            self._sign(*seal_epoch(header, key, self.writer.public_keys))
        elif content is not None:
            self._sign(*seal_message(header, self._epoch_key(header), random_bytes(32), content))
        else:
            self._sign(header, None)

    def _epoch_key(self, header: Header) -> SecretKey:
        epoch = (header.thread or ThreadNo(0), header.epoch)
        key = self._epoch_keys.get(epoch) or self.held.keys.epochs.get(epoch)
        if key is None:
            # The own wrap was broken, and nobody has opened a new epoch yet.
            raise Refused("rekey_pending")
        return key

    def _decided(self, event: e.ChannelEvent, thread: ThreadNo | None) -> Header:
        """The header, once the rules allow the act; the state moves on."""
        header = self._header(event, thread)
        act = header.act()
        decide(self.channel, act, self.at, *self.held.replay.pointed_at(event))
        self.channel = evolve(self.channel, Recorded(act, Version(self.channel.version + 1), self.at))
        self._domain.append(act)
        return header

    def _header(self, event: e.ChannelEvent, thread: ThreadNo | None) -> Header:
        known = self.channel.threads.get(thread) if thread is not None else None
        epoch = known.epoch.number if known is not None and known.epoch is not None else EpochNo(0)
        replay, now = self.held.replay, self.writer.now()
        return Header(
            place=replay.place,
            thread=thread,
            event=event,
            person=self.writer.person,
            device=self.writer.device,
            organisation=self.organisation,
            role=self.writer.role,
            membership_version=known.membership_version if known is not None else 0,
            epoch=event.epoch if isinstance(event, e.EpochOpened) else epoch,
            command_id=CommandId(new_command_id(now)),
            seen=Seen(replay.version, replay.head),
            claimed_at=now,
            body_hash=None,
        )

    def _sign(self, header: Header, body: bytes | None) -> None:
        self._headers.append(header)
        self._acts.append(sign_act(header, body, self.writer.signing_key))
