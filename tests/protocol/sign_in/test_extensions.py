"""Tokens that ask their reader for an extension (RFC 7515 §4.1.11): none is understood, so all are refused."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from protocol.sign_in import Why
from protocol.sign_in.jose import b64, read_keys, verify_token
from tests.protocol.sign_in.small_provider import NOW, Json, SmallProvider, key_of, why

KEYS = read_keys(json.dumps({"keys": [key_of("theirs").as_dict(private=False)]}).encode())


def signed_with(header: Json) -> str:
    """A token with any header, whose signature holds."""
    _, claims, _ = SmallProvider().id_token().split(".")
    said = f"{b64(json.dumps({'alg': 'ES256', 'kid': 'theirs'} | header).encode())}.{claims}"
    private: Any = key_of("theirs").private_key
    signature = decode_dss_signature(private.sign(said.encode(), ECDSA(SHA256())))
    return f"{said}.{b64(b''.join(part.to_bytes(32, 'big') for part in signature))}"


def test_without_an_extension_it_is_read() -> None:
    _, claims = verify_token(signed_with({}), KEYS, (None,))
    assert claims["sub"] == "somebody"


@pytest.mark.parametrize("header", [{"crit": ["b64"], "b64": True}, {"crit": ["exp"], "exp": NOW}, {"crit": []}])
def test_with_one_it_is_refused_although_its_signature_holds(header: Json) -> None:
    token = signed_with(header)
    assert why(lambda: verify_token(token, KEYS, (None,))) is Why.SIGNATURE
