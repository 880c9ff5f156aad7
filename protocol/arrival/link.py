"""The invitation link: `https://hub/velkommen#FRAGMENT`. What stands behind # never leaves the phone for the hub.

    fragment = base32([version 1] ‖ secret (20) ‖ card digest (16) ‖ check (3))      64 letters and digits

The secret is 160 random bits, used once. The card digest binds the link to one card: whoever reads the link over the
user's shoulder and also runs the hub still cannot put another inviter or other roots in its place. The check tells a
link that was copied wrong from one that was never made. Upper case throughout: a QR code holds it in 5.5 bits a sign.
"""

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from typing import Final

from crypto import labels
from crypto.derivation import derive_key
from crypto.hashing import Digest, hash_with
from domain.ids import Bytes16
from protocol.arrival.errors import BadLink, LinkFault

SECRET_LENGTH: Final = 20
CARD_DIGEST: Final = 16
PATH: Final = "/velkommen"
MAX_LINK: Final = 2048
_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)(?P<path>/[a-z/]*)(?:\?[^#]*)?",
    re.IGNORECASE | re.ASCII,
)
_VERSION: Final = 1
_CHECK: Final = 3
_BODY: Final = 1 + SECRET_LENGTH + CARD_DIGEST
_SIGNS: Final = (_BODY + _CHECK) * 8 // 5


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says. `secret`: 20 random bytes; `card`: the first 16 bytes of the card's hash."""

    secret: bytes = field(repr=False)
    card: bytes

    @property
    def id(self) -> Bytes16:
        """The invitation's id, by which the hub keeps its mailbox; says nothing about the secret."""
        return Bytes16(derive_key(self.secret, salt=b"", label=labels.INVITATION_ID, context=b"")[:16])


def new_link(secret: bytes, card_hash: Digest) -> Link:
    """The link for a card. Raises ValueError on a secret of another length."""
    if len(secret) != SECRET_LENGTH:
        msg = "an invitation's secret is 20 bytes"
        raise ValueError(msg)
    return Link(secret, card_hash[:CARD_DIGEST])


def encode_fragment(link: Link) -> str:
    """What stands behind the #."""
    body = bytes((_VERSION,)) + link.secret + link.card
    return b32encode(body + _check(body)).decode("ascii")


def encode_link(hub: str, link: Link) -> str:
    """The whole link, for the hub at this address."""
    return f"{hub.rstrip('/')}{PATH}#{encode_fragment(link)}"


def parse_fragment(fragment: str) -> Link:
    """The link in what stands behind the #; spaces and case do not matter. Raises `BadLink`."""
    signs = "".join(fragment.split()).upper()
    if not signs.isascii() or not signs.isalnum():
        raise BadLink(LinkFault.NO_LINK)
    if len(signs) < _SIGNS:
        raise BadLink(LinkFault.CUT_SHORT)
    if len(signs) > _SIGNS:
        raise BadLink(LinkFault.DAMAGED)
    try:
        data = b32decode(signs)
    except ValueError:
        raise BadLink(LinkFault.DAMAGED) from None
    body = data[:_BODY]
    if _check(body) != data[_BODY:]:
        raise BadLink(LinkFault.DAMAGED)
    if body[0] != _VERSION:
        raise BadLink(LinkFault.NEWER)
    return Link(body[1 : 1 + SECRET_LENGTH], body[1 + SECRET_LENGTH :])


def parse_link(text: str) -> tuple[str, Link]:
    """The hub's address and the link, from what somebody scanned or pasted. Raises `BadLink`."""
    text = "".join(text.split())
    if len(text) > MAX_LINK:
        raise BadLink(LinkFault.NO_LINK)
    address, _, fragment = text.partition("#")
    parts = _ADDRESS.fullmatch(address)
    if parts is None or parts["path"].lower().rstrip("/") != PATH:
        raise BadLink(LinkFault.NO_LINK)
    if not fragment:
        raise BadLink(LinkFault.CUT_SHORT)
    return f"{parts['scheme'].lower()}://{parts['host']}", parse_fragment(fragment)


def _check(body: bytes) -> bytes:
    return hash_with(labels.INVITATION_CHECK, body)[:_CHECK]
