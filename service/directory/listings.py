"""Listings at the hub: taken in only as their organisation signed them, found as somebody types, served with proofs."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crypto.signing import Signature
from domain.ids import DeploymentId, Millis, OrganisationId
from protocol.listings.answers import (
    MAX_PAGE,
    Entries,
    Found,
    Hit,
    Listing,
    Page,
    Publication,
    Search,
    decode_publication,
)
from protocol.listings.errors import ForeignEntry, ForgedListing, ListingOutOfStep
from protocol.listings.heads import Head, SignedHead, parse_head, verify_following, verify_head
from protocol.listings.tree import Tree, leaf_hash
from protocol.standing_roots import StandingRoots
from protocol.trust import Trust
from service.directory.versions import NOBODY_ELSE, Job, Progress, kept, only, take_in
from service.directory.words import query
from service.errors import NotFound, Overloaded
from service.handle.hub_acts import now
from service.store import EventStore, listing_versions, listings
from service.store.listings import EntryRow

_ATTEMPTS: Final = 3
"""How often something is read again when a new version came in between."""
_NO_ID: Final = b""
_TURN: Final = 2.0
"""Seconds of work on a large version in one request."""
_PATIENCE: Final = 60.0
"""Seconds after which a large version that nobody asks for any more makes way for another one."""


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
        self._job: Job | None = None

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
        """Take in a new version that came in one, all or nothing. Raises as `take_in`."""
        async with self._lock, aclosing(take_in(self._store, signed, head, only(publication), at)) as steps:
            await self._claim(signed, head)
            async for _ in steps:
                pass

    async def stage(self, signed: SignedHead, head: Head, piece: int, data: bytes) -> None:
        """Keep a piece of a version that is too large for one request, until all of it is there.

        Raises:
            MalformedListing: not a publication.
            ListingOutOfStep: another version of the organisation is just being stored.
            StoreError: see there.

        """
        await asyncio.to_thread(decode_publication, data)
        await self._claim(signed, head)
        if not await listing_versions.keep_piece(self._store, head.organisation, signed.hash, piece, data):
            raise ListingOutOfStep(NOBODY_ELSE)

    async def _claim(self, signed: SignedHead, head: Head) -> None:
        """This version is the one that is being made. Another one of the organisation's own at this hub makes way."""
        job, place = self._job, (self._store, head.organisation, signed.hash, now())
        if job is not None and job.organisation == head.organisation and job.head != signed.hash:
            await job.close()
            self._job = None
        if not await listing_versions.begin_stage(*place, take_over=job is not None and self._job is None):
            raise ListingOutOfStep(NOBODY_ELSE)

    async def finish(self, signed: SignedHead, head: Head, count: int, at: Millis) -> Progress:
        """Go on for some seconds with taking in a version whose `count` pieces are all there.

        Raises:
            Overloaded: another large version is being taken in; its turn comes.
            As `take_in`: nothing of it is visible.

        """
        clock = asyncio.get_running_loop().time
        async with self._lock:
            if self._job is None or self._job.head != signed.hash:
                await self._begin(signed, head, count, at, clock())
            job = self._job
            try:
                progress = await job.go_on(clock, _TURN) if job is not None else Progress(0, head.count)
            except BaseException:
                self._job = None
                raise
            if progress.finished:
                self._job = None
            return progress

    async def _begin(self, signed: SignedHead, head: Head, count: int, at: Millis, clock: float) -> None:
        if self._job is not None:
            if clock - self._job.touched < _PATIENCE:
                raise Overloaded
            await self._job.close()
            self._job = None
        if await listing_versions.pieces_kept(self._store, head.organisation, signed.hash) != count:
            raise ListingOutOfStep("pieces are missing")
        steps = take_in(self._store, signed, head, kept(self._store, signed, head.organisation, count), at)
        self._job = Job(head.organisation, signed.hash, steps, Progress(0, head.count), clock)

    async def search(self, question: Search) -> Found:
        """Entries that fit: names that begin so, then words that do, then parts of words. Raises StoreError."""
        asked = query(question.text)
        if asked is None:
            return Found((), (), more=False)
        rows = await listings.search_names(self._store, asked.name, question.most + 1)
        for step in asked.steps:
            if len(rows) > question.most:
                break
            more = await listings.search_words(self._store, step.wanted, step.first, step.second, question.most + 1)
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
            head = parse_head(signed.head)
            rows = await listings.leaves(self._store, organisation, head.version)
            tree = await asyncio.to_thread(Tree, [leaf for _, leaf in rows])
            if tree.root == head.root:
                return Standing(signed, {entry: place for place, (entry, _) in enumerate(rows)}, tree)
        raise ForgedListing("the stored entries are not those of the stored head")

    async def _newest(self, organisations: Sequence[bytes]) -> dict[bytes, SignedHead]:
        rows = await listings.heads(self._store, organisations)
        return {organisation: SignedHead(head, Signature(signature)) for organisation, head, signature in rows}


LISTINGS: Final[web.AppKey[Listings]] = web.AppKey("listings", Listings)
