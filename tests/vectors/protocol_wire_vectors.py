"""Vectors of what goes over the wire and into messages: frames, requests, contents."""

from typing import Any, get_args

from crypto.cbor import decode, encode
from crypto.labels import CHALLENGE, READ_REQUEST
from crypto.signing import SigningKey, sign
from domain.access.events import Purpose
from domain.ids import Millis, ThreadNo
from protocol import frames
from protocol.contents import KnownContent, encode_content
from protocol.requests import ReadRequest, sign_request
from tests.crypto.fixed import some_bytes, some_id
from tests.protocol.examples import example_of
from tests.protocol.keyholders import ANNA, MALLORY
from tests.protocol.stream_builder import PLACE
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, finished, in_hex

LARGE = 1 << 20


def every_frame(_standing: Standing) -> list[Case]:
    cases = [
        {
            "name": f"{kind.__struct_config__.tag}, {'full' if full else 'bare'}, read by the {end}",
            "end": side,
            "data": frames.encode(example_of(kind, full=full)).hex(),
        }
        for end, side, kinds in (("hub", "client", frames.ClientFrame), ("client", "hub", frames.HubFrame))
        for kind in get_args(kinds)
        for full in (True, False)
    ]
    bad: dict[str, Any] = {
        "an unknown frame": ["subscribe-all", bytes(16)],
        "a frame of the hub": ["pong", 1, 2],
        "a field less": ["ping"],
        "a field more": ["ping", 1, 2],
        "a boolean for a number": ["ping", True],
        "a negative number": ["ping", -1],
        "a short id": ["unsubscribe", bytes(15)],
        "text for bytes": ["unsubscribe", "AAAAAAAAAAAAAAAAAAAAAA=="],
        "a unit of no acts": ["send", bytes(16), []],
        "a unit of 65 acts": ["send", bytes(16), [[b"", b"", None]] * 65],
        "a map": {"frame": "ping", "mark": 1},
        "no frame": [],
    }
    wrong = [{"name": name, "end": "client", "data": in_hex(value)} for name, value in bad.items()]
    behind = {"name": "a byte behind", "end": "client", "data": frames.encode(frames.Ping(1)).hex() + "00"}
    longer = {"name": "a number not in its shortest form", "end": "client", "data": "826470696e671801"}
    return finished("frames.json", [*cases, *wrong, behind, longer])


def requests(_standing: Standing) -> list[Case]:
    request = ReadRequest(
        place=PLACE,
        person=ANNA.person,
        device=ANNA.device,
        organisation=ANNA.organisation,
        role=None,
        purpose=Purpose.TREATMENT,
        threads=(ThreadNo(0), ThreadNo(2)),
        request_id=some_id("request"),
        made_at=Millis(1_700_000_000_000),
        action="subscribe",
    )
    signed = sign_request(request, ANNA.signing)
    inner: Any = decode(signed, max_size=LARGE)
    fields: Any = decode(inner[0], max_size=LARGE)
    key = ANNA.signing.public.hex()

    def resigned(name: str, *changed: Any, signer: bytes = ANNA.device, by: SigningKey = ANNA.signing) -> Case:
        body = encode(list(changed))
        return {"name": name, "public_key": key, "request": in_hex([body, signer + sign(by, READ_REQUEST, body)])}

    login = {
        "name": "a login challenge",
        "protocol": 1,
        "deployment": PLACE.deployment.hex(),
        "device": ANNA.device.hex(),
        "nonce": some_bytes("nonce").hex(),
        "seed": some_bytes(f"signing seed of telephone of {ANNA.name}").hex(),
    }
    body = encode(fields)
    return finished(
        "requests.json",
        [
            login,
            {"name": "a request to subscribe", "public_key": key, "request": signed.hex()},
            resigned("for a role and all threads", *fields[:6], some_id("clinic desk"), fields[7], [], *fields[9:]),
            resigned("signed with another key", *fields, by=MALLORY.signing),
            resigned("naming another device than its signer", *fields, signer=MALLORY.device),
            {
                "name": "signed under another label",
                "public_key": key,
                "request": in_hex([body, ANNA.device + sign(ANNA.signing, CHALLENGE, body)]),
            },
            {"name": "under a key of small order", "public_key": "01" + "00" * 31, "request": signed.hex()},
            resigned("of protocol 2", 2, *fields[1:]),
            resigned("of protocol true", True, *fields[1:]),
            resigned("for a purpose nobody knows", *fields[:7], "curiosity", *fields[8:]),
            resigned("with a list as purpose", *fields[:7], [], *fields[8:]),
            resigned("with a boolean as thread", *fields[:8], [True], *fields[9:]),
            resigned("with a field more", *fields, None),
            {"name": "with a byte behind", "public_key": key, "request": signed.hex() + "00"},
            {"name": "nothing", "public_key": key, "request": ""},
        ],
    )


def contents(_standing: Standing) -> list[Case]:
    good = {
        f"{kind.__struct_config__.tag}, {'full' if full else 'bare'}": encode_content(example_of(kind, full=full))
        for kind in get_args(KnownContent)
        for full in (True, False)
    }
    text = {"kind": "text", "reply_to": None, "text": "Bures!"}
    other: dict[str, Any] = {
        "a kind of a newer program": {"kind": "hologram", "depth": 3},
        "a field left out": {"kind": "text", "text": "Bures!"},
        "a field more": {**text, "more": 1},
        "no kind": {"text": "Bures!"},
        "no map": ["text"],
        "a number for text": {**text, "text": 1},
        "a text of more than 64 KiB": {**text, "text": "x" * 65_537},
    }
    return finished(
        "contents.json",
        [{"name": name, "content": content.hex()} for name, content in good.items()]
        + [{"name": name, "content": in_hex(value)} for name, value in other.items()]
        + [{"name": "U+0000 in text", "content": in_hex(text).replace(b"Bures!".hex(), b"Bur\x00s!".hex())}]
        + [{"name": "a byte behind", "content": in_hex(text) + "00"}],
    )


FILES = {
    "frames.json": ("Every frame of the wire, and what is no frame.", every_frame),
    "requests.json": ("Signed read requests, and the bytes a device signs to log in.", requests),
    "contents.json": ("What is sealed in messages.", contents),
}
