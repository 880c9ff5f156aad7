"""The service inboxes of one client: their seeds are fetched and checked, sealed for newcomers, and made anew when due.

    keys = await client.inboxes.open(inbox)     # what is needed to read; raises where the hub withholds or swaps it
    done = await client.inboxes.renew(inbox)    # seal for who is eligible now, and make a new key if one is due

The file is left first and the key certified second: stopped in between, all that anybody could read stays readable, and
a seed that nobody certified counts for nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crypto.inbox_files import MAX_INBOX_FILE, InboxSeed, inbox_file_hash, seal_inbox
from crypto.kem import KemKey
from crypto.random import new_id, random_bytes
from crypto.shapes import SecretKey
from domain.access.events import Purpose
from domain.ids import ChannelId, PrincipalId
from protocol.acts import Place
from protocol.errors import ProtocolError, UnknownKey
from protocol.inbox_keys import Due, States, needed, newest_good, recipients, seen, what_is_due
from protocol.node_requests import RenewInbox
from protocol.requests import ReadRequest, sign_request
from samsnakk.clock import HubClock
from samsnakk.doors import Doors
from samsnakk.errors import Disconnected, InboxHasNoKey, InboxReadersMoved, NotEligible, Refused, SamsnakkError
from samsnakk.inbox.checking import Found, Stand, checked, own_version_missing
from samsnakk.inbox.outcomes import About, Renewed
from samsnakk.key_finding import KeyFinder
from samsnakk.node_place import node_place
from samsnakk.pauses import pause
from samsnakk.profile import Unlocked
from samsnakk.profile_changes import keep_role_seeds, roles_in_profile

if TYPE_CHECKING:
    from samsnakk.enrolling import Desk, Enrolled

ATTEMPTS: Final = 8
"""How often one looks again before somebody is told that hub and node do not agree."""
_READERS_MOVED: Final = "inbox_readers_moved"
_AGAIN: Final = frozenset({"inbox_file_moved", "inbox_key_moved", _READERS_MOVED, "signed_meanwhile"})
_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class _View:
    stand: Stand
    people: States
    found: Found


class Inboxes:
    """All inboxes that this person may answer. `unlocked` is the profile with what was taken up."""

    def __init__(self, unlocked: Unlocked, doors: Doors, finder: KeyFinder, clock: HubClock, node: str | None) -> None:
        self.unlocked = unlocked
        self.troubles: Final[dict[PrincipalId, SamsnakkError | ProtocolError]] = {}
        """Why an inbox could not be seen to, by inbox; what was mended since is not here any more."""
        self.troubled: Callable[[PrincipalId, SamsnakkError | ProtocolError], None] = lambda _inbox, _error: None
        """Called when something of that kind comes up."""
        self._doors = doors
        self._finder = finder
        self._clock = clock
        self._node = node
        self._locks: dict[PrincipalId, asyncio.Lock] = {}

    @property
    def node(self) -> str | None:
        """The organisation's node: the one named, or the one that certified the device. Raises `BadProfile`."""
        place = node_place(self.unlocked.folder)
        return self._node or (None if place is None else place.url)

    async def mine(self) -> tuple[PrincipalId, ...]:
        """Inboxes that this person may be eligible for: the own organisation's, and those with seeds in the profile.

        The organisation's stand in the trust file, or its node names them. What one is eligible for, key streams say.
        """
        organisation, desk = self.unlocked.identity.organisation, self._desk()
        pins = (p for p in self.unlocked.trust.people if p.inbox and p.organisation == organisation)
        found = {*(PrincipalId(pin.id) for pin in pins), *roles_in_profile(self.unlocked)}
        if desk is not None:
            with suppress(Disconnected):
                found |= {*await desk.inboxes()}
        return tuple(sorted(found))

    def is_answered_by(self, inbox: PrincipalId, person: PrincipalId) -> bool:
        """Whether the inbox's key stream, as far as it is known here, names the person. Raises `UnknownKey`."""
        return person in self._finder.directory.state(inbox).eligible

    async def about(self, inbox: PrincipalId) -> About:
        """How its keys stand, by signed key streams alone. Raises as `open`."""
        stand, people = await self._stands(inbox)
        newest = newest_good(stand.inbox)
        held = newest is not None and needed(stand.inbox, stand.person) <= stand.good(()).keys()
        version = None if newest is None else newest.version
        return About(version, stand.inbox.eligible, what_is_due(stand.inbox, people), held)

    async def open(self, inbox: PrincipalId) -> Mapping[int, KemKey]:
        """The private keys of the inbox by version, fetched if a needed one is not here.

        Raises:
            NotEligible: this person does not answer it (any more).
            InboxHasNoKey: there is no key yet, and no node known to have one certified by.
            NoSeatYet: no colleague's program has sealed the seeds for this person yet.
            InboxFileNotBelieved: the hub served an old file, another inbox's, none or a damaged one.
            Disconnected, Refused, SubstitutedKey: the hub, or the node, cannot be asked, or lies about a key stream.

        """
        await self._finder.learn([inbox])
        stand = self._stand(inbox)
        if newest_good(stand.inbox) is None:
            if self.node is None:
                raise InboxHasNoKey
            await self.renew(inbox)
        elif not needed(stand.inbox, stand.person) <= stand.good(()).keys():
            async with self._lock(inbox):
                await self._looked(inbox, begin_anew=False)
        else:
            self._keep(inbox, stand.good(()))  # another program of this profile may have brought them
        return self.unlocked.kem_keys.get(inbox, {})

    async def renew(self, inbox: PrincipalId, *, begin_anew: bool = False) -> Renewed:
        """See that exactly the people who are eligible now have the seeds, and make a new key if one is due.

        `begin_anew`: also where nobody is left who could hand the old seeds on; what was written before then opens for
        the inbox only once a member of the channel grants it again.

        Raises:
            InboxReadersMoved: node and hub do not agree about who is eligible.
            NotEligible, NoSeatYet, InboxFileNotBelieved, Disconnected, Refused, SubstitutedKey: as `open`.

        """
        async with self._lock(inbox):
            done = Renewed()
            trouble: SamsnakkError = InboxReadersMoved()
            for attempt in range(ATTEMPTS):
                view = await self._looked(inbox, begin_anew=begin_anew)
                due = what_is_due(view.stand.inbox, view.people)
                if due is not None and self.node is None:
                    done, due = Renewed(done.version, done.sealed_for, due), None
                if due is None and not view.found.lacks(view.stand, view.people):
                    return done
                try:
                    version = await self._advance(view, due)
                except Refused as refused:
                    if refused.code not in _AGAIN:
                        raise
                    trouble = view.found.problem or _said(refused)
                    await pause(_PAUSE * attempt)
                    continue
                trouble = view.found.problem or trouble
                done = Renewed(version or done.version, len(view.stand.inbox.eligible), done.due)
            raise trouble

    async def _advance(self, view: _View, due: Due | None) -> int | None:
        """Leave the next file, and have its new seed certified if one is due; returns the new version."""
        inbox = PrincipalId(view.stand.inbox.principal)
        version = len(view.stand.inbox.key_versions) + 1
        # A fresh seed each time: the last one may have been sealed for somebody whom the node no longer lets in.
        new = None if due is None else InboxSeed(version, SecretKey(random_bytes(32)))
        await self._leave(view, new)
        if new is None:
            return None
        kem = KemKey.from_seed(new.seed).public
        enrolled = await self._wished(RenewInbox(inbox, version, kem, seen(view.stand.inbox, view.people)))
        await self._finder.take_in(inbox, enrolled.entries)
        if not enrolled.published:
            await self._doors.publish(inbox, enrolled.entries)
        self._keep(inbox, {**view.found.good, version: new.seed})
        return version

    async def _leave(self, view: _View, new: InboxSeed | None) -> None:
        found, stand = view.found, view.stand
        held = {one.seed for one in found.seeds}
        lost = [InboxSeed(version, seed) for version, seed in found.good.items() if seed not in held]
        seeds = sorted([*lost, *found.seeds, *([] if new is None else [new])], key=lambda one: one.version)
        among = recipients(stand.inbox, view.people)
        data = seal_inbox(found.next_place(stand), seeds, among, file_key=SecretKey(random_bytes(32)))
        inbox = PrincipalId(stand.inbox.principal)
        signed = self._signed(inbox, f"keep inbox file {inbox_file_hash(data).hex()}")
        await self._doors.exchange("PUT", f"inbox-files/{inbox.hex()}", data, signed)

    async def _looked(self, inbox: PrincipalId, *, begin_anew: bool) -> _View:
        """What stands at the hub now, checked; its seeds are taken into the profile."""
        stand, people = await self._stands(inbox)
        data = await self._fetched(inbox)
        if own_version_missing(data, stand):
            await self._take_in_own_keys()
            stand = self._stand(inbox)
        found = checked(data, stand, begin_anew=begin_anew)
        self._keep(inbox, found.good)
        return _View(stand, people, found)

    async def _stands(self, inbox: PrincipalId) -> tuple[Stand, States]:
        """What the newest key streams say: of the inbox, and of everybody who answers it."""
        await self._learn([inbox])
        stand = self._stand(inbox)
        people = [PrincipalId(person) for person in stand.inbox.eligible]
        await self._learn(people)
        return stand, {person: self._finder.directory.state(person) for person in people}

    async def _learn(self, principals: Sequence[PrincipalId]) -> None:
        """Take in these key streams, from the hub and from the node, whose ledger a wish will be compared with.

        A hub could hide that somebody left. Where the node is out of reach, nothing can be certified anyway.
        """
        await self._finder.learn(principals)
        desk = self._desk()
        if desk is None:
            return
        with suppress(Disconnected):
            for principal in principals:
                entries = await desk.key_stream(principal)
                if len(entries) > len(self._finder.directory.entries(principal)):
                    await self._finder.take_in(principal, entries)

    async def _fetched(self, inbox: PrincipalId) -> bytes | None:
        signed = self._signed(inbox, f"fetch inbox file {inbox.hex()}")
        try:
            data = await self._doors.exchange("GET", f"inbox-files/{inbox.hex()}", None, signed)
        except Refused as refused:
            if refused.code == "not_found":
                return None
            raise
        return data[: MAX_INBOX_FILE + 1] if data is not None else None

    async def _take_in_own_keys(self) -> None:
        """Another device made the person a new key: it lies in the keyring. Raises as `KeyringHome.fetch`."""
        from samsnakk.keyring_home import KeyringHome  # noqa: PLC0415 - needed once in a device's life
        from samsnakk.new_device import Nobody  # noqa: PLC0415

        async with KeyringHome(self.unlocked, self._doors.url, Nobody()) as home:
            await home.fetch()
            self.unlocked = home.unlocked

    async def _wished(self, wish: RenewInbox) -> "Enrolled":
        desk = self._desk()
        if desk is None:
            raise Refused("no_issuer", "node")
        got = await desk.ask(wish)
        if got.person != wish.inbox:
            raise Refused("malformed_frame", "node")
        return got

    def _desk(self) -> "Desk | None":
        from samsnakk.node_issuing import desk_of  # noqa: PLC0415 - importing aiohttp costs half of a start

        node = self.node
        return None if node is None else desk_of(self.unlocked, node)

    def _stand(self, inbox: PrincipalId) -> Stand:
        state, who = self._finder.directory.state(inbox), self.unlocked.identity
        if not self._finder.directory.is_eligible(inbox, who.person, who.organisation):
            raise NotEligible
        if state.ended_at is not None:
            raise UnknownKey
        keys = self.unlocked.kem_keys[who.person]
        kept = roles_in_profile(self.unlocked).get(inbox, {})
        return Stand(self.unlocked.trust.deployment_id, state, who.person, keys, kept)

    def _keep(self, inbox: PrincipalId, seeds: Mapping[int, SecretKey]) -> None:
        self.unlocked = keep_role_seeds(self.unlocked, inbox, seeds)

    def _lock(self, inbox: PrincipalId) -> asyncio.Lock:
        return self._locks.setdefault(inbox, asyncio.Lock())

    def _signed(self, inbox: PrincipalId, action: str) -> bytes:
        who, place = self.unlocked.identity, Place(self.unlocked.trust.deployment_id, ChannelId(bytes(16)))
        request = ReadRequest(
            place, who.person, who.device, who.organisation, inbox, Purpose.COORDINATION, (), new_id(),
            self._clock.now(), action,
        )  # fmt: skip
        return sign_request(request, self.unlocked.signing_key)


def _said(refused: Refused) -> SamsnakkError:
    """What somebody is told where looking again does not help."""
    return InboxReadersMoved() if refused.code == _READERS_MOVED else refused
