"""The inviter's end: make the link, wait for the answer, check it, and let the user in.

    inviting = await client.arrivals(channel).invite("Elle")       # or going_on(), after a restart
    show(inviting.link_at("https://hub.example"))
    await inviting.answered()
    arrived = await inviting.admit()                                # arrived.safety_code

Everything is kept before it is sent, so any step may be taken again after a restart.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crypto.key_statements import SignedStatement
from crypto.random import random_bytes
from domain.channel.events import UserArrived
from domain.ids import Digest, Millis, PrincipalId, Version
from protocol.arrival import exchange
from protocol.arrival.card import Card, anchors_hash, card_hash, decode_card, encode_card
from protocol.arrival.errors import SwappedArrival
from protocol.arrival.exchange import Bundle
from protocol.arrival.link import SECRET_LENGTH, Link, encode_link, new_link
from protocol.arrival.messages import Opening, open_answer, seal_confirmation, seal_opening
from protocol.trust import Trust
from samsnakk.arrival import kept as k
from samsnakk.arrival import showing
from samsnakk.arrival.mailboxes import POLL, Mailbox
from samsnakk.channel_events import Sent
from samsnakk.channel_reading import Parts
from samsnakk.errors import NotAnswered, Refused
from samsnakk.pauses import pause

WEEK: Final = 7 * 24 * 60 * 60 * 1000
_NONCE: Final = 12

Admit = Callable[[PrincipalId, Digest], Awaitable[Sent]]
"""`Channel.user_arrived`."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The user is in: who she is, and the code that she sees too."""

    user: PrincipalId
    safety_code: str


async def begin(parts: Parts, trust: Trust, admit: Admit, name: str, valid_for: int) -> "Inviting":
    """A new invitation for the channel, its mailbox open. Earlier ones of the channel end.

    Raises:
        Refused: this person may not let the user of this channel in, or she is in.
        Disconnected: not now; `going_on` takes it up again.

    """
    channel, at = parts.held.replay.channel, parts.reader.clock.now()
    anchors = showing.anchors_of(trust, channel, parts.reader.place.channel)
    card = encode_card(_card(parts, anchors, Millis(at + valid_for)))
    link = new_link(random_bytes(SECRET_LENGTH), card_hash(card))
    opening = Opening(
        card=card,
        anchors=anchors,
        name=name,
        team=showing.team_of(channel, at),
        threads=showing.titles_of(parts.held, channel),
        staff_only=showing.staff_only_of(channel),
    )
    made = k.KeptInvitation(link, card, seal_opening(link, opening, random_bytes(_NONCE)), name)
    await parts.kept.keep_arrival(k.Place.INVITING, k.encode_invitation(made))
    inviting = Inviting(parts, admit, made)
    await inviting.offer()
    return inviting


def _card(parts: Parts, anchors: bytes, expires_at: Millis) -> Card:
    reader, genesis = parts.reader, parts.held.replay.head_at(Version(1))
    if genesis is None:
        raise Refused("channel_not_open")
    return Card(
        deployment=reader.place.deployment,
        channel=reader.place.channel,
        genesis=genesis,
        anchors=anchors_hash(anchors),
        inviter=reader.person,
        device=reader.device,
        public_key=reader.signing_key.public,
        expires_at=expires_at,
    )


async def vouch(parts: Parts, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
    """Hand the hub the key stream of somebody under a root of their own, whom it does not know yet.

    Raises:
        SubstitutedKey: it is not that principal's.
        Refused, Disconnected: the hub does not take it.

    """
    await parts.finder.take_in(principal, entries)
    await parts.doors.publish(principal, entries, parts.reader.ask(f"vouch {principal.hex()}").signed)


async def going_on(parts: Parts, admit: Admit) -> "Inviting | None":
    """The invitation that is out, after a restart; None if there is none. Raises `BadProfile`."""
    data = await parts.kept.arrival(k.Place.INVITING)
    return None if data is None else Inviting(parts, admit, k.decode_invitation(data))


class Inviting:
    """One invitation that is out."""

    def __init__(self, parts: Parts, admit: Admit, made: k.KeptInvitation) -> None:
        self._parts = parts
        self._admit = admit
        self._made = made
        self._mailbox = Mailbox(parts.doors, made.link.id)

    @property
    def card(self) -> Card:
        """What the invitation is for."""
        return decode_card(self._made.card)

    @property
    def name(self) -> str:
        """What the inviter calls the user; may be empty."""
        return self._made.name

    @property
    def link(self) -> Link:
        """The link itself: whoever has it can come in, once."""
        return self._made.link

    def link_at(self, hub: str) -> str:
        """The link as text, for the hub at this address."""
        return encode_link(hub, self._made.link)

    async def offer(self) -> None:
        """Put the opening into the mailbox; does no harm a second time. Raises `Refused`, `Disconnected`."""
        await self._mailbox.open(self._parts.reader, self._made.opening, self.card.expires_at)

    async def cancel(self) -> None:
        """Take the invitation back: its link is dead, here and at the hub. Raises `Refused`, `Disconnected`."""
        await self._mailbox.cancel(self._parts.reader)
        self._parts.kept.drop_arrival(k.Place.INVITING)

    async def look(self) -> Bundle | None:
        """Whether somebody has answered, and with which keys; None while nobody has.

        Raises:
            SwappedAnswer, BadInvitation: who answered did not have the link, or the hub changed the answer.
            Refused, Disconnected: `code` says what became of the invitation.

        """
        if self._made.answer is None:
            sealed = await self._mailbox.take_answer(self._parts.reader)
            if sealed is None:
                return None
            answer = open_answer(self._made.link, card_hash(self._made.card), sealed)
            exchange.verify_answer(self._made.link, self._made.card, answer)
            self._made = replace(self._made, answer=answer)
            await self._parts.kept.keep_arrival(k.Place.INVITING, k.encode_invitation(self._made))
        assert self._made.answer is not None  # noqa: S101 - kept above
        return exchange.verify_answer(self._made.link, self._made.card, self._made.answer)

    async def answered(self, poll: float = POLL) -> Bundle:
        """Wait until somebody has answered, and check it. Raises as `look`."""
        while True:
            found = await self.look()
            if found is not None:
                return found
            await pause(poll)

    async def admit(self) -> Arrived:
        """Vouch for the user's keys, record her arrival with all history, and tell her.

        Raises:
            NotAnswered: nobody has answered yet.
            Refused: the rules say no.
            SwappedArrival: somebody else has arrived in this channel.
            SubstitutedKey: the hub serves other keys of hers.
            Disconnected: not now; it can be done again.

        """
        answer = self._made.answer
        if answer is None:
            raise NotAnswered
        bundle = exchange.verify_answer(self._made.link, self._made.card, answer)
        transcript = exchange.transcript(self._made.link, self._made.card, answer)
        await self._record(bundle, transcript)
        mac = exchange.inviter_code(self._made.link, self._made.card, answer)
        sealed = seal_confirmation(self._made.link, card_hash(self._made.card), mac, random_bytes(_NONCE))
        await self._mailbox.confirm(self._parts.reader, sealed)
        await self._parts.kept.keep_arrival(k.Place.SAFETY, k.encode_safety(k.KeptSafety(transcript)))
        self._parts.kept.drop_arrival(k.Place.INVITING)
        return Arrived(bundle.principal, exchange.safety_code(transcript))

    async def _record(self, bundle: Bundle, transcript: Digest) -> None:
        """Unless it is recorded already: this program may have stopped right after it."""
        user = self._parts.held.replay.channel.user
        if user is None:
            await vouch(self._parts, bundle.principal, bundle.entries)
            await self._admit(bundle.principal, transcript)
            return
        recorded = self._parts.held.event(user.arrived_at).facts
        if not isinstance(recorded, UserArrived) or (recorded.user, recorded.transcript) != (
            bundle.principal,
            transcript,
        ):
            raise SwappedArrival("another user has arrived")
