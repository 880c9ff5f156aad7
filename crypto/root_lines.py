"""Which roots an organisation has had, and which one it has now (protocol §3, docs/adr on replaced roots).

An organisation's own stream exists only once its root was replaced: a chain of `root-replaced`. Each link is checked by
itself (`read_links`); then all organisations together, because they vouch for one another (`resolve`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crypto import labels
from crypto.errors import BadChain, BadKey, BadSignature
from crypto.hashing import Digest
from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import SignedStatement, parse_statement
from crypto.root_facts import Place, Replacement, RootReplaced, Support, support_bytes
from crypto.shapes import Id
from crypto.signing import PublicKey, Signature, verify

FEWEST: Final = 2
"""One organisation alone never replaces the root of another."""


@dataclass(frozen=True, slots=True)
class Link:
    """One replacement, consistent in itself; `head` is the stream's head after it."""

    fact: RootReplaced
    head: Digest


Links = tuple[Link, ...]


def quorum(organisations: int) -> int:
    """How many others must vouch where this many are pinned: more than half of the others, and at least two."""
    return max(FEWEST, (organisations - 1) // 2 + 1)


def read_links(deployment: Id, organisation: Id, entries: Sequence[SignedStatement]) -> Links:
    """The replacements in an organisation's own stream; that they are authorised is not checked here.

    Raises `BadChain`, `BadSignature`, `Malformed`.
    """
    links: list[Link] = []
    head, issued_at = genesis_head(deployment, organisation), 0
    for n, entry in enumerate(entries, 1):
        statement = parse_statement(entry.statement)
        if (statement.deployment, statement.principal, statement.issuer) != (deployment, organisation, organisation):
            raise BadChain("a statement of another stream")
        if (statement.n, statement.previous) != (n, head) or statement.issued_at < issued_at:
            raise BadChain("a statement that does not follow the one before it")
        fact = statement.fact
        if not isinstance(fact, RootReplaced):
            raise BadChain("an organisation's own stream says nothing but its roots")
        _verify(fact.new, labels.KEY_STATEMENT, entry.statement, entry.signature)
        _verify_link(deployment, organisation, links, fact)
        head, issued_at = next_head(head, entry), statement.issued_at
        links.append(Link(fact, head))
    return tuple(links)


def _verify_link(deployment: Id, organisation: Id, before: Sequence[Link], fact: RootReplaced) -> None:
    n = len(before)
    if fact.new in {key for link in before for key in (link.fact.old, link.fact.new)} | {fact.old}:
        raise BadChain("a root that was there before")
    if before and fact.old != _root_after(before, fact.kept_n):
        raise BadChain("not the root that stands there")
    kept = Place(organisation, fact.kept_n, fact.kept_head)
    if fact.kept_n > n or fact.kept_head != _head_after(deployment, organisation, before, fact.kept_n):
        raise BadChain("kept up to a place that is not in the stream")
    if fact.by_old is not None:
        if fact.kept_n != n:
            raise BadChain("the old root speaks for the end of the stream only")
        asked = support_bytes(Replacement(deployment, kept, fact.old, fact.new), organisation, n)
        _verify(fact.old, labels.ROOT_REPLACEMENT, asked, fact.by_old)
    elif fact.kept_n < max((m for m, link in enumerate(before, 1) if link.fact.support), default=0):
        # Else who once had the root that others vouched for could play the same words again.
        raise BadChain("others have vouched for a later root already")


def _root_after(links: Sequence[Link], n: int) -> PublicKey:
    return links[n - 1].fact.new if n else links[0].fact.old


def _head_after(deployment: Id, organisation: Id, links: Sequence[Link], n: int) -> Digest | None:
    if n > len(links):
        return None
    return links[n - 1].head if n else genesis_head(deployment, organisation)


def _verify(root: PublicKey, label: labels.Label, message: bytes, signature: Signature) -> None:
    try:
        verify(root, label, message, signature)
    except BadKey:
        raise BadChain("a root that is not a key") from None


def roots_of(pinned: PublicKey, links: Links) -> tuple[PublicKey, ...]:
    """All roots in the order in which they came, the newest last. A stream may have been signed under each of them."""
    return (links[0].fact.old, *(link.fact.new for link in links)) if links else (pinned,)


def resolve(deployment: Id, streams: Mapping[Id, Links], pins: Mapping[Id, PublicKey]) -> None:
    """Check that every replacement of every organisation was somebody's to make.

    `pins` are the roots of all organisations in the trust file: the first one, or any later one, which then vouches
    for what stands before it. Raises `BadChain`.
    """
    good = {organisation: _pinned_at(pins.get(organisation), links) for organisation, links in streams.items()}
    known = _Known(deployment, streams, pins, good)
    moved = True
    while moved:
        moved = False
        for organisation, links in streams.items():
            if good[organisation] < len(links) and known.is_authorised(organisation, good[organisation]):
                good[organisation] += 1
                moved = True
    if any(good[organisation] < len(links) for organisation, links in streams.items()):
        raise BadChain("a root that too few vouch for")


def _pinned_at(pin: PublicKey | None, links: Links) -> int:
    if pin is None or pin not in roots_of(pin, links):
        raise BadChain("not a stream of the pinned root")
    return roots_of(pin, links).index(pin)


@dataclass(frozen=True, slots=True)
class _Known:
    """`good`: how many replacements of each organisation are known to be authorised so far."""

    deployment: Id
    streams: Mapping[Id, Links]
    pins: Mapping[Id, PublicKey]
    good: Mapping[Id, int]

    def is_authorised(self, organisation: Id, index: int) -> bool:
        """Whether a replacement whose predecessors are authorised is so too."""
        own = self.streams[organisation]
        fact = own[index].fact
        if fact.by_old is not None:
            return True  # signed by the root before it, which is authorised
        asked = Replacement(self.deployment, Place(organisation, fact.kept_n, fact.kept_head), fact.old, fact.new)
        # Two organisations with one root are one voice.
        vouching = {self._root(one, asked, own, index) for one in fact.support} - {None}
        return len(vouching) >= quorum(len(self.pins))

    def _root(self, support: Support, asked: Replacement, own: Links, index: int) -> PublicKey | None:
        """The root that vouches in this word; None where it is worth nothing."""
        by = support.organisation
        pin, links = self.pins.get(by), self.streams.get(by, ())
        if pin is None or by == asked.kept.organisation or support.n > self.good.get(by, 0):
            return None
        root = roots_of(pin, links)[support.n]
        standing = _still_stands(support, links, Place(asked.kept.organisation, index + 1, own[index].head), own)
        return root if standing and _signed(root, asked, support) else None


def _still_stands(support: Support, links: Links, place: Place, own: Links) -> bool:
    """The supporter's own root was not replaced since, or its newest root has seen this very replacement."""
    if support.n == len(links):
        return True
    seen = [one for one in links[-1].fact.seen if one.organisation == place.organisation]
    return any(place.n <= one.n <= len(own) and own[one.n - 1].head == one.head for one in seen)


def _signed(root: PublicKey, asked: Replacement, support: Support) -> bool:
    message = support_bytes(asked, support.organisation, support.n)
    try:
        verify(root, labels.ROOT_REPLACEMENT, message, support.signature)
    except (BadKey, BadSignature):
        return False
    return True
