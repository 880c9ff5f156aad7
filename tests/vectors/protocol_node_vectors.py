"""Vectors of what a device asks its organisation's node."""

from typing import Any

from crypto.cbor import decode, encode
from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.labels import NODE_REQUEST, READ_REQUEST
from crypto.signing import SigningKey, sign
from domain.ids import Millis, OrganisationId, PrincipalId
from protocol.node_requests import (
    Admit,
    Certify,
    EndPrincipal,
    NodeRequest,
    Renew,
    RenewInbox,
    RevokeDevice,
    Rotate,
    SealKeyring,
    Wish,
    sign_node_request,
)
from tests.crypto.fixed import some_bytes, some_id
from tests.protocol.keyholders import ANNA, MALLORY
from tests.protocol.stream_builder import PLACE
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, finished, in_hex

LARGE = 1 << 20
DESK = PrincipalId(some_id("clinic desk"))
AFTER = tuple(sorted({some_id("Anna"): 3, some_id("Arne"): 5}.items()))


def node_requests(_standing: Standing) -> list[Case]:
    kem, key = KemKey.from_seed(some_bytes("KEM seed")).public, ANNA.signing.public
    wishes: dict[str, Wish] = {
        "a first certificate": Certify(key, kem),
        "a certificate": Certify(key, None),
        "another device": Admit(MALLORY.device, MALLORY.signing.public),
        "a key version": Rotate(2, kem),
        "a key version with its keyring": Renew(2, kem, Digest(some_bytes("keyring hash"))),
        "a keyring": SealKeyring(Digest(some_bytes("keyring hash"))),
        "a lost device": RevokeDevice(MALLORY.device),
        "an end": EndPrincipal(),
        "an inbox's new key": RenewInbox(DESK, 2, kem, AFTER),
    }
    good = {name: _signed(wish) for name, wish in wishes.items()}
    ended: Any = decode(good["an end"], max_size=LARGE)
    items: Any = decode(ended[0], max_size=LARGE)

    def resigned(name: str, *changed: Any, signer: bytes = ANNA.device, by: SigningKey = ANNA.signing) -> Case:
        body = encode(list(changed))
        return _case(name, in_hex([body, signer + sign(by, NODE_REQUEST, body)]))

    def inbox_key(name: str, **changed: Any) -> Case:
        facts = {"inbox": DESK, "version": 2, "kem": kem, "after": [list(row) for row in AFTER], **changed}
        return resigned(name, *items[:4], "inbox-key", facts, *items[6:])

    relabelled = in_hex([ended[0], ANNA.device + sign(ANNA.signing, READ_REQUEST, ended[0])])
    cases = [
        resigned("signed with another key", *items, by=MALLORY.signing),
        resigned("naming another device than its signer", *items, signer=MALLORY.device),
        _case("signed under another label", relabelled),
        resigned("of protocol 2", 2, *items[1:]),
        resigned("a wish nobody knows", *items[:4], "promote", *items[5:]),
        resigned("an end with facts", *items[:5], {"device": ANNA.device}, *items[6:]),
        resigned("key version 0", *items[:4], "rotate", {"version": 0, "kem": kem}, *items[6:]),
        resigned("another device without its key", *items[:4], "admit", {"device": MALLORY.device}, *items[6:]),
        resigned("a key version without its keyring", *items[:4], "renew", {"version": 2, "kem": kem}, *items[6:]),
        resigned("a KEM key too short", *items[:4], "rotate", {"version": 2, "kem": kem[:-1]}, *items[6:]),
        inbox_key("an inbox's key for nobody", after=[]),
        inbox_key("an inbox's key for somebody twice", after=[list(AFTER[0])] * 2),
        inbox_key("an inbox's key with people out of order", after=[list(row) for row in AFTER[::-1]]),
        inbox_key("an inbox's key read before anything was said", after=[[AFTER[0][0], 0]]),
        inbox_key("an inbox's key of version 0", version=0),
        resigned("with a field more", *items, None),
        _case("with a byte behind", good["an end"].hex() + "00"),
        _case("nothing", ""),
    ]
    return finished("node_requests.json", [*(_case(name, signed.hex()) for name, signed in good.items()), *cases])


def _signed(wish: Wish) -> bytes:
    organisation = OrganisationId(some_id("organisation"))
    request = NodeRequest(
        PLACE.deployment, organisation, ANNA.device, wish, some_id("request"), Millis(1_700_000_000_000)
    )
    return sign_node_request(request, ANNA.signing)


def _case(name: str, request: str) -> Case:
    return {"name": name, "public_key": ANNA.signing.public.hex(), "request": request}


FILES = {"node_requests.json": ("What a device asks its organisation's node.", node_requests)}
