"""Vectors of what ties a session to a person's devices."""

from typing import Any

from crypto.cbor import decode, encode
from crypto.labels import READ_REQUEST, SESSION_BINDING
from crypto.signing import SigningKey, sign
from domain.ids import Digest, Millis
from protocol.session_binding import MAX_BINDING, SessionBinding, sign_binding
from tests.crypto.fixed import some_bytes
from tests.protocol.keyholders import ANNA, MALLORY
from tests.protocol.stream_builder import PLACE
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, finished, in_hex


def bindings(_standing: Standing) -> list[Case]:
    session = Digest(some_bytes("session"))
    binding = SessionBinding(PLACE.deployment, session, ANNA.person, ANNA.device, Millis(1_700_000_000_000))
    signed = sign_binding(binding, ANNA.signing)
    inner: Any = decode(signed, max_size=MAX_BINDING)
    fields: Any = decode(inner[0], max_size=MAX_BINDING)
    key, body = ANNA.signing.public.hex(), encode(fields)

    def resigned(name: str, *changed: Any, signer: bytes = ANNA.device, by: SigningKey = ANNA.signing) -> Case:
        said = encode(list(changed))
        return {"name": name, "public_key": key, "statement": in_hex([said, signer + sign(by, SESSION_BINDING, said)])}

    other_label = in_hex([body, ANNA.device + sign(ANNA.signing, READ_REQUEST, body)])
    return finished(
        "session_bindings.json",
        [
            {"name": "a session and its person", "public_key": key, "statement": signed.hex()},
            resigned("signed with another key", *fields, by=MALLORY.signing),
            resigned("naming another device than its signer", *fields, signer=MALLORY.device),
            {"name": "signed under another label", "public_key": key, "statement": other_label},
            {"name": "under a key of small order", "public_key": "01" + "00" * 31, "statement": signed.hex()},
            resigned("of protocol 2", 2, *fields[1:]),
            resigned("of protocol true", True, *fields[1:]),
            resigned("for a session name too short", *fields[:2], session[:31], *fields[3:]),
            resigned("with a text as person", *fields[:3], "anna", *fields[4:]),
            resigned("before 1970", *fields[:5], -1),
            resigned("with a field more", *fields, None),
            {"name": "with a byte behind", "public_key": key, "statement": signed.hex() + "00"},
            {"name": "nothing", "public_key": key, "statement": ""},
        ],
    )


FILES = {"session_bindings.json": ("A device's statement whose session it is.", bindings)}
