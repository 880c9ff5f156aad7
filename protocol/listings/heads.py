"""The head of a listing: what an organisation signs of each version, and how versions follow each other.

A head is the CBOR array
[1, deployment, organisation, version, previous head hash, root, count, issued at, valid until].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crypto import cbor, labels, signing
from crypto.errors import BadKey, BadSignature, Malformed
from crypto.hashing import hash_with
from crypto.shapes import array, blob, digest, exactly, identifier, whole
from crypto.signing import SIGNATURE_LENGTH, PublicKey, Signature, SigningKey
from domain.ids import DeploymentId, Digest, Millis, OrganisationId
from protocol.listings.errors import (
    ExpiredListing,
    ForgedListing,
    ForkedListing,
    ListingOutOfStep,
    MalformedListing,
    OlderListing,
)

FORMAT: Final = 1
MAX_HEAD: Final = 512
MAX_SIGNED_HEAD: Final = MAX_HEAD + 128
MAX_ENTRIES: Final = 2**20
"""Entries of one listing."""
MAX_VALIDITY: Final = 92 * 24 * 60 * 60 * 1000
"""How long a head may be good for, milliseconds: a hub can keep a newer version back for as long as that."""
_FIELDS: Final = 9


@dataclass(frozen=True, slots=True)
class Head:
    """One version of a listing. `root` is over `count` entries; times are UTC milliseconds."""

    deployment: DeploymentId
    organisation: OrganisationId
    version: int
    previous: Digest
    root: Digest
    count: int
    issued_at: Millis
    valid_until: Millis


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as it travels: its exact bytes, and the organisation's signature over them."""

    head: bytes
    signature: Signature

    @property
    def hash(self) -> Digest:
        """What the next version names as the one before it."""
        return Digest(hash_with(labels.LISTING_HEAD_HASH, self.head))


def genesis(deployment: DeploymentId, organisation: OrganisationId) -> Digest:
    """What version 1 names as the one before it."""
    return Digest(hash_with(labels.LISTING_GENESIS, cbor.encode([deployment, organisation])))


def sign_head(root: SigningKey, head: Head) -> SignedHead:
    """Signs with the organisation's root. Raises `MalformedListing` if the head could not be read back."""
    h = head
    data = cbor.encode(
        [
            FORMAT,
            h.deployment,
            h.organisation,
            h.version,
            h.previous,
            h.root,
            h.count,
            h.issued_at,
            h.valid_until,
        ]
    )
    parse_head(data)
    return SignedHead(data, root.sign(labels.LISTING_HEAD, data))


def parse_head(data: bytes) -> Head:
    """The head in `data`; its signature is not checked here. Raises `MalformedListing`."""
    try:
        form, deployment, organisation, version, previous, root, count, issued, until = array(
            cbor.decode(data, max_size=MAX_HEAD, max_depth=1), _FIELDS
        )
        whole(form, FORMAT, FORMAT)
        head = Head(
            DeploymentId(identifier(deployment)),
            OrganisationId(identifier(organisation)),
            whole(version, 1),
            Digest(digest(previous)),
            Digest(digest(root)),
            whole(count, 0, MAX_ENTRIES),
            Millis(whole(issued)),
            Millis(whole(until)),
        )
    except Malformed as error:
        raise MalformedListing(f"head: {error}") from None
    if not head.issued_at < head.valid_until <= head.issued_at + MAX_VALIDITY:
        raise MalformedListing("head: not a validity")
    return head


def encode_signed_head(signed: SignedHead) -> bytes:
    """[head, signature]."""
    return cbor.encode([signed.head, signed.signature])


def decode_signed_head(data: bytes) -> SignedHead:
    """The signed head in `data`, unverified. Raises `MalformedListing`."""
    try:
        head, signature = array(cbor.decode(data, max_size=MAX_SIGNED_HEAD, max_depth=1), 2)
        return SignedHead(blob(head), Signature(exactly(signature, SIGNATURE_LENGTH)))
    except Malformed as error:
        raise MalformedListing(f"signed head: {error}") from None


def verify_head(signed: SignedHead, deployment: DeploymentId, roots: Mapping[bytes, PublicKey]) -> Head:
    """The head, once its organisation's pinned root has signed it for this deployment. Its validity is not judged.

    Raises:
        MalformedListing: not a head.
        ForgedListing: of an organisation that nobody pinned, not signed by its root, or for another deployment.

    """
    # Which root to ask stands in the head itself, so it is taken apart first, strictly; nothing of it is believed yet.
    head = parse_head(signed.head)
    root = roots.get(head.organisation)
    if root is None:
        raise ForgedListing("an organisation that the trust file does not name")
    try:
        signing.verify(root, labels.LISTING_HEAD, signed.head, signed.signature)
    except (BadSignature, BadKey):
        raise ForgedListing("not signed by the organisation") from None
    if head.deployment != deployment:
        raise ForgedListing("a listing of another deployment")
    return head


def verify_following(head: Head, newest: SignedHead | None) -> None:
    """Check that `head` continues `newest`, the newest one that is kept (None: nothing is).

    Raises:
        ListingOutOfStep: it does not.

    """
    if newest is None:
        first = genesis(head.deployment, head.organisation)
        if head.version != 1 or head.previous != first:
            raise ListingOutOfStep("not a first version")
        return
    before = parse_head(newest.head)
    if head.version != before.version + 1 or head.previous != newest.hash or head.issued_at < before.issued_at:
        raise ListingOutOfStep(f"version {before.version} is the newest")


def verify_current(signed: SignedHead, head: Head, pinned: SignedHead | None, at: Millis) -> None:
    """Check that `head` is not older than what this end has `pinned`, and still good at `at`.

    Raises:
        OlderListing, ForkedListing: the hub goes back, or tells two stories.
        ExpiredListing: its validity is over.

    """
    if pinned is not None:
        before = parse_head(pinned.head)
        if head.version < before.version:
            raise OlderListing
        if head.version == before.version and signed.head != pinned.head:
            raise ForkedListing
        if head.version == before.version + 1 and head.previous != pinned.hash:
            raise ForkedListing
    if at >= head.valid_until:
        raise ExpiredListing
