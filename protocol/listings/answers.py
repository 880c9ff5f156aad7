"""What the two ends say about listings: questions, answers with proofs, whole listings page by page, publications.

Everything is CBOR. A question is an array that begins with its name; `Found` is what comes back for the first two:

    ["search", text, most]              ["entries", organisation, [id…]]          ["listing", organisation, after]
    Found: [[signed head…], [[number of its head, index, entry, [hash…]]…], more]
    Page: [signed head, [entry…], more]
    Publication: [[entry…], [removed id…]]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar, assert_never

from crypto import cbor, labels
from crypto.errors import Malformed
from crypto.hashing import hash_with
from crypto.shapes import array, blob, digest, identifier, short_text, strictly_rising, whole
from domain.ids import Digest, EntryId, OrganisationId
from protocol.listings.errors import MalformedListing
from protocol.listings.heads import MAX_ENTRIES, SignedHead, decode_signed_head, encode_signed_head
from protocol.listings.tree import MAX_PROOF

MAX_QUESTION: Final = 4096
MAX_QUERY: Final = 200
"""Characters that are searched for."""
MAX_HITS: Final = 50
MAX_ASKED: Final = 64
"""Entries asked for by their ids at once."""
MAX_ANSWER: Final = 4 * 1024 * 1024
MAX_PAGE: Final = 1000
"""Entries in one page of a whole listing."""
MAX_PUBLICATION: Final = 64 * 1024 * 1024
"""A new version as it is sent: the entries that changed, and which are gone."""
MAX_PIECE: Final = 1024 * 1024
"""The same, where it is sent in pieces because there is much of it."""
MAX_PIECES: Final = 512

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search:
    """Entries whose names and places fit the text, best first, `most` at most."""

    text: str
    most: int


@dataclass(frozen=True, slots=True)
class Entries:
    """These entries of one organisation; those it does not list are left out."""

    organisation: OrganisationId
    ids: tuple[EntryId, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The next page of an organisation's whole listing, after an id (None: from the first)."""

    organisation: OrganisationId
    after: EntryId | None


Question: TypeAlias = Search | Entries | Listing


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry as served: leaf `index` of the listing whose head is `heads[head]`, and the proof of it."""

    head: int
    index: int
    entry: bytes
    proof: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, unverified. `more`: not everything that fits is here."""

    heads: tuple[SignedHead, ...]
    hits: tuple[Hit, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive entries of a listing, in order of their ids, unverified."""

    head: SignedHead
    entries: tuple[bytes, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Publication:
    """What a new version changes: entries new or changed, in order of their bytes, and ids that are gone, in order."""

    entries: tuple[bytes, ...]
    removed: tuple[EntryId, ...]


def action_of(question: bytes) -> str:
    """The action that a device signs to ask: bound to the question, so that it opens no other."""
    return f"directory {hash_with(labels.LISTING_QUESTION, question).hex()}"


def encode_question(question: Question) -> bytes:
    """The question as it travels. Raises `MalformedListing` where it could not be read back."""
    match question:
        case Search(text, most):
            data = cbor.encode(["search", text, most])
        case Entries(organisation, ids):
            data = cbor.encode(["entries", organisation, list(ids)])
        case Listing(organisation, after):
            data = cbor.encode(["listing", organisation, after])
        case _:
            assert_never(question)
    decode_question(data)
    return data


def decode_question(data: bytes) -> Question:
    """The question in `data`. Raises `MalformedListing`."""
    return _strictly(lambda: _question(data), "question")


def _question(data: bytes) -> Question:
    kind, first, second = array(cbor.decode(data, max_size=MAX_QUESTION, max_depth=2), 3)
    match kind:
        case "search":
            return Search(short_text(first, MAX_QUERY), whole(second, 1, MAX_HITS))
        case "entries":
            ids = tuple(EntryId(identifier(one)) for one in array(second))
            strictly_rising(ids)
            if not 0 < len(ids) <= MAX_ASKED:
                raise Malformed("too many ids")
            return Entries(OrganisationId(identifier(first)), ids)
        case "listing":
            return Listing(OrganisationId(identifier(first)), None if second is None else EntryId(identifier(second)))
        case _:
            raise Malformed("an unknown question")


def encode_found(found: Found) -> bytes:
    """The answer as it travels."""
    heads = [encode_signed_head(head) for head in found.heads]
    return cbor.encode([heads, [[h.head, h.index, h.entry, list(h.proof)] for h in found.hits], found.more])


def decode_found(data: bytes) -> Found:
    """The answer in `data`, unverified. Raises `MalformedListing`."""
    return _strictly(lambda: _found(data), "answer")


def _found(data: bytes) -> Found:
    heads, hits, more = array(cbor.decode(data, max_size=MAX_ANSWER, max_depth=4), 3)
    signed = tuple(decode_signed_head(blob(head)) for head in array(heads))
    read = tuple(_hit(hit, len(signed)) for hit in array(hits))
    if not isinstance(more, bool) or len(read) > MAX_ASKED:
        raise Malformed("more")
    return Found(signed, read, more)


def _hit(value: cbor.CborValue, heads: int) -> Hit:
    head, index, entry, proof = array(value, 4)
    hashes = tuple(Digest(digest(one)) for one in array(proof))
    if len(hashes) > MAX_PROOF:
        raise Malformed("a proof that is too long")
    return Hit(whole(head, 0, heads - 1), whole(index, 0, MAX_ENTRIES), blob(entry), hashes)


def encode_page(page: Page) -> bytes:
    """The page as it travels."""
    return cbor.encode([encode_signed_head(page.head), list(page.entries), page.more])


def decode_page(data: bytes) -> Page:
    """The page in `data`, unverified. Raises `MalformedListing`."""
    return _strictly(lambda: _page(data), "page")


def _page(data: bytes) -> Page:
    head, entries, more = array(cbor.decode(data, max_size=MAX_PUBLICATION, max_depth=2), 3)
    read = tuple(blob(entry) for entry in array(entries))
    if not isinstance(more, bool) or len(read) > MAX_PAGE or (more and not read):
        raise Malformed("more")
    return Page(decode_signed_head(blob(head)), read, more)


def encode_publication(publication: Publication) -> bytes:
    """What a new version changes, as it travels."""
    return cbor.encode([sorted(publication.entries), sorted(publication.removed)])


def decode_publication(data: bytes) -> Publication:
    """What a new version changes, unverified. Raises `MalformedListing`."""
    return _strictly(lambda: _publication(data), "publication")


def _publication(data: bytes) -> Publication:
    entries, removed = array(cbor.decode(data, max_size=MAX_PUBLICATION, max_depth=2), 2)
    changed = tuple(blob(entry) for entry in array(entries))
    gone = tuple(EntryId(identifier(one)) for one in array(removed))
    strictly_rising(changed)
    strictly_rising(gone)
    return Publication(changed, gone)


def _strictly(read: Callable[[], T], what: str) -> T:
    try:
        return read()
    except Malformed as error:
        raise MalformedListing(f"{what}: {error}") from None
