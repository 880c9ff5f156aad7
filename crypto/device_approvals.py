"""A new device is let in by an old one: commit, answer, reveal, compare a short code, hand over (protocol §3).

The hub carries every letter and is not trusted with any. The new device commits to its keys before it sees the old
one's answer, so whoever sits in the middle must choose before it can know the code: one guess at 40 bits.
(Vaudenay, "Secure Communications over Insecure Channels Based on Short Authenticated Strings", CRYPTO 2005, §4.)
"""

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from crypto import labels
from crypto.cbor import decode, encode
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.hashing import Digest, hash_with
from crypto.kem import PUBLIC_LENGTH, KemKey, hpke_open, hpke_seal, verify_kem_public
from crypto.labels import labelled
from crypto.recovery_codes import format_signs, parse_signs
from crypto.shapes import ID_LENGTH, Id, SecretKey, array, blob, digest, exactly, identifier, secret, whole
from crypto.signing import PUBLIC_KEY_LENGTH, PublicKey, Signature, SigningKey, verify, verify_public_key

FORMAT: Final = 1
NONCE_LENGTH: Final = 32
CODE_LENGTH: Final = 5
"""Bytes of what people compare, and of a mailbox's name: 40 bits, eight letters and digits."""
MAX_LETTER: Final = 256 * 1024
"""The largest thing that is handed over is a trust file."""
SIGNATURE_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Offer:
    """What the new device is: its id, signing key, KEM key and 32 fresh random bytes."""

    device: Id
    signing_key: PublicKey
    kem_key: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers: the person, the old device's signing key, and 32 fresh random bytes."""

    deployment: Id
    person: Id
    signing_key: PublicKey
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Handover:
    """What the new device gets: whose it is, the keyring's key, the hash of the file that it opens, and the pins."""

    person: Id
    organisation: Id | None
    keyring_key: SecretKey = field(repr=False)
    keyring_hash: Digest
    trust: bytes = field(repr=False)


def encode_offer(offer: Offer) -> bytes:
    """The offer as it travels. Raises `Malformed`."""
    data = encode([FORMAT, offer.device, offer.signing_key, offer.kem_key, offer.nonce])
    parse_offer(data)
    return data


def parse_offer(data: bytes) -> Offer:
    """Raises `Malformed`, also for keys that are none."""
    form, device, key, kem, nonce = array(decode(data, max_size=MAX_LETTER, max_depth=1), 5)
    whole(form, FORMAT, FORMAT)
    try:
        public = verify_kem_public(exactly(kem, PUBLIC_LENGTH))
        return Offer(identifier(device), _public(key), public, exactly(nonce, NONCE_LENGTH))
    except BadKey:
        raise Malformed("not a public key") from None


def encode_answer(answer: Answer) -> bytes:
    """The answer as it travels. Raises `Malformed`."""
    data = encode([FORMAT, answer.deployment, answer.person, answer.signing_key, answer.nonce])
    parse_answer(data)
    return data


def parse_answer(data: bytes) -> Answer:
    """Raises `Malformed`, also for a key that is none."""
    form, deployment, person, key, nonce = array(decode(data, max_size=MAX_LETTER, max_depth=1), 5)
    whole(form, FORMAT, FORMAT)
    try:
        return Answer(identifier(deployment), identifier(person), _public(key), exactly(nonce, NONCE_LENGTH))
    except BadKey:
        raise Malformed("not a public key") from None


def commit(offer: bytes) -> Digest:
    """The commitment to an encoded offer. Its nonce has 256 random bits, so it hides what it commits to."""
    return hash_with(labels.DEVICE_OFFER, offer)


def verify_commitment(commitment: bytes, offer: bytes) -> Offer:
    """The offer, if it is the one that was committed to. Raises `CannotOpen`, `Malformed`."""
    if not compare_digest(commit(offer), commitment):
        raise CannotOpen("not the offer that was committed to")
    return parse_offer(offer)


def check_code(offer: bytes, answer: bytes) -> str:
    """The eight letters and digits that both devices show, over everything that was exchanged (encoded)."""
    return format_signs(hash_with(labels.DEVICE_CODE, encode([offer, answer]))[:CODE_LENGTH])


def mailbox_name(code: str) -> bytes:
    """The 16-byte name of the mailbox that a typed code stands for. It only finds; it proves nothing.

    Raises `Malformed`.
    """
    return hash_with(labels.DEVICE_MAILBOX, parse_signs(code, CODE_LENGTH))[:ID_LENGTH]


def seal_handover(handover: Handover, key: SigningKey, offer: bytes, answer: bytes) -> bytes:
    """Sealed for the offer's KEM key and signed by the answer's key: CBOR [sealed, signature].

    HPKE's base mode says nothing about the sender, and the hub has seen the offer; the signature and the compared
    code say it. Raises `Malformed`.
    """
    content = encode(
        [
            FORMAT,
            handover.person,
            handover.organisation,
            handover.keyring_key,
            handover.keyring_hash,
            handover.trust,
        ]
    )
    sealed = hpke_seal(parse_offer(offer).kem_key, _info(offer, answer), content)
    return encode([sealed, key.sign(labels.DEVICE_HANDOVER_SIGNATURE, _signed(sealed, offer, answer))])


def open_handover(letter: bytes, key: KemKey, offer: bytes, answer: bytes) -> Handover:
    """What was handed over. Raises `BadSignature`, `CannotOpen`, `Malformed`.

    Call it only once a person has said that both devices show the same `check_code`: until then the answer, and the
    key that this checks with, could be anybody's.
    """
    sealed, signature = array(decode(letter, max_size=MAX_LETTER, max_depth=1), 2)
    who = parse_answer(answer)
    made = Signature(exactly(signature, SIGNATURE_LENGTH))
    verify(who.signing_key, labels.DEVICE_HANDOVER_SIGNATURE, _signed(blob(sealed), offer, answer), made)
    content = hpke_open(key, _info(offer, answer), blob(sealed))
    form, person, organisation, ring, file, trust = array(decode(content, max_size=MAX_LETTER, max_depth=1), 6)
    whole(form, FORMAT, FORMAT)
    if person != who.person:
        raise Malformed("another person's handover")
    of = None if organisation is None else identifier(organisation)
    return Handover(identifier(person), of, secret(ring), digest(file), blob(trust))


def _public(value: object) -> PublicKey:
    if not isinstance(value, bytes) or len(value) != PUBLIC_KEY_LENGTH:
        raise Malformed("not a public key")
    return verify_public_key(value)


def _info(offer: bytes, answer: bytes) -> bytes:
    return labelled(labels.DEVICE_HANDOVER, encode([offer, answer]))


def _signed(sealed: bytes, offer: bytes, answer: bytes) -> bytes:
    return encode([sealed, offer, answer])
