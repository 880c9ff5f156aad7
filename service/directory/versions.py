"""Taking in a new version of a listing, step by step: however large it is, each step is short, and readers see all
of it or nothing."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

from domain.ids import EntryId, Millis
from protocol.listings.answers import Publication, decode_publication
from protocol.listings.entries import Entry, parse_entry
from protocol.listings.errors import ForeignEntry, ForgedListing, ListingOutOfStep
from protocol.listings.heads import MAX_ENTRIES, Head, SignedHead
from protocol.listings.reading import verify_references
from protocol.listings.tree import Tree, leaf_hash
from service.directory.words import searched
from service.handle.hub_acts import now
from service.store import EventStore, listing_versions, listings
from service.store.listing_versions import NewVersion
from service.store.listings import PAGE, Indexed

Pieces: TypeAlias = AsyncIterator[Publication]
NOBODY_ELSE: Final = "another version was begun or stored meanwhile"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a version's entries are in place. `finished`: readers see it."""

    done: int
    total: int
    finished: bool = False


@dataclass(slots=True)
class _Listing:
    """The version as it will be: bytes and parsed, and the marks of what stands there now."""

    data: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    read: dict[EntryId, Entry] = field(default_factory=dict, repr=False)
    marks: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict, repr=False)


async def take_in(
    store: EventStore, signed: SignedHead, head: Head, pieces: Pieces, at: Millis
) -> AsyncGenerator[Progress]:
    """Take in a version; each step is done when the next one is asked for. Stopping anywhere leaves nothing visible.

    Raises:
        ForgedListing: what it changes does not give what was signed.
        ForeignEntry, WithheldEntry, MalformedListing: an entry that does not belong there.
        ListingOutOfStep: somebody else was faster.
        StoreError: see there.

    """
    total = head.count
    new = NewVersion(head.organisation, head.version, signed.head, signed.hash, signed.signature, at)
    while await listing_versions.forget_some(store, head.organisation):
        yield Progress(0, total)
    listing = _Listing()
    async with aclosing(_gathered(store, head, pieces, listing)) as steps:
        async for _ in steps:
            yield Progress(0, total)
    await asyncio.to_thread(_verify, head, listing)
    async with aclosing(_written(store, new, listing)) as writing:
        async for done in writing:
            yield Progress(done, total)
    # What is about to be shown is looked at once more where it lies.
    rows = await listings.leaves(store, head.organisation, head.version)
    if (await asyncio.to_thread(Tree, [leaf for _, leaf in rows])).root != head.root:
        raise ListingOutOfStep(NOBODY_ELSE)
    if not await listing_versions.switch(store, new):
        raise ListingOutOfStep(NOBODY_ELSE)
    while await listing_versions.forget_some(store, head.organisation):
        yield Progress(total, total)
    yield Progress(total, total, finished=True)


async def _gathered(store: EventStore, head: Head, pieces: Pieces, listing: _Listing) -> AsyncGenerator[None]:
    """Read what stands there, change it as the pieces say, and parse all of it."""
    async for rows in listings.whole(store, head.organisation):
        for entry, raw, mark in rows:
            listing.data[entry] = raw
            listing.marks[entry] = (raw, mark)
        yield
    async for piece in pieces:
        await asyncio.to_thread(_change, listing, piece)
        if len(listing.data) > MAX_ENTRIES:
            raise ForgedListing("more entries than a listing holds")
        yield
    for batch in _batches(sorted(listing.data)):
        await asyncio.to_thread(_parse, listing, batch)
        yield


def _change(listing: _Listing, piece: Publication) -> None:
    for gone in piece.removed:
        listing.data.pop(gone, None)
    for raw in piece.entries:
        listing.data[parse_entry(raw).id] = raw


def _parse(listing: _Listing, batch: Iterable[bytes]) -> None:
    listing.read.update({EntryId(entry): parse_entry(listing.data[entry]) for entry in batch})


def _verify(head: Head, listing: _Listing) -> None:
    """Check that all of it is what was signed, and hangs together."""
    data = listing.data
    if Tree([leaf_hash(data[entry]) for entry in sorted(data)]).root != head.root or len(data) != head.count:
        raise ForgedListing("not the entries that were signed")
    if any(entry.organisation != head.organisation for entry in listing.read.values()):
        raise ForeignEntry
    verify_references(listing.read.values(), listing.read)


async def _written(store: EventStore, new: NewVersion, listing: _Listing) -> AsyncGenerator[int]:
    """Write what is new or is found by other words; yields how many entries are in place."""
    done = 0
    for batch in _batches(sorted(listing.data)):
        rows = await asyncio.to_thread(_indexed, listing, batch)
        if rows:
            await _write(store, new, rows, [])
        done += len(batch)
        yield done
    for gone in _batches(sorted(listing.marks.keys() - listing.data.keys())):
        await _write(store, new, [], gone)
        yield done


async def _write(store: EventStore, new: NewVersion, rows: list[Indexed], gone: list[bytes]) -> None:
    if not await listing_versions.write_rows(store, new, rows, gone, now()):
        raise ListingOutOfStep(NOBODY_ELSE)


def _indexed(listing: _Listing, batch: Iterable[bytes]) -> list[Indexed]:
    found = []
    for entry in batch:
        raw = listing.data[entry]
        one = Indexed(entry, leaf_hash(raw), raw, *searched(listing.read[EntryId(entry)], listing.read))
        if listing.marks.get(entry) != (raw, one.mark):
            found.append(one)
    return found


def _batches(among: Sequence[bytes]) -> Iterator[list[bytes]]:
    items = iter(among)
    while batch := list(islice(items, PAGE)):
        yield batch


async def only(publication: Publication) -> Pieces:
    """A version that came in one."""
    yield publication


async def kept(store: EventStore, signed: SignedHead, organisation: bytes, count: int) -> Pieces:
    """The pieces that were kept of a version. Raises `ListingOutOfStep` where one is missing."""
    for number in range(count):
        data = await listing_versions.piece_data(store, organisation, signed.hash, number)
        if data is None:
            raise ListingOutOfStep(f"piece {number} is missing")
        yield await asyncio.to_thread(decode_publication, data)


@dataclass(slots=True)
class Job:
    """A large version being taken in, some seconds at a time."""

    organisation: bytes
    head: bytes
    steps: AsyncGenerator[Progress] = field(repr=False)
    last: Progress
    touched: float
    """The loop's time in seconds."""

    async def close(self) -> None:
        """Give it up; what was written of it is forgotten by whoever comes next."""
        await self.steps.aclose()

    async def go_on(self, clock: Callable[[], float], seconds: float) -> Progress:
        """Go on for about so long, by one step at least. Raises as `take_in`."""
        until = clock() + seconds
        async for progress in self.steps:
            self.last = progress
            if progress.finished or clock() >= until:
                break
        self.touched = clock()
        return self.last
