"""The three messages of the exchange, each sealed with a key that only the link's secret gives.

    sealed = nonce (12) ‖ AES-256-GCM(key, nonce, aad = label ‖ 0 ‖ [invitation id, card hash or null], content)
    key    = HKDF(secret, info = label ‖ 0 ‖ card hash, or nothing for the opening, which brings the card)

Nonces are random, because two people may hold the secret of a stolen link and each seal an answer of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto import cbor, labels
from crypto.boxes import NONCE_LENGTH, TAG_LENGTH, open_box, seal_box
from crypto.derivation import derive_key
from crypto.errors import CryptoError
from crypto.labels import Label, labelled
from crypto.macs import MAC_LENGTH
from crypto.shapes import SecretKey, array, blob, exactly, fields, identifier, short_text, whole
from domain.ids import OrganisationId, PrincipalId
from protocol.arrival.errors import BadInvitation
from protocol.arrival.link import Link

MAX_OPENING: Final = 128 * 1024
MAX_ANSWER: Final = 8 * 1024
MAX_CONFIRMATION: Final = 256
MAX_TEAM: Final = 256
MAX_NAME: Final = 200
_BOX: Final = NONCE_LENGTH + TAG_LENGTH


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One person or inbox that the user will meet in the channel; the name stands in the trust file."""

    principal: PrincipalId
    organisation: OrganisationId | None
    function: str
    is_tillitsperson: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """What the user is shown before she says yes. `anchors`: her trust file; `threads`: titles of what she will read;
    `staff_only`: how many threads are for staff alone; `name`: what her inviter calls her, perhaps empty."""

    card: bytes
    anchors: bytes
    name: str
    team: tuple[TeamMember, ...]
    threads: tuple[str, ...]
    staff_only: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The user's key bundle, as the wire form of her key stream, and her code over it and the card."""

    bundle: bytes
    mac: bytes


def seal_opening(link: Link, opening: Opening, nonce: bytes) -> bytes:
    """The opening, sealed. Raises `BadInvitation` if it could not be read back."""
    content: dict[str, cbor.CborInput] = {
        "card": opening.card,
        "anchors": opening.anchors,
        "name": opening.name,
        "team": [[m.principal, m.organisation, m.function, m.is_tillitsperson] for m in opening.team],
        "threads": list(opening.threads),
        "staff_only": opening.staff_only,
    }
    sealed = _seal(link, labels.ARRIVAL_OPENING, None, content, nonce)
    open_opening(link, sealed)
    return sealed


def open_opening(link: Link, sealed: bytes) -> Opening:
    """The opening, still unverified: `exchange.verify_opening` holds it against the link. Raises `BadInvitation`."""
    try:
        value = _open(link, labels.ARRIVAL_OPENING, None, sealed, MAX_OPENING)
        card, anchors, name, team, threads, staff_only = fields(
            value, "card", "anchors", "name", "team", "threads", "staff_only"
        )
        return Opening(
            card=blob(card),
            anchors=blob(anchors),
            name=_text(name),
            team=tuple(_member(row) for row in _few(team)),
            threads=tuple(_text(title) for title in _few(threads)),
            staff_only=whole(staff_only),
        )
    except CryptoError:
        raise BadInvitation("opening") from None


def seal_answer(link: Link, card_hash: bytes, answer: Answer, nonce: bytes) -> bytes:
    """The answer, sealed."""
    return _seal(link, labels.ARRIVAL_ANSWER, card_hash, {"bundle": answer.bundle, "mac": answer.mac}, nonce)


def open_answer(link: Link, card_hash: bytes, sealed: bytes) -> Answer:
    """The answer, still unverified: see `exchange.verify_answer`. Raises `BadInvitation`."""
    try:
        bundle, mac = fields(_open(link, labels.ARRIVAL_ANSWER, card_hash, sealed, MAX_ANSWER), "bundle", "mac")
        return Answer(blob(bundle), exactly(mac, MAC_LENGTH))
    except CryptoError:
        raise BadInvitation("answer") from None


def seal_confirmation(link: Link, card_hash: bytes, mac: bytes, nonce: bytes) -> bytes:
    """The inviter's code, sealed."""
    return _seal(link, labels.ARRIVAL_CONFIRMATION, card_hash, {"mac": mac}, nonce)


def open_confirmation(link: Link, card_hash: bytes, sealed: bytes) -> bytes:
    """The inviter's code, still unverified: see `exchange.verify_confirmation`. Raises `BadInvitation`."""
    try:
        (mac,) = fields(_open(link, labels.ARRIVAL_CONFIRMATION, card_hash, sealed, MAX_CONFIRMATION), "mac")
        return exactly(mac, MAC_LENGTH)
    except CryptoError:
        raise BadInvitation("confirmation") from None


def _member(row: cbor.CborValue) -> TeamMember:
    principal, organisation, function, tillitsperson = array(row, 4)
    if not isinstance(tillitsperson, bool):
        raise BadInvitation("team")
    of = None if organisation is None else OrganisationId(identifier(organisation))
    return TeamMember(PrincipalId(identifier(principal)), of, short_text(function, MAX_NAME), tillitsperson)


def _few(value: cbor.CborValue) -> Sequence[cbor.CborValue]:
    found = array(value)
    if len(found) > MAX_TEAM:
        raise BadInvitation("too many")
    return found


def _text(value: cbor.CborValue) -> str:
    return "" if value == "" else short_text(value, MAX_NAME)


def _key_and_aad(link: Link, label: Label, card_hash: bytes | None) -> tuple[SecretKey, bytes]:
    key = derive_key(link.secret, salt=b"", label=label, context=card_hash or b"")
    return key, labelled(label, cbor.encode([link.id, card_hash]))


def _seal(link: Link, label: Label, card_hash: bytes | None, content: cbor.CborInput, nonce: bytes) -> bytes:
    key, aad = _key_and_aad(link, label, card_hash)
    return nonce + seal_box(key, nonce, aad, cbor.encode(content))


def _open(link: Link, label: Label, card_hash: bytes | None, sealed: bytes, limit: int) -> cbor.CborValue:
    if len(sealed) > limit:
        raise BadInvitation("too large")
    key, aad = _key_and_aad(link, label, card_hash)
    content = open_box(key, sealed[:NONCE_LENGTH], aad, sealed[NONCE_LENGTH:])
    return cbor.decode(content, max_size=limit - _BOX, max_depth=3)
