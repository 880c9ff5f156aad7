"""Key streams as they travel: read strictly, and believed only by who replays them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from protocol.directory import Directory
from protocol.errors import MalformedFrame, SubstitutedKey
from protocol.published_keys import MAX_KEY_STREAM, decode_entries, encode_entries
from tests.protocol.anything import is_strict, nearly, nearly_value, patient
from tests.protocol.keyholders import ANNA, entries_of, trust

ANNAS = encode_entries(entries_of(ANNA))
damaged_streams = nearly(st.just(ANNAS)) | nearly_value(st.just(ANNAS))


def test_a_key_stream_comes_back_as_it_was() -> None:
    assert list(decode_entries(ANNAS)) == entries_of(ANNA)


@patient
@given(damaged_streams)
def test_whatever_stands_in_a_key_streams_place_is_one_or_malformed(data: bytes) -> None:
    is_strict(lambda d: encode_entries(decode_entries(d)), [MalformedFrame], data)


@patient
@given(damaged_streams)
def test_a_damaged_key_stream_is_substituted_or_the_same(data: bytes) -> None:
    keys = Directory(trust(without=[one.principal for one in trust().key_streams]))
    with suppress(MalformedFrame, SubstitutedKey):
        keys.add(ANNA.person, decode_entries(data))
        assert ANNAS[1:].startswith(encode_entries(keys.entries(ANNA.person))[1:])


@pytest.mark.parametrize("value", [None, {}, [None], [[b"", bytes(63)]], [["", bytes(64)]], [[b"", bytes(64), b""]]])
def test_a_key_stream_in_another_form_is_malformed(value: object) -> None:
    with pytest.raises(MalformedFrame):
        decode_entries(cbor.encode(value))  # type: ignore[arg-type]


def test_an_oversize_key_stream_is_not_even_looked_at() -> None:
    with pytest.raises(MalformedFrame, match="too large"):
        decode_entries(bytes(MAX_KEY_STREAM + 1))
