"""What a page hands to a program: opens with the program's key only, and whatever else comes is refused by one root."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.boxes import ONLY_NONCE, seal_box
from crypto.browser_handovers import (
    MAX_PASSKEY_LABEL,
    ProgramKey,
    SlotHandover,
    open_handover,
    program_code,
    seal_handover,
)
from crypto.cbor import encode
from crypto.derivation import derive_key
from crypto.errors import BadKey, CannotOpen, CryptoError, Malformed
from crypto.keyring_slots import (
    MAX_CREDENTIAL,
    open_prf_slot,
    open_prf_slot_with,
    prf_slot,
    prf_slot_key,
    prf_slot_with,
)
from crypto.labels import BROWSER_HANDOVER
from tests.crypto.fixed import flipped, some_bytes, some_id, some_secret

PROGRAM, EPHEMERAL = ProgramKey(some_bytes("program")), ProgramKey(some_bytes("ephemeral"))
GIVEN = SlotHandover(some_id("Kari"), b"credential", some_bytes("salt"), "Nøkkel på jobb", some_secret("slot"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.binary(max_size=40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def test_what_is_handed_over_arrives_and_shows_nothing_of_itself() -> None:
    sealed = seal_handover(GIVEN, PROGRAM.public, EPHEMERAL)
    assert open_handover(sealed, PROGRAM) == GIVEN
    shown = repr(GIVEN) + repr(PROGRAM)
    for secret in (GIVEN.key, GIVEN.credential, GIVEN.salt, GIVEN.name.encode(), some_bytes("program")):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
        assert "Nøkkel" not in shown


def test_another_program_opens_nothing_nor_does_any_changed_bit() -> None:
    sealed = seal_handover(GIVEN, PROGRAM.public, EPHEMERAL)
    with pytest.raises(CannotOpen):
        open_handover(sealed, EPHEMERAL)
    for at in range(len(sealed)):
        if at != 31:  # RFC 7748 §5 ignores the highest bit of a public key; here it is bound by the salt all the same
            with pytest.raises(CannotOpen):
                open_handover(flipped(sealed, at), PROGRAM)
    with pytest.raises(CannotOpen):
        open_handover(sealed[:31] + bytes([sealed[31] ^ 0x80]) + sealed[32:], PROGRAM)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_of_another_length_are_none(length: int) -> None:
    with pytest.raises(BadKey):
        ProgramKey(bytes(length))
    with pytest.raises(BadKey):
        seal_handover(GIVEN, bytes(length), EPHEMERAL)


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "x" * (MAX_PASSKEY_LABEL + 1)},
        {"credential": b""},
        {"credential": bytes(MAX_CREDENTIAL + 1)},
        {"salt": bytes(31)},
        {"person": bytes(15)},
    ],
)
def test_what_could_not_be_read_back_is_not_sealed(bad: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        seal_handover(replace(GIVEN, **bad), PROGRAM.public, EPHEMERAL)  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_an_error_of_this_package(data: bytes) -> None:
    with pytest.raises(CryptoError):
        open_handover(data, PROGRAM)


@given(PLAIN)
def test_any_content_under_the_right_key_is_read_in_one_form_or_malformed(content: object) -> None:
    shared, salt = EPHEMERAL.shared(PROGRAM.public), EPHEMERAL.public + PROGRAM.public
    key = derive_key(shared, salt=salt, label=BROWSER_HANDOVER, context=b"")
    try:
        data = encode(content)  # type: ignore[arg-type]
    except Malformed:
        return
    with pytest.raises(Malformed):
        open_handover(EPHEMERAL.public + seal_box(key, ONLY_NONCE, b"", data), PROGRAM)


def test_codes_differ_where_keys_do() -> None:
    codes = {program_code(ProgramKey(some_bytes(str(n))).public) for n in range(100)}
    assert len(codes) == 100


def test_the_key_of_a_slot_opens_this_slot_and_the_output_any() -> None:
    person, output, ring = some_id("Kari"), some_bytes("output"), some_secret("keyring")
    key = prf_slot_key(person, b"credential", output, some_bytes("salt"))
    slot = prf_slot(person, ring, b"credential", output, some_bytes("salt"))
    assert slot == prf_slot_with(key, ring, b"credential", some_bytes("salt"))
    assert open_prf_slot_with(key, slot) == open_prf_slot(person, slot, output) == ring
    for other in (
        prf_slot(person, ring, b"credential", output, some_bytes("another salt")),
        prf_slot(person, ring, b"another", output, some_bytes("salt")),
        prf_slot(some_id("Ola"), ring, b"credential", output, some_bytes("salt")),
    ):
        with pytest.raises(CannotOpen):
            open_prf_slot_with(key, other)
