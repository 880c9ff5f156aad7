"""What each end checks, in order, before it believes the other.

The user, before she says yes: the opening opens with the link, its card is the one the link is bound to, the trust file
is the card's. The inviter: the answer opens with the link; the user's code holds over card and bundle; the bundle is a
whole key stream under a root of her own; then `UserArrived` is recorded with the transcript. The user again: the
inviter's code holds over card, bundle and her own code; and what is recorded names her key and this transcript, and was
signed by the card's device in the channel of the card's genesis.
"""

from dataclasses import dataclass, field
from typing import Final

from crypto import cbor, key_streams, labels, macs
from crypto.derivation import derive_key
from crypto.errors import BadSignature, CryptoError
from crypto.hashing import Digest, hash_with
from crypto.key_statements import SignedStatement, parse_statement
from crypto.labels import Label
from crypto.shapes import SecretKey
from domain.channel.terms import KeyRef
from domain.ids import DeploymentId, DeviceId, Millis, PrincipalId
from domain.ids import Digest as DomainDigest
from protocol.arrival.card import Card, anchors_hash, card_hash, decode_card
from protocol.arrival.errors import BadInvitation, InvitationOver, SwappedAnswer, SwappedInvitation
from protocol.arrival.link import CARD_DIGEST, Link
from protocol.arrival.messages import Answer, Opening
from protocol.errors import MalformedFrame
from protocol.published_keys import decode_entries
from protocol.trust import BadTrustFile, Trust, decode_trust

SAFETY_DIGITS: Final = 24
_GROUP: Final = 4
_BUNDLE: Final = 3
"""Statements in a bundle: the root, its first KEM key, its first device."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An opening that holds: what the user may be shown, and the card everything later is bound to."""

    opening: Opening
    card: Card
    trust: Trust = field(repr=False)

    @property
    def card_hash(self) -> Digest:
        """The hash of the card's bytes."""
        return card_hash(self.opening.card)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A user's first keys: who she is (the hash of her root), her KEM key, her device, and the stream that says so."""

    principal: PrincipalId
    key: KeyRef
    device: DeviceId
    entries: tuple[SignedStatement, ...]


def verify_opening(link: Link, opening: Opening, at: Millis) -> Invited:
    """The opening, once it is the one that the link was made for and its time is not up.

    Raises:
        SwappedInvitation: another card or trust file.
        BadInvitation: a form that is none.
        InvitationOver: `at` is past the end.

    """
    if card_hash(opening.card)[:CARD_DIGEST] != link.card:
        raise SwappedInvitation("another card than the link's")
    card = decode_card(opening.card)
    if anchors_hash(opening.anchors) != card.anchors:
        raise SwappedInvitation("another trust file than the card's")
    try:
        trust = decode_trust(opening.anchors)
    except BadTrustFile:
        raise BadInvitation("trust file") from None
    if trust.deployment != card.deployment:
        raise SwappedInvitation("another deployment's trust file")
    if at >= card.expires_at:
        raise InvitationOver
    return Invited(opening, card, trust)


def read_bundle(data: bytes, deployment: DeploymentId) -> Bundle:
    """The user's keys: exactly a root of her own, one KEM key and one device, and nothing else.

    Raises:
        BadInvitation: anything else.

    """
    try:
        entries = decode_entries(data)
        if len(entries) != _BUNDLE:
            raise BadInvitation("bundle")
        principal = parse_statement(entries[0].statement).principal
        state = key_streams.replay(deployment, principal, entries, {})
    except (MalformedFrame, CryptoError):
        raise BadInvitation("bundle") from None
    if len(state.key_versions) != 1 or len(state.certificates) != 1:
        raise BadInvitation("bundle")
    key = state.key_versions[0]
    device = DeviceId(state.certificates[0].device)
    return Bundle(PrincipalId(principal), KeyRef(key.version, DomainDigest(key.kem_hash)), device, entries)


def user_code(link: Link, card: bytes, bundle: bytes) -> bytes:
    """The user's code: over the card (deployment, channel, inviter, anchors, end) and her key bundle."""
    return macs.authenticate(
        _code_key(link, labels.ARRIVAL_USER_MAC, card), labels.ARRIVAL_USER_MAC, _said(card, bundle)
    )


def inviter_code(link: Link, card: bytes, answer: Answer) -> bytes:
    """The inviter's code: over the same and the user's code, under another key and label."""
    said = _said(card, answer.bundle) + answer.mac
    key = _code_key(link, labels.ARRIVAL_INVITER_MAC, card)
    return macs.authenticate(key, labels.ARRIVAL_INVITER_MAC, said)


def verify_answer(link: Link, card: bytes, answer: Answer) -> Bundle:
    """The user's keys, once her code holds. Raises `SwappedAnswer`, `BadInvitation`."""
    key = _code_key(link, labels.ARRIVAL_USER_MAC, card)
    try:
        macs.verify_mac(key, labels.ARRIVAL_USER_MAC, _said(card, answer.bundle), answer.mac)
    except BadSignature:
        raise SwappedAnswer("the user's code does not hold") from None
    return read_bundle(answer.bundle, decode_card(card).deployment)


def verify_confirmation(link: Link, card: bytes, answer: Answer, mac: bytes) -> None:
    """Raises `SwappedInvitation` unless the inviter's code holds."""
    key = _code_key(link, labels.ARRIVAL_INVITER_MAC, card)
    try:
        macs.verify_mac(key, labels.ARRIVAL_INVITER_MAC, _said(card, answer.bundle) + answer.mac, mac)
    except BadSignature:
        raise SwappedInvitation("the inviter's code does not hold") from None


def transcript(link: Link, card: bytes, answer: Answer) -> DomainDigest:
    """The hash of the whole exchange, as `UserArrived` names it: H(arrival-transcript; [card, bundle, both codes])."""
    said = cbor.encode([card, answer.bundle, answer.mac, inviter_code(link, card, answer)])
    return DomainDigest(hash_with(labels.ARRIVAL_TRANSCRIPT, said))


def safety_code(of: DomainDigest) -> str:
    """24 digits in groups of four, the same for everybody who took part in, or recorded, this exchange.

    About 80 bits: somebody who answers in the user's place cannot try keys until the codes look alike.
    """
    number = int.from_bytes(derive_key(of, salt=b"", label=labels.SAFETY_CODE, context=b""), "big")
    digits = f"{number % 10**SAFETY_DIGITS:0{SAFETY_DIGITS}}"
    return " ".join(digits[start : start + _GROUP] for start in range(0, SAFETY_DIGITS, _GROUP))


def _code_key(link: Link, label: Label, card: bytes) -> SecretKey:
    return derive_key(link.secret, salt=card_hash(card), label=label, context=b"")


def _said(card: bytes, bundle: bytes) -> bytes:
    return cbor.encode([card, bundle])
