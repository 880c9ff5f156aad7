"""Vectors of an organisation's node: its certificate in the vault's key stream, and what it signs to read."""

from typing import Any

from crypto.cbor import decode, encode
from crypto.key_statements import DeviceRevoked, NodeCertified
from crypto.labels import NODE_READ_REQUEST, READ_REQUEST
from crypto.signing import sign
from domain.access.events import Purpose
from domain.ids import DeviceId, Millis, OrganisationId, PrincipalId
from protocol.requests import ReadRequest, sign_request
from tests.crypto.fixed import signing_key, some_id
from tests.crypto.stream_writing import (
    CLINIC,
    DEPLOYMENT,
    PERSON,
    ROOTS,
    STAFF,
    VAULT,
    Said,
    certified,
    version,
    written,
)
from tests.protocol.stream_builder import PLACE
from tests.vectors.crypto_replay import Case
from tests.vectors.plain_vectors import finished as finished_crypto
from tests.vectors.protocol_making import Standing, finished, in_hex

LARGE = 1 << 20


def node(name: str = "node", *, key: str = "", until: int = 10_000) -> NodeCertified:
    return NodeCertified(some_id(name), signing_key(key or name).public, until)


def node_streams(_standing: Standing) -> list[Case]:
    begun = (Said(VAULT), Said(version(1, "A", "B")))
    revoked = Said(DeviceRevoked(some_id("node")))
    streams = {
        "a vault with a node": written(*begun, Said(node())),
        "a node's certificate is renewed": written(*begun, Said(node()), Said(node(until=20_000))),
        "a node is revoked": written(*begun, Said(node()), revoked),
        "a node of a person": written(Said(STAFF), Said(node())),
        "a device of a vault that would sign": written(*begun, Said(certified("node"))),
        "a node that another organisation certifies": written(*begun, Said(node(), CLINIC)),
        "another key for the same node": written(*begun, Said(node()), Said(node(key="other"))),
        "a revoked node comes back": written(*begun, Said(node()), revoked, Said(node(until=20_000))),
        "a certificate that has ended": written(*begun, Said(node(until=1000))),
        "revoking a node that is none": written(*begun, revoked),
    }
    roots = {issuer.hex(): root.hex() for issuer, root in ROOTS.items()}
    place = {"deployment": DEPLOYMENT.hex(), "principal": PERSON.hex(), "roots": roots}
    return finished_crypto(
        "node_streams.json",
        [
            {"name": name, **place, "entries": [[one.statement.hex(), one.signature.hex()] for one in entries]}
            for name, entries in streams.items()
        ],
    )


def node_reading(_standing: Standing) -> list[Case]:
    key = signing_key("node")
    request = ReadRequest(
        place=PLACE,
        person=PrincipalId(some_id("vault")),
        device=DeviceId(some_id("node")),
        organisation=OrganisationId(some_id("clinic")),
        role=None,
        purpose=Purpose.ARCHIVE,
        threads=(),
        request_id=some_id("request"),
        made_at=Millis(1_700_000_000_000),
        action="subscribe",
    )
    signed = sign_request(request, key, NODE_READ_REQUEST)
    inner: Any = decode(signed, max_size=LARGE)
    body = encode(decode(inner[0], max_size=LARGE))
    as_person = in_hex([body, request.device + sign(key, READ_REQUEST, body)])
    as_other = in_hex([body, some_id("telephone") + sign(key, NODE_READ_REQUEST, body)])
    return finished(
        "node_reading.json",
        [
            {"name": "a node subscribes", "public_key": key.public.hex(), "request": signed.hex()},
            {"name": "signed as people sign", "public_key": key.public.hex(), "request": as_person},
            {"name": "naming another device than its signer", "public_key": key.public.hex(), "request": as_other},
            {"name": "nothing", "public_key": key.public.hex(), "request": ""},
        ],
    )


FILES = {
    "node_streams.json": ("Key streams of vaults whose organisation runs a node.", node_streams),
    "node_reading.json": ("What a node signs to read for its organisation's vault.", node_reading),
}
