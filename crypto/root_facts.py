"""What is stated about an organisation's root: that another takes its place, and what of each stream then still counts.

`root-replaced` stands in the organisation's own stream and is signed by the new root. It carries the word of the old
root (planned), or of other organisations' roots where the old one is lost or stolen (`crypto.root_lines`).
`stream-kept` stands in every stream in which the organisation states something, first under the new root.
"""

from dataclasses import dataclass
from typing import Final

from crypto import labels
from crypto.cbor import CborInput, CborValue, encode
from crypto.errors import BadKey, Malformed
from crypto.hashing import Digest
from crypto.shapes import Id, array, digest, exactly, fields, identifier, strictly_rising, whole
from crypto.signing import PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, PublicKey, Signature, SigningKey, verify_public_key

FORMAT: Final = 1
MAX_SUPPORT: Final = 64
"""Organisations that vouch for one replacement, and organisations whose replacements one statement has seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far an organisation's own stream goes: `n` statements, then this head. 0 statements: no stream yet."""

    organisation: Id
    n: int
    head: Digest


@dataclass(frozen=True, slots=True)
class Replacement:
    """What old root and supporters sign: in `organisation`, after `kept`, `new` takes the place of `old`."""

    deployment: Id
    kept: Place
    old: PublicKey
    new: PublicKey


@dataclass(frozen=True, slots=True)
class Support:
    """One other organisation's word, under the root it had after `n` statements of its own stream."""

    organisation: Id
    n: int
    signature: Signature


@dataclass(frozen=True, slots=True)
class RootReplaced:
    """`new` takes the place of `old`, the root after `kept_n` statements of this stream.

    Planned: `by_old` is the old root's word. Else `support` is that of other organisations, and every replacement that
    stands after `kept_n` counts for nothing. `seen`: other organisations' replacements that the new root vouches for.
    """

    old: PublicKey
    new: PublicKey
    kept_n: int
    kept_head: Digest
    by_old: Signature | None
    support: tuple[Support, ...]
    seen: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class StreamKept:
    """What the issuer stated in the first `n` statements of this stream counts; what it stated since does not."""

    n: int


def support_bytes(replacement: Replacement, by: Id, n: int) -> bytes:
    """[1, deployment, organisation, kept n, kept head, old, new, by, n]: what is signed under `root-replacement`."""
    kept = replacement.kept
    return encode(
        [
            FORMAT,
            identifier(replacement.deployment),
            identifier(kept.organisation),
            kept.n,
            kept.head,
            replacement.old,
            replacement.new,
            identifier(by),
            n,
        ]
    )


def sign_support(root: SigningKey, replacement: Replacement, by: Id, n: int) -> Signature:
    """The word of `by`, whose own stream has `n` statements. The old root signs as the organisation itself."""
    return root.sign(labels.ROOT_REPLACEMENT, support_bytes(replacement, by, n))


def replaced_facts(fact: RootReplaced) -> dict[str, CborInput]:
    """The facts of `root-replaced`."""
    support: list[CborInput] = [[one.organisation, one.n, one.signature] for one in fact.support]
    seen: list[CborInput] = [[one.organisation, one.n, one.head] for one in fact.seen]
    return {
        "old": fact.old,
        "new": fact.new,
        "kept_n": fact.kept_n,
        "kept_head": fact.kept_head,
        "by_old": fact.by_old,
        "support": support,
        "seen": seen,
    }


def parse_replaced(value: CborValue) -> RootReplaced:
    """The facts of `root-replaced`. Raises `Malformed`."""
    old, new, kept_n, kept_head, by_old, support, seen = fields(
        value, "old", "new", "kept_n", "kept_head", "by_old", "support", "seen"
    )
    words = tuple(_support(one) for one in _few(support))
    strictly_rising([one.organisation for one in words])
    places = tuple(_place(one) for one in _few(seen))
    strictly_rising([one.organisation for one in places])
    if (by_old is None) is not bool(words):
        raise Malformed("either the old root's word, or that of other organisations")
    signed = None if by_old is None else Signature(exactly(by_old, SIGNATURE_LENGTH))
    return RootReplaced(_key(old), _key(new), whole(kept_n), digest(kept_head), signed, words, places)


def parse_kept(value: CborValue) -> StreamKept:
    """The facts of `stream-kept`. Raises `Malformed`."""
    (n,) = fields(value, "n")
    return StreamKept(whole(n, 1))


def _few(value: CborValue) -> list[CborValue]:
    items = array(value)
    if len(items) > MAX_SUPPORT:
        raise Malformed("too many organisations")
    return items


def _support(value: CborValue) -> Support:
    organisation, n, signature = array(value, 3)
    return Support(identifier(organisation), whole(n), Signature(exactly(signature, SIGNATURE_LENGTH)))


def _place(value: CborValue) -> Place:
    organisation, n, head = array(value, 3)
    return Place(identifier(organisation), whole(n, 1), digest(head))


def _key(value: CborValue) -> PublicKey:
    try:
        return verify_public_key(exactly(value, PUBLIC_KEY_LENGTH))
    except BadKey:
        raise Malformed("not a public key") from None
