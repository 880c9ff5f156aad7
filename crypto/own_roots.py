"""A root of one's own: a user or relative is known by the hash of the key that signs their key stream.

So nobody has to pin a user's root beforehand, and nobody can put another in its place: whoever knows the id (it stands
in every record that names her) can check the root, and the root signs all else (docs/adr/0018).
"""

from crypto import labels
from crypto.cbor import encode
from crypto.errors import BadChain
from crypto.hashing import hash_with
from crypto.shapes import ID_LENGTH, Id, identifier
from crypto.signing import PublicKey


def own_id(deployment: Id, root: PublicKey) -> Id:
    """The id of whoever has this root: the first 16 bytes of H(own-root; [deployment, root]).

    Another root of the same id takes 2^128 tries. Two roots of one id can only be made together, by the person herself
    (2^64), who would gain two key streams for herself and nobody else's.
    """
    return hash_with(labels.OWN_ROOT, encode([identifier(deployment), root]))[:ID_LENGTH]


def verify_own_id(deployment: Id, principal: Id, root: PublicKey) -> None:
    """Raises `BadChain` unless `principal` is the id of this root."""
    if own_id(deployment, root) != principal:
        raise BadChain("a root that is not this principal's own")
