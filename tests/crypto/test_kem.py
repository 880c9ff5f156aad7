import pytest

from crypto.errors import BadKey, CannotOpen
from crypto.kem import ENC_LENGTH, OVERHEAD, PUBLIC_LENGTH, KemKey, hpke_open, hpke_seal, verify_kem_public
from tests.crypto.fixed import KARI, flipped, kem_key, some_bytes

INFO = b"label\x00context"


def test_the_published_key_pair_comes_out_of_its_seed() -> None:
    # draft-connolly-cfrg-xwing-kem, appendix C, first vector: the beginning of its public key.
    published = KemKey.from_seed(bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"))
    assert published.public.hex().startswith("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3d")


def test_what_is_sealed_opens_with_the_key_and_the_info_it_was_sealed_for() -> None:
    sealed = hpke_seal(KARI.public, INFO, b"secret")
    assert len(sealed) == len(b"secret") + OVERHEAD
    assert hpke_open(KARI, INFO, sealed) == b"secret"


def test_sealing_twice_gives_different_bytes() -> None:
    assert hpke_seal(KARI.public, INFO, b"") != hpke_seal(KARI.public, INFO, b"")


def test_it_does_not_open_with_another_key_or_info() -> None:
    sealed = hpke_seal(KARI.public, INFO, b"secret")
    with pytest.raises(CannotOpen):
        hpke_open(kem_key("Ola"), INFO, sealed)
    with pytest.raises(CannotOpen):
        hpke_open(KARI, INFO + b"\x00", sealed)


@pytest.mark.parametrize("at", [0, ENC_LENGTH - 33, ENC_LENGTH - 1, ENC_LENGTH, -1])
def test_it_does_not_open_with_a_bit_changed(at: int) -> None:
    with pytest.raises(CannotOpen):
        hpke_open(KARI, INFO, flipped(hpke_seal(KARI.public, INFO, b"secret"), at))


@pytest.mark.parametrize("length", [0, 1, ENC_LENGTH - 1, ENC_LENGTH, OVERHEAD - 1])
def test_it_does_not_open_cut_short(length: int) -> None:
    with pytest.raises(CannotOpen):
        hpke_open(KARI, INFO, hpke_seal(KARI.public, INFO, b"secret")[:length])


def test_an_ephemeral_key_of_small_order_does_not_open() -> None:
    sealed = hpke_seal(KARI.public, INFO, b"secret")
    with pytest.raises(CannotOpen):
        hpke_open(KARI, INFO, sealed[: ENC_LENGTH - 32] + bytes(32) + sealed[ENC_LENGTH:])


@pytest.mark.parametrize(
    "public",
    [
        b"",
        KARI.public[:-1],
        KARI.public + b"\x00",
        b"\xff" * (PUBLIC_LENGTH - 32) + KARI.public[-32:],
        KARI.public[:-32] + bytes(32),
        KARI.public[:-32] + (1).to_bytes(32, "little"),
    ],
    ids=["empty", "short", "long", "coefficients out of range", "X25519 zero", "X25519 one"],
)
def test_what_is_no_public_key_is_never_sealed_to(public: bytes) -> None:
    with pytest.raises(BadKey):
        hpke_seal(public, INFO, b"secret")
    with pytest.raises(BadKey):
        verify_kem_public(public)


def test_a_good_public_key_passes() -> None:
    assert verify_kem_public(KARI.public) == KARI.public


@pytest.mark.parametrize("length", [0, 31, 33, 96])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadKey):
        KemKey.from_seed(some_bytes("seed", length))


def test_a_kem_key_shows_nothing_of_itself() -> None:
    assert repr(KARI) == "KemKey(…)"
