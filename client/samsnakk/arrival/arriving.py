"""The user's end: look at the invitation, say yes, be let in.

    welcome = await look(link)                          # show welcome.invited.opening: who invites, the team
    arriving = await begin(folder, welcome, key=key)    # or take_up(unlocked), after the telephone died
    await arriving.confirmed()
    async with Client(arriving.unlocked, welcome.hub) as client:
        channel = await arriving.enter(client)

Her keys are made here and kept before anything is sent, so any step may be taken again after a restart.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from crypto.random import random_bytes
from domain.access.events import Purpose
from domain.channel.events import UserArrived
from domain.ids import DeploymentId, Digest, Millis, PrincipalId, Version
from protocol.arrival import exchange
from protocol.arrival.card import card_hash, decode_card
from protocol.arrival.errors import SwappedArrival
from protocol.arrival.exchange import Invited
from protocol.arrival.link import Link, parse_link
from protocol.arrival.messages import Answer, open_confirmation, open_opening, seal_answer
from protocol.directory import Directory
from protocol.published_keys import decode_entries, encode_entries
from protocol.trust import PersonPin, Trust
from samsnakk.arrival import kept as k
from samsnakk.arrival.mailboxes import POLL, Mailbox
from samsnakk.channel import Channel
from samsnakk.client import Client
from samsnakk.doors import Doors
from samsnakk.errors import BadProfile
from samsnakk.key_finding import KeyFinder
from samsnakk.local_store import LocalStore, Put
from samsnakk.node_place import HUB_FILE
from samsnakk.own_keys import OwnKeys
from samsnakk.pauses import pause
from samsnakk.private_files import write_private
from samsnakk.profile import Profile, Unlocked

_NONCE: Final = 12
_TABLE: Final = "arrivals"


@dataclass(frozen=True, slots=True)
class Welcome:
    """An invitation that holds, before the user has said anything."""

    hub: str
    link: Link
    invited: Invited


async def look(text: str) -> Welcome:
    """Open the invitation behind a link; nothing is used up by looking.

    Raises:
        BadLink: it is no link, or not a whole one.
        Refused: `code` says what became of the invitation.
        SwappedInvitation, BadInvitation: the hub gave out something else than the inviter put in.
        InvitationOver: its time is up.
        Disconnected: the hub is not reachable.

    """
    hub, link = parse_link(text)
    doors = Doors(hub)
    try:
        sealed = await Mailbox(doors, link.id).opening()
    finally:
        await doors.close()
    return Welcome(hub, link, exchange.verify_opening(link, open_opening(link, sealed), _now()))


async def begin(
    folder: Path, welcome: Welcome, *, passphrase: str | None = None, key: bytes | None = None
) -> "Arriving":
    """Make the user's keys and profile in `folder`, which must not exist, and answer.

    The profile opens with `passphrase`, `key` or the system's keyring, as `Profile.create` says.

    Raises:
        Refused: `invitation_used` if somebody was faster; other codes say what became of the invitation.
        Disconnected: not now; `take_up` goes on.

    """
    made = folder.with_name(folder.name + ".new")
    shutil.rmtree(made, ignore_errors=True)
    keys = OwnKeys(DeploymentId(welcome.invited.card.deployment))
    trust = _trust(welcome, keys.person)
    profile = Profile.create(made, trust, keys.identity, keys.secrets, passphrase=passphrase, key=key)
    write_private(made / HUB_FILE, welcome.hub.encode())
    unlocked = profile.unlock(passphrase, key=key)
    answer, card = _answer(welcome, keys), welcome.invited.opening.card
    sealed = seal_answer(welcome.link, card_hash(card), answer, random_bytes(_NONCE))
    arrival = k.KeptArrival(welcome.link, card, answer, sealed, welcome.hub)
    await _keep_first(unlocked, arrival)
    # From here on the folder is whole: what stopped before never was.
    made.rename(folder)
    arriving = await take_up(Profile.open(folder).unlock(passphrase, key=key))
    await arriving.answer()
    return arriving


async def take_up(unlocked: Unlocked) -> "Arriving":
    """Go on with the arrival that this profile is in the middle of. Raises `BadProfile` if it is in none."""
    store = LocalStore(unlocked)
    try:
        channels = [channel.id for channel in unlocked.trust.channels]
        for channel in channels:
            owner = unlocked.trust.deployment + channel + unlocked.identity.person
            for _, _, data in [row for row in await store.rows(_TABLE, owner) if row[0] == k.Place.ARRIVING]:
                return Arriving(unlocked, k.decode_arrival(data))
    finally:
        await store.close()
    raise BadProfile("not in the middle of an arrival")


async def _keep_first(unlocked: Unlocked, arrival: k.KeptArrival) -> None:
    """Keep the arrival, and her own key stream: whatever the hub serves later must continue it."""
    store = LocalStore(unlocked)
    try:
        finder = KeyFinder(Directory(unlocked.trust), Doors(arrival.hub), store)
        await finder.take_in(unlocked.identity.person, decode_entries(arrival.answer.bundle))
        owner = unlocked.trust.deployment + decode_card(arrival.card).channel + unlocked.identity.person
        await store.write(Put(_TABLE, owner, [(k.Place.ARRIVING, 0, k.encode_arrival(arrival))]))
    finally:
        await store.close()


def _now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


class Arriving:
    """One arrival under way."""

    def __init__(self, unlocked: Unlocked, made: k.KeptArrival) -> None:
        self.unlocked: Final = unlocked
        self._made = made

    @property
    def hub(self) -> str:
        """The hub's address."""
        return self._made.hub

    @property
    def link(self) -> Link:
        """The link she came with."""
        return self._made.link

    @property
    def inviter(self) -> PrincipalId:
        """Who invited her."""
        return decode_card(self._made.card).inviter

    @property
    def transcript(self) -> Digest:
        """The hash of the exchange, which must stand in the record."""
        return exchange.transcript(self._made.link, self._made.card, self._made.answer)

    @property
    def safety_code(self) -> str:
        """What she compares with her inviter when they meet."""
        return exchange.safety_code(self.transcript)

    async def answer(self) -> None:
        """Send the answer; does no harm a second time. Raises `Refused`, `Disconnected`."""
        doors = Doors(self.hub)
        try:
            await Mailbox(doors, self._made.link.id).answer(self._made.sealed)
        finally:
            await doors.close()

    async def confirmed(self, poll: float = POLL) -> None:
        """Wait until the inviter has let her in, and check the inviter's code.

        Raises:
            SwappedInvitation, BadInvitation: not the inviter's code.
            Refused, Disconnected: `code` says what became of the invitation.

        """
        doors = Doors(self.hub)
        try:
            while (sealed := await Mailbox(doors, self._made.link.id).confirmation()) is None:
                await pause(poll)
        finally:
            await doors.close()
        mac = open_confirmation(self._made.link, card_hash(self._made.card), sealed)
        exchange.verify_confirmation(self._made.link, self._made.card, self._made.answer, mac)

    async def enter(self, client: Client) -> Channel:
        """Open the channel, and check that what is recorded about her is what she and her inviter agreed on.

        Raises:
            SwappedArrival: another key, transcript, inviter or channel.
            HistoryBroken, ChannelEnded, NotInTime: see `Channel.caught_up`.

        """
        channel = await client.channel(decode_card(self._made.card).channel, purpose=Purpose.OWN_RECORD)
        await channel.caught_up()
        self._verify_record(channel, client.directory)
        await client.arrivals(channel).finish(self.transcript)
        return channel

    def _verify_record(self, channel: Channel, directory: Directory) -> None:
        card, user = decode_card(self._made.card), channel.state.user
        bundle = exchange.read_bundle(self._made.answer.bundle, card.deployment)
        if user is None:
            raise SwappedArrival("not recorded")
        event = channel.event(user.arrived_at)
        if event.facts != UserArrived(bundle.principal, bundle.key, self.transcript):
            raise SwappedArrival("another key or exchange")
        if (event.author, event.device) != (card.inviter, card.device):
            raise SwappedArrival("another inviter")
        if directory.signer(card.device)[0] != card.public_key or channel.head_at(Version(1)) != card.genesis:
            raise SwappedArrival("another device key or channel")


def _trust(welcome: Welcome, person: PrincipalId) -> Trust:
    """The invitation's trust file, with the user's name where the inviter wrote one."""
    trust, name = welcome.invited.trust, welcome.invited.opening.name
    if not name:
        return trust
    return msgspec.structs.replace(trust, people=(*trust.people, PersonPin(person, name, "", None)))


def _answer(welcome: Welcome, keys: OwnKeys) -> Answer:
    bundle = encode_entries(keys.stream(_now()))
    return Answer(bundle, exchange.user_code(welcome.link, welcome.invited.opening.card, bundle))
