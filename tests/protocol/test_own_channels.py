"""The list of one's own channels as it travels: one encoding, and nothing else is taken for it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from domain.ids import ChannelId, Version
from protocol.errors import MalformedFrame
from protocol.own_channels import OwnChannels, decode_channels, encode_channels
from tests.crypto.fixed import some_id

CHANNELS = st.lists(
    st.tuples(st.binary(min_size=16, max_size=16).map(ChannelId), st.integers(1, 2**40).map(Version))
).map(tuple)


@given(CHANNELS, st.integers(0, 2**53 - 1), st.booleans())
def test_what_is_sent_is_what_is_read(channels: tuple[tuple[ChannelId, Version], ...], upto: int, more: bool) -> None:
    sent = OwnChannels(channels, upto, more)
    assert decode_channels(encode_channels(sent)) == sent


@given(st.binary())
def test_any_bytes_are_refused_or_the_one_encoding(data: bytes) -> None:
    with suppress(MalformedFrame):
        assert encode_channels(decode_channels(data)) == data


@pytest.mark.parametrize(
    "wrong",
    [
        [[], 1],
        [[], 1, 0],
        [[], -1, True],
        [[[some_id("channel"), 0]], 1, True],
        [[[some_id("channel")[:15], 1]], 1, True],
        [[[some_id("channel"), 1, 1]], 1, True],
        [[[some_id("channel"), True]], 1, True],
        [{}, 1, True],
    ],
)
def test_another_form_is_refused(wrong: cbor.CborInput) -> None:
    with pytest.raises(MalformedFrame):
        decode_channels(cbor.encode(wrong))
