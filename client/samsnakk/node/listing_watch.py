"""Does the hub serve the organisation's directory as the organisation signed it? The node asks as any reader does.

The newest head is kept and never gone behind. A new version is read whole; after that one entry at a time, drawn by
lot, so that a hub that answers a question with another entry does not get far.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from crypto import cbor
from crypto.random import random_bytes
from domain.ids import EntryId, Millis, OrganisationId, PrincipalId
from protocol.errors import ProtocolError
from protocol.listings.answers import Listing
from protocol.listings.errors import ExpiredListing, ForeignEntry, OlderListing, WithheldEntry
from protocol.listings.heads import SignedHead, encode_signed_head, verify_current, verify_head
from samsnakk.errors import Refused
from samsnakk.listings import ListingNotBelieved, Listings
from samsnakk.node.faults import ADVICE, Evidence
from samsnakk.node.replica.copying import Copying
from samsnakk.node.watching import DIRECTORY, Fault
from samsnakk.private_files import write_private

EVERY: Final = 12
"""Rounds between two looks."""


@dataclass(slots=True)
class NodeListings(Listings):
    """The directory, asked for with the key that a node signs its requests with."""

    sign: Callable[[str], bytes] = field(kw_only=True)

    def _signed(self, action: str) -> bytes:
        return self.sign(action)

    async def pinned(self, organisation: OrganisationId) -> SignedHead | None:
        """The newest head of the organisation that was ever seen here."""
        await self._load()
        return self._pins.get(organisation)

    async def newest(self, organisation: OrganisationId) -> SignedHead:
        """The head that is served now, signed and not older than the pinned one. Raises as `search`."""
        served = self._read_page(await self._ask(Listing(organisation, None))).head
        pinned, authority = await self.pinned(organisation), self._authority()
        try:
            head = verify_head(served, authority.deployment, authority.roots)
            if head.organisation != organisation:
                raise ForeignEntry
            verify_current(served, head, pinned, authority.at)
        except ProtocolError as error:
            raise ListingNotBelieved(error) from None
        return served


@dataclass(slots=True)
class ListingWatch:
    """Looks at the listing of one organisation again and again."""

    copying: Copying
    evidence: Evidence
    _read: SignedHead | None = None
    _ids: tuple[EntryId, ...] = ()
    _rounds: int = 0
    _told: set[str] = field(default_factory=set)

    async def look(self, at: Millis) -> tuple[list[Fault], str]:
        """What is wrong with what the hub serves, each sort once, and what somebody must do besides.

        Raises `Disconnected`, `Refused`.
        """
        self._rounds += 1
        if self._rounds % EVERY != 1:
            return [], ""
        return await self.check(at)

    async def check(self, at: Millis) -> tuple[list[Fault], str]:
        """The same, now."""
        copying = self.copying
        listings = NodeListings(
            *copying.asking(), sign=lambda action: copying.reader.reader(bytes(16), copying.clock).ask(action).signed
        )
        try:
            await self._check(listings)
        except ListingNotBelieved as caught:
            if isinstance(caught.problem, ExpiredListing):
                return [], f"{self.copying.reader.name}: {caught}"
            return self._keep(caught, await listings.pinned(self.copying.reader.organisation), at), ""
        return [], ""

    async def _check(self, listings: NodeListings) -> None:
        organisation = self.copying.reader.organisation
        try:
            head = await listings.newest(organisation)
        except Refused as refused:
            if refused.code == "not_found" and await listings.pinned(organisation) is not None:
                raise ListingNotBelieved(OlderListing()) from None
            if refused.code == "not_found":
                return  # nothing has been published yet
            raise
        if self._read is None or head.head != self._read.head:
            self._read, entries = await listings.whole(organisation)
            self._ids = tuple(entries)
        elif self._ids:
            drawn = self._ids[int.from_bytes(random_bytes(4)) % len(self._ids)]
            if not await listings.entries(organisation, {drawn}):
                raise ListingNotBelieved(WithheldEntry())

    def _keep(self, caught: ListingNotBelieved, pinned: SignedHead | None, at: Millis) -> list[Fault]:
        code = caught.problem.code
        if code in self._told:
            return []
        self._told.add(code)
        organisation = PrincipalId(self.copying.reader.organisation)
        name = f"{DIRECTORY}-{organisation.hex()[:8]}-{at}"
        self.evidence.folder.mkdir(mode=0o700, exist_ok=True)
        known = None if pinned is None else encode_signed_head(pinned)
        write_private(self.evidence.folder / f"{name}.cbor", cbor.encode([code, caught.problem.detail, known]))
        write_private(self.evidence.folder / f"{name}.txt", f"{caught}\n{ADVICE}\n".encode())
        return [Fault(organisation, DIRECTORY)]
