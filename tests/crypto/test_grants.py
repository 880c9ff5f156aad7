from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import labels
from crypto.boxes import ONLY_NONCE, seal_box
from crypto.cbor import CborInput, decode, encode
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.grants import MAX_SEALED, Grant, GrantContext, GrantedEpoch, GrantedMessage, open_grant, seal_grant
from crypto.labels import labelled
from crypto.layers import wrap_key
from crypto.shapes import SecretKey, array
from tests.crypto.fixed import GRANT_CONTEXT, KARI, OFFICERS, VAULT_KEYS, flipped, kem_key, some_id, some_secret

CONTENT_KEY = some_secret("content")
GRANT = Grant(
    (GrantedEpoch(0, 4, some_secret("epoch 4")), GrantedEpoch(3, 1, some_secret("epoch 1"))),
    (GrantedMessage(17, some_secret("message 17")), GrantedMessage(40, some_secret("message 40"))),
)
SEALED = seal_grant(GRANT_CONTEXT, [KARI.public], GRANT, content_key=CONTENT_KEY)

numbers = st.integers(0, 1 << 40)
keys = st.binary(min_size=32, max_size=32).map(SecretKey)
grants = st.builds(
    Grant,
    st.dictionaries(st.tuples(numbers, numbers), keys, max_size=5).map(
        lambda found: tuple(GrantedEpoch(thread, epoch, key) for (thread, epoch), key in sorted(found.items()))
    ),
    st.dictionaries(numbers, keys, max_size=5).map(
        lambda found: tuple(GrantedMessage(version, key) for version, key in sorted(found.items()))
    ),
)


def _sealed_content(content: CborInput) -> bytes:
    wrapped = wrap_key([KARI.public], labels.GRANT_WRAP, GRANT_CONTEXT.items(), CONTENT_KEY)
    aad = labelled(labels.GRANT_CONTENT, encode(GRANT_CONTEXT.items()))
    return encode([wrapped, seal_box(CONTENT_KEY, ONLY_NONCE, aad, encode(content))])


@settings(max_examples=30)
@given(grants)
def test_a_grant_opens_for_its_recipient(grant: Grant) -> None:
    sealed = seal_grant(GRANT_CONTEXT, [KARI.public], grant, content_key=CONTENT_KEY)
    assert open_grant(GRANT_CONTEXT, [KARI], sealed) == grant


def test_a_grant_to_a_vault_opens_with_both_its_keys() -> None:
    sealed = seal_grant(GRANT_CONTEXT, VAULT_KEYS, GRANT, content_key=CONTENT_KEY)
    assert open_grant(GRANT_CONTEXT, OFFICERS, sealed) == GRANT
    with pytest.raises(CannotOpen):
        open_grant(GRANT_CONTEXT, [OFFICERS[0]], sealed)
    with pytest.raises(CannotOpen):
        open_grant(GRANT_CONTEXT, OFFICERS[::-1], sealed)


@pytest.mark.parametrize("field", ["deployment", "channel", "granter", "recipient", "command_id"])
def test_a_grant_for_anything_else_does_not_open(field: str) -> None:
    with pytest.raises(CannotOpen):
        open_grant(replace(GRANT_CONTEXT, **{field: some_id("other")}), [KARI], SEALED)  # type: ignore[arg-type]


def test_a_grant_for_another_key_version_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        open_grant(replace(GRANT_CONTEXT, key_version=2), [KARI], SEALED)


def test_a_grant_does_not_open_for_anybody_else() -> None:
    with pytest.raises(CannotOpen):
        open_grant(GRANT_CONTEXT, [kem_key("Ola")], SEALED)


def test_a_changed_grant_does_not_open() -> None:
    wrapped, ciphertext = (bytes(item) for item in array(decode(SEALED, max_size=MAX_SEALED), 2))  # type: ignore[arg-type]
    for changed in ([flipped(wrapped), ciphertext], [wrapped, flipped(ciphertext)], [wrapped, b""], [b"", ciphertext]):
        with pytest.raises(CannotOpen):
            open_grant(GRANT_CONTEXT, [KARI], encode(changed))


@pytest.mark.parametrize(
    "grant",
    [
        Grant(GRANT.epochs[::-1], ()),
        Grant((GRANT.epochs[0], GRANT.epochs[0]), ()),
        Grant((), GRANT.messages[::-1]),
        Grant((), (GRANT.messages[0], GRANT.messages[0])),
        Grant((GrantedEpoch(-1, 0, CONTENT_KEY),), ()),
        Grant((), (GrantedMessage(-1, CONTENT_KEY),)),
        Grant((), tuple(GrantedMessage(version, CONTENT_KEY) for version in range(40_000))),
    ],
    ids=[
        "epochs unsorted",
        "epoch twice",
        "messages unsorted",
        "message twice",
        "thread -1",
        "version -1",
        "too large",
    ],
)
def test_a_grant_has_one_encoding_and_a_bound(grant: Grant) -> None:
    with pytest.raises(Malformed):
        seal_grant(GRANT_CONTEXT, [KARI.public], grant, content_key=CONTENT_KEY)


def test_only_32_byte_keys_are_granted() -> None:
    short = Grant((), (GrantedMessage(1, SecretKey(b"short")),))
    with pytest.raises(BadKey):
        seal_grant(GRANT_CONTEXT, [KARI.public], short, content_key=CONTENT_KEY)


KEY = bytes(CONTENT_KEY)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"epochs": []},
        {"epochs": [], "messages": [], "more": []},
        {"epochs": {}, "messages": []},
        {"epochs": [[0, 1]], "messages": []},
        {"epochs": [[0, True, KEY]], "messages": []},
        {"epochs": [[0, 1, KEY[:31]]], "messages": []},
        {"epochs": [[0, 1, "k" * 32]], "messages": []},
        {"epochs": [[0, 2, KEY], [0, 1, KEY]], "messages": []},
        {"epochs": [], "messages": [[1, KEY, 1]]},
        {"epochs": [], "messages": [[1, KEY], [1, KEY]]},
    ],
)
def test_a_granter_who_seals_another_shape_is_refused(content: CborInput) -> None:
    with pytest.raises(Malformed):
        open_grant(GRANT_CONTEXT, [KARI], _sealed_content(content))


@given(st.binary(max_size=100))
def test_other_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        open_grant(GRANT_CONTEXT, [KARI], data)


@pytest.mark.parametrize("field", GrantContext.__slots__)
@given(value=st.none() | st.booleans() | st.integers(max_value=0) | st.binary(max_size=15) | st.text(max_size=20))
def test_a_context_of_another_shape_is_malformed(field: str, value: object) -> None:
    with pytest.raises(Malformed):
        replace(GRANT_CONTEXT, **{field: value})  # type: ignore[arg-type]


def test_a_grant_shows_no_key() -> None:
    assert "key" not in repr(GRANT)
    assert repr(CONTENT_KEY) not in repr(GRANT)
