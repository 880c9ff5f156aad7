"""Listings at the hub: taken in only as their organisation signed them, found as somebody types, served with proofs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crypto.signing import Signature
from domain.ids import DeploymentId, EntryId, Millis, OrganisationId
from protocol.listings.answers import MAX_PAGE, Entries, Found, Hit, Listing, Page, Publication, Search
from protocol.listings.entries import Entry, parse_entry
from protocol.listings.errors import ForeignEntry, ForgedListing, ListingOutOfStep
from protocol.listings.heads import Head, SignedHead, parse_head, verify_following, verify_head
from protocol.listings.reading import verify_references
from protocol.listings.tree import Tree, leaf_hash
from protocol.standing_roots import StandingRoots
from protocol.trust import Trust
from service.directory.words import query, searched
from service.errors import NotFound
from service.store import EventStore, RecordRejected, listings
from service.store.listings import EntryRow, Indexed, NewVersion

_ATTEMPTS: Final = 3
"""How often something is read again when a new version came in between."""
_NO_ID: Final = b""


@dataclass(frozen=True, slots=True)
class Standing:
    """A listing as it stands: its head, where each entry is, and the tree."""

    signed: SignedHead
    places: Mapping[bytes, int]
    tree: Tree


class Listings:
    """The directory of one hub. Several hubs may serve one database."""

    def __init__(self, trust: Trust, store: EventStore, roots: StandingRoots | None = None) -> None:
        self._deployment: DeploymentId = trust.deployment_id
        self._roots = StandingRoots(trust) if roots is None else roots
        self._organisations = frozenset(organisation.id for organisation in trust.organisations)
        self._store = store
        self._standing: dict[bytes, Standing] = {}
        self._lock = asyncio.Lock()

    async def verify_new(self, organisation: OrganisationId, signed: SignedHead) -> tuple[Head, SignedHead | None]:
        """Check a new version's head before anything else of it is read. Returns it, and the one that it follows.

        Raises:
            ForgedListing, MalformedListing: not signed by the organisation.
            ForeignEntry: of another organisation.
            ListingOutOfStep: it does not continue the newest one.
            StoreError: see there.

        """
        head = verify_head(signed, self._deployment, self._roots.newest)
        if head.organisation != organisation or organisation not in self._organisations:
            raise ForeignEntry
        newest = (await self._newest([organisation])).get(organisation)
        if newest is None or newest.head != signed.head:
            verify_following(head, newest)
        return head, newest

    async def publish(self, signed: SignedHead, head: Head, publication: Publication, at: Millis) -> None:
        """Take in a new version, all or nothing.

        Raises:
            ForgedListing: what it changes does not give what was signed.
            ForeignEntry, WithheldEntry, MalformedListing: an entry that does not belong there.
            ListingOutOfStep: somebody else was faster.
            StoreError: see there.

        """
        async with self._lock:
            before = await listings.whole(self._store, head.organisation)
            new = await asyncio.to_thread(_changes, head, publication, before)
            gone = publication.removed
            row = NewVersion(head.organisation, head.version, signed.head, signed.signature, at, new, gone)
            try:
                await listings.publish(self._store, row)
            except RecordRejected:
                raise ListingOutOfStep("another version was stored meanwhile") from None

    async def search(self, question: Search) -> Found:
        """Entries that fit: names that begin so, then words that do, then parts of words. Raises StoreError."""
        asked = query(question.text)
        if asked is None:
            return Found((), (), more=False)
        beginning, begins, exact, part = asked
        rows = await listings.search_names(self._store, beginning, question.most + 1)
        for wanted in (begins, part):
            if len(rows) > question.most or not wanted:
                break
            more = await listings.search_words(self._store, wanted, exact, begins, question.most + 1)
            rows += [row for row in more if row not in rows]
        return await self._found(rows[: question.most], more=len(rows) > question.most)

    async def entries(self, question: Entries) -> Found:
        """The entries asked for, as far as they are listed. Raises StoreError."""
        rows = await listings.entries(self._store, question.organisation, question.ids)
        return await self._found(rows, more=False)

    async def page(self, question: Listing) -> Page:
        """The next page of a whole listing. Raises `NotFound` where there is none, StoreError."""
        newest = (await self._newest([question.organisation])).get(question.organisation)
        if newest is None:
            raise NotFound
        after = question.after or _NO_ID
        rows = await listings.page(self._store, question.organisation, after, MAX_PAGE + 1)
        return Page(newest, tuple(row[2] for row in rows[:MAX_PAGE]), more=len(rows) > MAX_PAGE)

    async def _found(self, rows: Sequence[EntryRow], *, more: bool) -> Found:
        """The rows with their proofs; a row that is no longer what the listing says is left out."""
        standing = await self._standings(dict.fromkeys(row[0] for row in rows))
        order = {organisation: number for number, organisation in enumerate(standing)}
        hits = []
        for organisation, entry, data in rows:
            listing = standing.get(organisation)
            place = listing.places.get(entry) if listing is not None else None
            if listing is not None and place is not None and listing.tree.leaf(place) == leaf_hash(data):
                hits.append(Hit(order[organisation], place, data, listing.tree.proof(place)))
        return Found(tuple(one.signed for one in standing.values()), tuple(hits), more)

    async def _standings(self, organisations: Mapping[bytes, None]) -> dict[bytes, Standing]:
        for organisation, signed in (await self._newest(list(organisations))).items():
            known = self._standing.get(organisation)
            if known is None or known.signed != signed:
                self._standing[organisation] = await self._load(organisation)
        return {one: self._standing[one] for one in organisations if one in self._standing}

    async def _load(self, organisation: bytes) -> Standing:
        for _ in range(_ATTEMPTS):
            signed = (await self._newest([organisation]))[organisation]
            rows = await listings.leaves(self._store, organisation)
            tree = await asyncio.to_thread(Tree, [leaf for _, leaf in rows])
            if tree.root == parse_head(signed.head).root:
                return Standing(signed, {entry: place for place, (entry, _) in enumerate(rows)}, tree)
        raise ForgedListing("the stored entries are not those of the stored head")

    async def _newest(self, organisations: Sequence[bytes]) -> dict[bytes, SignedHead]:
        rows = await listings.heads(self._store, organisations)
        return {organisation: SignedHead(head, Signature(signature)) for organisation, head, signature in rows}


def _changes(head: Head, publication: Publication, before: Mapping[bytes, tuple[bytes, str, str]]) -> list[Indexed]:
    """What the new version changes, the words of unchanged entries included, once all of it is what was signed."""
    data = {entry: row[0] for entry, row in before.items() if entry not in set(publication.removed)}
    for raw in publication.entries:
        data[parse_entry(raw).id] = raw
    if Tree([leaf_hash(data[entry]) for entry in sorted(data)]).root != head.root or len(data) != head.count:
        raise ForgedListing("not the entries that were signed")
    read: dict[EntryId, Entry] = {EntryId(entry): parse_entry(raw) for entry, raw in data.items()}
    if any(entry.organisation != head.organisation for entry in read.values()):
        raise ForeignEntry
    verify_references(read.values(), read)
    found = []
    for entry, raw in data.items():
        name, words = searched(read[EntryId(entry)], read)
        if before.get(entry) != (raw, name, words):
            found.append(Indexed(entry, leaf_hash(raw), raw, name, words))
    return found


LISTINGS: Final[web.AppKey[Listings]] = web.AppKey("listings", Listings)
