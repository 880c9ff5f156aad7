"""The card: what an invitation is for. Both codes and the transcript are made over its exact bytes."""

from dataclasses import dataclass
from typing import Final

from crypto import cbor, labels
from crypto.errors import BadKey, Malformed
from crypto.hashing import Digest, hash_with
from crypto.shapes import array, digest, exactly, identifier, whole
from crypto.signing import PUBLIC_KEY_LENGTH, PublicKey, verify_public_key
from domain.ids import ChannelId, DeploymentId, DeviceId, Millis, PrincipalId
from domain.ids import Digest as DomainDigest
from protocol.arrival.errors import BadInvitation

MAX_CARD: Final = 512
MAX_VALIDITY: Final = 30 * 24 * 60 * 60 * 1000
"""The longest an invitation may stay open, milliseconds."""
_FORMAT: Final = 1
_FIELDS: Final = 9


@dataclass(frozen=True, slots=True)
class Card:
    """`genesis`: the channel's head after its first record. `anchors`: the hash of the trust file the user starts with,
    so of the organisations' roots and the hub's key. `device` and `public_key` are the inviter's."""

    deployment: DeploymentId
    channel: ChannelId
    genesis: DomainDigest
    anchors: DomainDigest
    inviter: PrincipalId
    device: DeviceId
    public_key: PublicKey
    expires_at: Millis


def encode_card(card: Card) -> bytes:
    """The card's bytes."""
    c = card
    place: list[cbor.CborInput] = [_FORMAT, c.deployment, c.channel, c.genesis, c.anchors]
    return cbor.encode([*place, c.inviter, c.device, c.public_key, c.expires_at])


def decode_card(data: bytes) -> Card:
    """The card in `data`. Raises `BadInvitation`."""
    try:
        f = array(cbor.decode(data, max_size=MAX_CARD, max_depth=1), _FIELDS)
        whole(f[0], _FORMAT, _FORMAT)
        key = verify_public_key(exactly(f[7], PUBLIC_KEY_LENGTH))
        return Card(
            deployment=DeploymentId(identifier(f[1])),
            channel=ChannelId(identifier(f[2])),
            genesis=DomainDigest(digest(f[3])),
            anchors=DomainDigest(digest(f[4])),
            inviter=PrincipalId(identifier(f[5])),
            device=DeviceId(identifier(f[6])),
            public_key=key,
            expires_at=Millis(whole(f[8])),
        )
    except (Malformed, BadKey):
        raise BadInvitation("card") from None


def card_hash(card: bytes) -> Digest:
    """The hash of a card's bytes; its first half stands in the link."""
    return hash_with(labels.INVITATION_CARD, card)


def anchors_hash(trust_file: bytes) -> DomainDigest:
    """The hash of the trust file that the user gets, exactly as it travels."""
    return DomainDigest(hash_with(labels.INVITATION_ANCHORS, trust_file))
