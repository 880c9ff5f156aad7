"""The organisation's side: from all its entries to a signed version, and to what has to be sent of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from crypto import cbor, labels
from crypto.hashing import hash_with
from crypto.signing import SigningKey
from domain.ids import DeploymentId, EntryId, Millis, OrganisationId
from protocol.listings.answers import MAX_PIECE, Publication
from protocol.listings.heads import Head, SignedHead, genesis, parse_head, sign_head
from protocol.listings.tree import Tree, leaf_hash

_ID = 16
_FRAME = 16
"""Bytes that a part, and each thing in it, takes besides."""


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when a version is good, UTC milliseconds."""

    issued_at: Millis
    valid_until: Millis


def entry_id(organisation: OrganisationId, source: str) -> EntryId:
    """The id of what an organisation's own system calls `source`: the same at each import, without a memory.

    The organisation's id is random, so nobody can tell `source` from it; and it is a technical name, never a person's
    number.
    """
    return EntryId(hash_with(labels.LISTING_ENTRY_ID, cbor.encode([organisation, source]))[:_ID])


def root_of(entries: Mapping[EntryId, bytes]) -> Tree:
    """The tree over all entries, in order of their ids."""
    return Tree([leaf_hash(entries[entry]) for entry in sorted(entries)])


def next_version(
    place: tuple[DeploymentId, OrganisationId],
    entries: Mapping[EntryId, bytes],
    newest: SignedHead | None,
    validity: Validity,
    root: SigningKey,
) -> SignedHead:
    """The version after `newest` (None: the first), signed, with exactly these entries. Raises `MalformedListing`."""
    tree = root_of(entries)
    before = parse_head(newest.head) if newest is not None else None
    head = Head(
        deployment=place[0],
        organisation=place[1],
        version=1 if before is None else before.version + 1,
        previous=genesis(*place) if newest is None else newest.hash,
        root=tree.root,
        count=len(tree),
        issued_at=validity.issued_at,
        valid_until=validity.valid_until,
    )
    return sign_head(root, head)


def in_pieces(whole: Publication, size: int = MAX_PIECE) -> tuple[Publication, ...]:
    """What has to be sent, in parts of at most so many bytes; each id stands in one of them."""
    found: list[Publication] = []
    room, entries, removed = 0, list[bytes](), list[EntryId]()
    for one in (*whole.entries, *whole.removed):
        if room < len(one) + _FRAME:
            if entries or removed:
                found.append(Publication(tuple(entries), tuple(removed)))
            room, entries, removed = size - _FRAME, [], []
        room -= len(one) + _FRAME
        if len(one) == _ID:
            removed.append(EntryId(one))
        else:
            entries.append(one)
    return (*found, Publication(tuple(entries), tuple(removed)))


def publication(before: Mapping[EntryId, bytes], after: Mapping[EntryId, bytes]) -> Publication:
    """What has to be sent so that `before` becomes `after`."""
    changed = [raw for entry, raw in after.items() if before.get(entry) != raw]
    return Publication(tuple(sorted(changed)), tuple(sorted(before.keys() - after.keys())))
