"""What organisations hand each other when one of them has lost its root: a plea (`.rot`), and each one's word for it.

Neither file is secret. What matters is that those who vouch have heard, from people they know, the same check code: so
that they vouch for that organisation's new root, and not for a thief's.
"""

from dataclasses import dataclass
from typing import Final

from crypto import cbor, labels
from crypto.errors import BadKey, CryptoError
from crypto.hashing import hash_with
from crypto.recovery_codes import SECRET_LENGTH, format_recovery_code
from crypto.root_facts import Place, Replacement, Support
from crypto.shapes import array, blob, digest, exactly, identifier, whole
from crypto.signing import PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, PublicKey, Signature, verify_public_key
from samsnakk.errors import SamsnakkError

FORMAT: Final = 1
MAX_FILE: Final = 4096
_GROUPS_SHOWN: Final = 19


class BadRootFile(SamsnakkError):
    """The file is not one of these, or not about what it should be."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "Ask for the file again.")


@dataclass(frozen=True, slots=True)
class Word:
    """One organisation's word, and what it is for."""

    asked: Replacement
    support: Support


def check_code(asked: Replacement) -> str:
    """What people read aloud to compare a plea: XXXX-XXXX-XXXX-XXXX, 80 bits over all that is signed."""
    said = hash_with(labels.ROOT_PLEA, encode_plea(asked))
    return format_recovery_code(said[:SECRET_LENGTH])[:_GROUPS_SHOWN]


def encode_plea(asked: Replacement) -> bytes:
    """[1, deployment, organisation, kept n, kept head, old root, new root]."""
    kept = asked.kept
    return cbor.encode([FORMAT, asked.deployment, kept.organisation, kept.n, kept.head, asked.old, asked.new])


def parse_plea(data: bytes) -> Replacement:
    """Raises `BadRootFile`."""
    try:
        form, deployment, organisation, n, head, old, new = array(cbor.decode(data, max_size=MAX_FILE), 7)
        whole(form, FORMAT, FORMAT)
        place = Place(identifier(organisation), whole(n), digest(head))
        return Replacement(identifier(deployment), place, _key(old), _key(new))
    except CryptoError:
        raise BadRootFile("not a file that asks for a new root") from None


def encode_word(word: Word) -> bytes:
    """[1, plea, organisation, n, signature]."""
    support = word.support
    return cbor.encode([FORMAT, encode_plea(word.asked), support.organisation, support.n, support.signature])


def parse_word(data: bytes) -> Word:
    """Raises `BadRootFile`."""
    try:
        form, plea, organisation, n, signature = array(cbor.decode(data, max_size=MAX_FILE), 5)
        whole(form, FORMAT, FORMAT)
        signed = Signature(exactly(signature, SIGNATURE_LENGTH))
        return Word(parse_plea(blob(plea)), Support(identifier(organisation), whole(n), signed))
    except CryptoError:
        raise BadRootFile("not a file in which an organisation vouches for a new root") from None


def _key(value: cbor.CborValue) -> PublicKey:
    key = exactly(value, PUBLIC_KEY_LENGTH)
    try:
        return verify_public_key(key)
    except BadKey:
        raise BadRootFile("not a public key") from None
