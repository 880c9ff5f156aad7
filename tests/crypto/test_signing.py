import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from crypto import labels
from crypto.errors import BadKey, BadSignature
from crypto.signing import SigningKey, sign, verify, verify_public_key
from tests.crypto.fixed import flipped, signing_key, some_bytes

KEY = signing_key("Kari's telephone")
ORDER = 2**252 + 27742317777372353535851937790883648493  # L of RFC 8032 §5.1
FIELD = 2**255 - 19
D = -121665 * pow(121666, -1, FIELD) % FIELD

Point = tuple[int, int]


def _added(p: Point, q: Point) -> Point:
    """The sum of two points of the curve (RFC 7748 §4.1, affine)."""
    common = D * p[0] * q[0] * p[1] * q[1]
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + common, -1, FIELD) % FIELD
    return x, (p[1] * q[1] + p[0] * q[0]) * pow(1 - common, -1, FIELD) % FIELD


def _small_order_encodings() -> list[bytes]:
    """Every 32-byte string that some library reads as a point whose order divides 8, second encodings included."""
    order_eight = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
    ys = [0, 1, FIELD - 1, order_eight, FIELD - order_eight, FIELD, FIELD + 1]
    return [(y | sign_bit << 255).to_bytes(32, "little") for y in ys for sign_bit in (0, 1)]


def test_the_listed_point_really_has_order_eight() -> None:
    y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
    square = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if x * x % FIELD != square:
        x = x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    assert x * x % FIELD == square
    twice = _added((x, y), (x, y))
    four_times = _added(twice, twice)
    assert four_times == (0, FIELD - 1)
    assert _added(four_times, four_times) == (0, 1)


def test_the_published_vector_holds() -> None:
    # RFC 8032 §7.1, test 2: the key pair; our signatures are over labelled messages.
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    assert SigningKey.from_seed(seed).public == public


def test_a_signature_holds_for_its_key_label_and_message() -> None:
    verify(KEY.public, labels.ACT, b"message", sign(KEY, labels.ACT, b"message"))


def test_a_signature_of_one_purpose_does_not_hold_for_another() -> None:
    with pytest.raises(BadSignature):
        verify(KEY.public, labels.READ_REQUEST, b"message", sign(KEY, labels.ACT, b"message"))


def test_a_signature_does_not_hold_for_another_message_or_key() -> None:
    signature = sign(KEY, labels.ACT, b"message")
    with pytest.raises(BadSignature):
        verify(KEY.public, labels.ACT, b"massage", signature)
    with pytest.raises(BadSignature):
        verify(signing_key("another").public, labels.ACT, b"message", signature)


@pytest.mark.parametrize("at", [0, 31, 32, 63])
def test_a_changed_signature_does_not_hold(at: int) -> None:
    with pytest.raises(BadSignature):
        verify(KEY.public, labels.ACT, b"message", flipped(sign(KEY, labels.ACT, b"message"), at))


def test_the_malleable_twin_of_a_signature_does_not_hold() -> None:
    signature = sign(KEY, labels.ACT, b"message")
    twin = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(BadSignature):
        verify(KEY.public, labels.ACT, b"message", signature[:32] + twin.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_a_signature_of_another_length_does_not_hold(length: int) -> None:
    with pytest.raises(BadSignature):
        verify(KEY.public, labels.ACT, b"message", bytes(length))


@pytest.mark.parametrize("public", _small_order_encodings())
def test_a_public_key_of_small_order_is_refused(public: bytes) -> None:
    # Under such a key R = the identity, S = 0 would hold for one message in eight or more.
    with pytest.raises(BadKey):
        verify(public, labels.ACT, b"message", (1).to_bytes(32, "little") + bytes(32))


@pytest.mark.parametrize("y", range(FIELD, 2**255))
def test_a_public_key_in_a_second_encoding_is_refused(y: int) -> None:
    with pytest.raises(BadKey):
        verify_public_key(y.to_bytes(32, "little"))


def test_a_public_key_that_is_no_point_signs_nothing() -> None:
    with pytest.raises((BadKey, BadSignature)):
        verify((2).to_bytes(32, "little"), labels.ACT, b"message", sign(KEY, labels.ACT, b"message"))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_keys_and_seeds_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(BadKey):
        verify_public_key(some_bytes("key", length))
    with pytest.raises(BadKey):
        SigningKey.from_seed(some_bytes("seed", length))


def test_a_signing_key_shows_nothing_of_itself() -> None:
    assert repr(KEY) == "SigningKey(…)"


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=300), bit=st.integers(0, 64 * 8 - 1))
def test_both_libraries_agree_on_signatures_and_on_every_flipped_bit(seed: bytes, message: bytes, bit: int) -> None:
    key = SigningKey.from_seed(seed)
    signature = key.sign(labels.ACT, message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    other = Ed25519PublicKey.from_public_bytes(key.public)
    other.verify(signature, labels.labelled(labels.ACT, message))
    verify(key.public, labels.ACT, message, signature)
    with pytest.raises(InvalidSignature):
        other.verify(bytes(changed), labels.labelled(labels.ACT, message))
    with pytest.raises(BadSignature):
        verify(key.public, labels.ACT, message, bytes(changed))
