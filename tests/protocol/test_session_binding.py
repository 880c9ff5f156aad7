"""A device's statement whose session it is: any other bytes are refused, and none of them stands in for it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from crypto.labels import SESSION_BINDING
from crypto.signing import sign
from domain.ids import Digest, Millis
from protocol.errors import ForgedRecord, MalformedFrame
from protocol.session_binding import MAX_BINDING, SessionBinding, device_of_binding, sign_binding, verify_binding
from tests.protocol.anything import CHANGE, nearly, nearly_value, patient, with_odd
from tests.protocol.keyholders import ANNA
from tests.protocol.stream_builder import PLACE

BINDING = SessionBinding(
    PLACE.deployment, Digest(bytes(range(32))), ANNA.person, ANNA.device, Millis(1_700_000_000_000)
)
SIGNED = sign_binding(BINDING, ANNA.signing)
KEY = ANNA.signing.public


def test_it_comes_back_as_it_was_signed() -> None:
    assert verify_binding(SIGNED, KEY) == BINDING
    assert device_of_binding(SIGNED) == ANNA.device


@patient
@given(nearly(st.just(SIGNED)) | nearly_value(st.just(SIGNED)))
def test_any_change_of_it_is_refused(data: bytes) -> None:
    with suppress(MalformedFrame, ForgedRecord):
        assert verify_binding(data, KEY) == BINDING
        assert data == SIGNED
    with suppress(MalformedFrame):
        device_of_binding(data)


@patient
@given(CHANGE)
def test_whatever_is_signed_is_a_statement_or_malformed(change: tuple[int, Any]) -> None:
    whole: Any = cbor.decode(SIGNED, max_size=MAX_BINDING)
    body: Any = cbor.decode(whole[0], max_size=MAX_BINDING)
    said = cbor.encode(with_odd(body, *change))
    signed = cbor.encode([said, ANNA.device + sign(ANNA.signing, SESSION_BINDING, said)])
    with suppress(MalformedFrame, ForgedRecord):
        assert sign_binding(verify_binding(signed, KEY), ANNA.signing) == signed


def test_a_statement_above_the_limit_is_refused() -> None:
    with pytest.raises(MalformedFrame):
        verify_binding(bytes(MAX_BINDING + 1), KEY)
