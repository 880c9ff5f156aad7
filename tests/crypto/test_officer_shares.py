"""One of a vault's two keys in the hands of a group: any one of the group opens it, and nobody else does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.kem import KemKey, hpke_seal
from crypto.layers import Layer
from crypto.officer_shares import (
    MAX_OFFICER_NAME,
    MAX_OFFICERS,
    Group,
    GroupFile,
    Officer,
    SharedSeed,
    encode_group,
    found_group,
    open_seeds,
    parse_group,
    reshare,
    verify_apart,
)
from tests.crypto.fixed import flipped, kem_key, some_id, some_secret

DEPLOYMENT, VAULT = some_id("deployment"), some_id("vault")
SEED, FRESH = some_secret("seed of group A"), some_secret("fresh seed of group A")


def card(name: str) -> KemKey:
    return kem_key(f"card of {name}")


def officer(name: str) -> Officer:
    return Officer(some_id(name), card(name).public, name)


def group(*names: str, letter: Group = Group.A, seed: str = "seed of group A") -> GroupFile:
    return found_group(DEPLOYMENT, VAULT, letter, [officer(name) for name in names], some_secret(seed))


GROUP = group("Solveig", "Ante")


@pytest.mark.parametrize("name", ["Solveig", "Ante"])
def test_every_officer_of_a_group_opens_its_seed(name: str) -> None:
    assert open_seeds(GROUP, some_id(name), card(name)) == (SEED,)


@pytest.mark.parametrize(("name", "key"), [("Berit", "Berit"), ("Solveig", "Ante"), ("Solveig", "Berit")])
def test_nobody_else_opens_it(name: str, key: str) -> None:
    with pytest.raises(CannotOpen):
        open_seeds(GROUP, some_id(name), card(key))


@pytest.mark.parametrize(
    "other",
    [
        replace(GROUP, group=Group.B),
        replace(GROUP, vault=some_id("another vault")),
        replace(GROUP, deployment=some_id("another deployment")),
    ],
    ids=["another group", "another vault", "another deployment"],
)
def test_a_share_opens_only_where_it_belongs(other: GroupFile) -> None:
    with pytest.raises(CannotOpen):
        open_seeds(other, some_id("Ante"), card("Ante"))


def test_a_seed_that_a_stranger_sealed_to_a_card_is_not_the_groups() -> None:
    theirs = group("Ante", seed="a stranger's seed")
    forged = replace(theirs, seeds=(SharedSeed(GROUP.newest, theirs.seeds[0].shares),))
    with pytest.raises(CannotOpen):
        open_seeds(forged, some_id("Ante"), card("Ante"))


def test_a_sealed_seed_of_another_length_is_refused() -> None:
    sealed = hpke_seal(card("Ante").public, b"", b"")
    short = replace(GROUP, seeds=(SharedSeed(GROUP.newest, ((some_id("Ante"), sealed),)),))
    with pytest.raises(CannotOpen):
        open_seeds(short, some_id("Ante"), card("Ante"))


def test_a_newcomer_opens_old_seeds_and_who_left_opens_no_new_one() -> None:
    after = reshare(GROUP, [SEED, FRESH], [officer("Ante"), officer("Berit")])
    assert open_seeds(after, some_id("Berit"), card("Berit")) == (SEED, FRESH)
    assert after.newest == KemKey.from_seed(FRESH).public
    with pytest.raises(CannotOpen):
        open_seeds(after, some_id("Solveig"), card("Solveig"))


def test_who_only_joins_needs_no_fresh_seed() -> None:
    after = reshare(GROUP, [SEED], [*GROUP.officers, officer("Berit")])
    assert (after.newest, len(after.officers)) == (GROUP.newest, 3)


def test_nobody_leaves_without_a_fresh_seed() -> None:
    with pytest.raises(BadKey):
        reshare(GROUP, [SEED], [officer("Ante")])


def test_only_who_has_the_seeds_shares_them_anew() -> None:
    with pytest.raises(CannotOpen):
        reshare(GROUP, [FRESH], [officer("Ante")])


def test_a_seed_is_never_fresh_twice() -> None:
    with pytest.raises(BadKey):
        reshare(GROUP, [SEED, SEED], [officer("Ante")])


def test_a_group_has_officers_and_not_too_many() -> None:
    with pytest.raises(Malformed):
        group()
    with pytest.raises(Malformed):
        group(*(f"officer {number}" for number in range(MAX_OFFICERS + 1)))
    with pytest.raises(Malformed):
        encode_group(
            replace(GROUP, officers=tuple(replace(o, name="x" * (MAX_OFFICER_NAME + 1)) for o in GROUP.officers))
        )


def test_one_card_cannot_stand_twice_in_a_group() -> None:
    with pytest.raises(BadKey):
        found_group(DEPLOYMENT, VAULT, Group.A, [officer("Ante"), replace(officer("Ante"), id=some_id("Ola"))], SEED)


B = group("Berit", letter=Group.B, seed="seed of group B")


def test_the_two_groups_of_a_vault_share_nobody_and_nothing() -> None:
    verify_apart(GROUP, B)
    assert (Group.A.layer, Group.B.layer) == (Layer.OUTER, Layer.INNER)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (B, GROUP),
        (GROUP, GROUP),
        (GROUP, group("Ante", letter=Group.B, seed="seed of group B")),
        (GROUP, group("Berit", letter=Group.B, seed="seed of group A")),
        (GROUP, replace(B, vault=some_id("another vault"))),
        (GROUP, replace(B, officers=(replace(B.officers[0], public=card("Ante").public),))),
    ],
    ids=["swapped", "one group twice", "one officer in both", "one key in both", "another vault", "one card in both"],
)
def test_groups_that_are_not_apart_are_refused(a: GroupFile, b: GroupFile) -> None:
    with pytest.raises(BadKey):
        verify_apart(a, b)


def test_a_group_file_reads_as_it_was_written() -> None:
    assert parse_group(encode_group(GROUP)) == GROUP


@given(st.binary(max_size=300))
def test_any_bytes_are_a_group_or_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_group(data)


@given(st.integers(0, 8 * len(encode_group(GROUP)) - 1))
def test_a_flipped_bit_is_another_group_or_malformed_and_never_opens_as_this_one(bit: int) -> None:
    data = bytearray(encode_group(GROUP))
    data[bit // 8] ^= 1 << bit % 8
    try:
        other = parse_group(bytes(data))
    except Malformed:
        return
    assert encode_group(other) == bytes(data)


def test_a_share_with_a_flipped_bit_does_not_open() -> None:
    shared = GROUP.seeds[0]
    broken = tuple((holder, flipped(sealed)) for holder, sealed in shared.shares)
    with pytest.raises(CannotOpen):
        open_seeds(replace(GROUP, seeds=(replace(shared, shares=broken),)), some_id("Ante"), card("Ante"))
