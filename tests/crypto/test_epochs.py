from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.cbor import decode, encode
from crypto.epochs import (
    EpochContext,
    RosterEntry,
    confirmation,
    open_wrap_layer,
    parse_roster,
    roster_hash,
    unwrap,
    verify_confirmation,
    wrap,
)
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.layers import Layer, kem_hash, wrapped_length
from crypto.shapes import SecretKey
from tests.crypto.fixed import (
    CONTEXT,
    ENTRY,
    KARI,
    OFFICERS,
    ROSTER,
    VAULT_ENTRY,
    VAULT_KEYS,
    flipped,
    kem_key,
    some_digest,
    some_id,
    some_secret,
)

EPOCH_KEY = some_secret("epoch 7")
WRAPPED = wrap(CONTEXT, ENTRY, [KARI.public], EPOCH_KEY)
VAULT_WRAPPED = wrap(CONTEXT, VAULT_ENTRY, VAULT_KEYS, EPOCH_KEY)

OTHER_CONTEXTS = {
    "deployment": replace(CONTEXT, deployment=some_id("other")),
    "channel": replace(CONTEXT, channel=some_id("other")),
    "thread": replace(CONTEXT, thread=4),
    "epoch": replace(CONTEXT, epoch=8),
    "committer": replace(CONTEXT, committer=some_id("other")),
    "membership version": replace(CONTEXT, membership_version=6),
    "roster": replace(CONTEXT, roster_hash=some_digest("other")),
}


def test_a_wrap_opens_for_its_recipient() -> None:
    assert len(WRAPPED) == wrapped_length(1) == 1168
    assert unwrap(CONTEXT, ENTRY, [KARI], WRAPPED) == EPOCH_KEY


def test_a_vaults_wrap_opens_with_both_its_keys() -> None:
    assert len(VAULT_WRAPPED) == wrapped_length(2) == 2304
    assert unwrap(CONTEXT, VAULT_ENTRY, OFFICERS, VAULT_WRAPPED) == EPOCH_KEY


@pytest.mark.parametrize(
    "other", OTHER_CONTEXTS.values(), ids=[f"a wrap for another {name}" for name in OTHER_CONTEXTS]
)
def test_a_wrap_for_anything_else_does_not_open(other: EpochContext) -> None:
    with pytest.raises(CannotOpen):
        unwrap(other, ENTRY, [KARI], WRAPPED)
    with pytest.raises(CannotOpen):
        unwrap(other, VAULT_ENTRY, OFFICERS, VAULT_WRAPPED)


def test_a_wrap_for_another_principal_with_the_same_key_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        unwrap(CONTEXT, replace(ENTRY, principal=some_id("Ola")), [KARI], WRAPPED)


def test_a_wrap_for_another_key_version_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        unwrap(CONTEXT, replace(ENTRY, key_version=2), [KARI], WRAPPED)


@pytest.mark.parametrize("at", [0, 1100, 1130, -1])
def test_a_broken_wrap_does_not_open(at: int) -> None:
    with pytest.raises(CannotOpen):
        unwrap(CONTEXT, ENTRY, [KARI], flipped(WRAPPED, at))
    with pytest.raises(CannotOpen):
        unwrap(CONTEXT, VAULT_ENTRY, OFFICERS, flipped(VAULT_WRAPPED, at))


def test_nothing_is_wrapped_for_a_key_that_the_roster_does_not_name() -> None:
    with pytest.raises(BadKey):
        wrap(CONTEXT, ENTRY, [kem_key("substituted by the hub").public], EPOCH_KEY)


def test_a_reader_notices_that_the_roster_names_another_key() -> None:
    with pytest.raises(BadKey):
        unwrap(CONTEXT, replace(ENTRY, kem_hash=some_digest("other")), [KARI], WRAPPED)


def test_a_vaults_keys_in_the_other_order_are_another_vault() -> None:
    assert kem_hash(VAULT_KEYS) != kem_hash(VAULT_KEYS[::-1])
    with pytest.raises(BadKey):
        wrap(CONTEXT, VAULT_ENTRY, VAULT_KEYS[::-1], EPOCH_KEY)


def test_officers_open_a_vaults_wrap_one_after_the_other() -> None:
    inner = open_wrap_layer(CONTEXT, VAULT_ENTRY, Layer.OUTER, OFFICERS[0], VAULT_WRAPPED)
    assert open_wrap_layer(CONTEXT, VAULT_ENTRY, Layer.INNER, OFFICERS[1], inner) == EPOCH_KEY


@pytest.mark.parametrize("layer", Layer)
def test_key_officer_b_alone_opens_nothing(layer: Layer) -> None:
    with pytest.raises(CannotOpen):
        open_wrap_layer(CONTEXT, VAULT_ENTRY, layer, OFFICERS[1], VAULT_WRAPPED)


@pytest.mark.parametrize("layer", Layer)
def test_key_officer_a_alone_gets_no_further_than_the_outer_layer(layer: Layer) -> None:
    inner = open_wrap_layer(CONTEXT, VAULT_ENTRY, Layer.OUTER, OFFICERS[0], VAULT_WRAPPED)
    with pytest.raises(CannotOpen):
        open_wrap_layer(CONTEXT, VAULT_ENTRY, layer, OFFICERS[0], inner)


def test_a_layer_does_not_open_as_the_whole() -> None:
    with pytest.raises(CannotOpen):
        open_wrap_layer(CONTEXT, ENTRY, Layer.INNER, KARI, WRAPPED)


def test_a_wrap_holds_a_32_byte_key_or_is_not_made() -> None:
    with pytest.raises(BadKey):
        wrap(CONTEXT, ENTRY, [KARI.public], SecretKey(EPOCH_KEY[:16]))


def test_all_holders_of_a_key_agree_on_its_confirmation() -> None:
    verify_confirmation(EPOCH_KEY, CONTEXT, confirmation(EPOCH_KEY, CONTEXT))


def test_a_member_who_was_given_a_different_key_notices() -> None:
    with pytest.raises(CannotOpen):
        verify_confirmation(some_secret("another"), CONTEXT, confirmation(EPOCH_KEY, CONTEXT))


@pytest.mark.parametrize("other", OTHER_CONTEXTS.values(), ids=OTHER_CONTEXTS.keys())
def test_a_confirmation_holds_in_its_own_context_only(other: EpochContext) -> None:
    with pytest.raises(CannotOpen):
        verify_confirmation(EPOCH_KEY, other, confirmation(EPOCH_KEY, CONTEXT))


@pytest.mark.parametrize("claimed", [b"", bytes(32), confirmation(EPOCH_KEY, CONTEXT)[:-1]])
def test_another_value_confirms_nothing(claimed: bytes) -> None:
    with pytest.raises(CannotOpen):
        verify_confirmation(EPOCH_KEY, CONTEXT, claimed)


def test_only_a_32_byte_key_is_confirmed() -> None:
    with pytest.raises(BadKey):
        confirmation(SecretKey(b"short"), CONTEXT)


def test_a_roster_is_read_back_as_it_was_written() -> None:
    data = encode([entry.items() for entry in ROSTER])
    assert parse_roster(decode(data, max_size=1000)) == ROSTER


def test_every_field_of_every_entry_changes_the_roster_hash() -> None:
    first, second = ROSTER
    changed = [
        [replace(first, key_version=2), second],
        [replace(first, kem_hash=some_digest("other")), second],
        [replace(first, principal=bytes(16)), second],
        [first],
    ]
    assert len({roster_hash(ROSTER), *map(roster_hash, changed)}) == 5


@pytest.mark.parametrize(
    "entries",
    [(), ROSTER[::-1], (ENTRY, ENTRY), (ENTRY, replace(ENTRY, key_version=2))],
    ids=["nobody", "unsorted", "twice", "twice with two versions"],
)
def test_a_roster_has_one_order_and_each_principal_once(entries: tuple[RosterEntry, ...]) -> None:
    with pytest.raises(Malformed):
        roster_hash(entries)
    with pytest.raises(Malformed):
        parse_roster([list(entry.items()) for entry in entries])  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["principal", "key_version", "kem_hash"])
@given(value=st.none() | st.booleans() | st.integers(-3, 0) | st.binary(max_size=15) | st.text(max_size=40))
def test_an_entry_of_another_shape_is_malformed(field: str, value: object) -> None:
    with pytest.raises(Malformed):
        replace(ENTRY, **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", EpochContext.__slots__)
@given(value=st.none() | st.booleans() | st.integers(max_value=-1) | st.binary(max_size=15) | st.text(max_size=40))
def test_a_context_of_another_shape_is_malformed(field: str, value: object) -> None:
    with pytest.raises(Malformed):
        replace(CONTEXT, **{field: value})  # type: ignore[arg-type]
