"""What each end keeps, sealed, of an arrival under way, so that a telephone may die in the middle of it."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from crypto import cbor
from crypto.errors import CryptoError
from crypto.shapes import array, blob, digest, exactly, short_text, whole
from domain.ids import Digest, Millis
from protocol.arrival.link import CARD_DIGEST, SECRET_LENGTH, Link
from protocol.arrival.messages import MAX_OPENING, Answer
from samsnakk.errors import BadProfile

_LIMIT: Final = 2 * MAX_OPENING


class Place(IntEnum):
    """Which row of a channel's arrivals."""

    INVITING = 0
    ARRIVING = 1
    SAFETY = 2


@dataclass(frozen=True, slots=True)
class KeptInvitation:
    """An invitation that is out: link, card, sealed opening, what the user is called, the answer once it holds."""

    link: Link
    card: bytes
    opening: bytes = field(repr=False)
    name: str = field(repr=False)
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class KeptArrival:
    """An arrival under way: the link, the card it is bound to, the user's answer as made and as sealed, and the hub."""

    link: Link
    card: bytes
    answer: Answer
    sealed: bytes = field(repr=False)
    hub: str


@dataclass(frozen=True, slots=True)
class KeptSafety:
    """The transcript this end itself took part in, and when its code was compared (ms), if it was."""

    transcript: Digest
    compared_at: Millis | None = None


def encode_invitation(one: KeptInvitation) -> bytes:
    """As it is kept."""
    answer = None if one.answer is None else [one.answer.bundle, one.answer.mac]
    return cbor.encode([one.link.secret, one.link.card, one.card, one.opening, one.name, answer])


def decode_invitation(data: bytes) -> KeptInvitation:
    """And back. Raises `BadProfile`."""
    try:
        secret, short, card, opening, name, answer = array(cbor.decode(data, max_size=_LIMIT), 6)
        link = Link(exactly(secret, SECRET_LENGTH), exactly(short, CARD_DIGEST))
        named = name if isinstance(name, str) else ""
        return KeptInvitation(link, blob(card), blob(opening), named, None if answer is None else _answer(answer))
    except CryptoError:
        raise BadProfile("a kept invitation") from None


def encode_arrival(one: KeptArrival) -> bytes:
    """As it is kept."""
    answer = [one.answer.bundle, one.answer.mac]
    return cbor.encode([one.link.secret, one.link.card, one.card, answer, one.sealed, one.hub])


def decode_arrival(data: bytes) -> KeptArrival:
    """And back. Raises `BadProfile`."""
    try:
        secret, short, card, answer, sealed, hub = array(cbor.decode(data, max_size=_LIMIT), 6)
        link = Link(exactly(secret, SECRET_LENGTH), exactly(short, CARD_DIGEST))
        return KeptArrival(link, blob(card), _answer(answer), blob(sealed), short_text(hub, 2048))
    except CryptoError:
        raise BadProfile("a kept arrival") from None


def encode_safety(one: KeptSafety) -> bytes:
    """As it is kept."""
    return cbor.encode([one.transcript, one.compared_at])


def decode_safety(data: bytes) -> KeptSafety:
    """And back. Raises `BadProfile`."""
    try:
        transcript, compared_at = array(cbor.decode(data, max_size=_LIMIT), 2)
        at = None if compared_at is None else Millis(whole(compared_at))
        return KeptSafety(Digest(digest(transcript)), at)
    except CryptoError:
        raise BadProfile("a kept safety code") from None


def _answer(value: cbor.CborValue) -> Answer:
    bundle, mac = array(value, 2)
    return Answer(blob(bundle), blob(mac))
