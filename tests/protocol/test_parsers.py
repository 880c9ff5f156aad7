"""Every parser, fed with damaged bytes: it accepts what it would write itself, and else raises the errors it says."""

from contextlib import suppress
from functools import partial
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import cbor
from crypto.errors import Malformed
from domain.channel.events import MessagePosted
from protocol import frames
from protocol.acts import MAX_HEADER, encode_header, parse_header
from protocol.contents import KnownContent
from protocol.errors import (
    Attack,
    MalformedAct,
    MalformedFrame,
    UnknownDevice,
    UnknownKey,
    UnknownKind,
    UnknownProtocol,
)
from protocol.facts import KIND_OF, facts_of, read_facts
from protocol.records import Record, read_item, record_item, stub_item
from tests.protocol.anything import CHANGE, any_among, any_of, is_strict, nearly, nearly_value, patient, with_odd
from tests.protocol.keyholders import ANNA
from tests.protocol.reading import replayed
from tests.protocol.small_channel import told

LARGE = 1 << 20
CLIENT_FRAMES, HUB_FRAMES = get_args(frames.ClientFrame), get_args(frames.HubFrame)
ACT_ERRORS = (MalformedAct, UnknownKind, UnknownProtocol)
SMALL_ORDER = (1).to_bytes(32, "little")

any_event = any_among(KIND_OF)
any_content = any_among(get_args(KnownContent))
# frames


@pytest.mark.parametrize("kind", [*CLIENT_FRAMES, *HUB_FRAMES], ids=lambda kind: str(kind.__struct_config__.tag))
def test_every_frame_comes_back_as_it_was(kind: type[frames.Frame]) -> None:
    decode = frames.decode_client if kind in CLIENT_FRAMES else frames.decode_hub

    @patient
    @given(any_of(kind))
    def comes_back(frame: frames.Frame) -> None:
        encoded = frames.encode(frame)
        assert frames.encode(decode(encoded)) == encoded

    comes_back()


def test_the_ends_do_not_take_each_others_frames() -> None:
    @patient
    @given(any_among({*CLIENT_FRAMES} - {*HUB_FRAMES}))
    def refused(frame: frames.Frame) -> None:
        with pytest.raises(MalformedFrame):
            frames.decode_hub(frames.encode(frame))

    refused()
    with pytest.raises(MalformedFrame):
        frames.decode_client(frames.encode(frames.Pong(1, 1)))  # type: ignore[arg-type]


client_bytes = any_among(CLIENT_FRAMES).map(frames.encode)
hub_bytes = any_among(HUB_FRAMES).map(frames.encode)


@patient
@given(nearly(client_bytes) | nearly_value(client_bytes))
def test_whatever_a_client_sends_is_a_frame_or_malformed(data: bytes) -> None:
    is_strict(lambda d: frames.encode(frames.decode_client(d)), [MalformedFrame], data)


@patient
@given(nearly(hub_bytes) | nearly_value(hub_bytes))
def test_whatever_a_hub_sends_is_a_frame_or_malformed(data: bytes) -> None:
    is_strict(lambda d: frames.encode(frames.decode_hub(d)), [MalformedFrame], data)


@pytest.mark.parametrize(
    "value",
    [
        ["ping"],
        ["ping", 1, 2],
        ["ping", True],
        ["ping", "1"],
        ["PING", 1],
        [b"ping", 1],
        {"frame": "ping", "mark": 1},
        ["unsubscribe", "AAAAAAAAAAAAAAAAAAAAAA=="],
        ["send", bytes(16), []],
        ["send", bytes(16), [[b"", b"", None]] * 65],
        ["send", bytes(16), [[b"", b""]]],
        ["hello", 1, bytes(16), "x" * 65],
        [],
        "ping",
    ],
)
def test_a_frame_in_another_form_is_malformed(value: Any) -> None:
    with pytest.raises(MalformedFrame):
        frames.decode_client(cbor.encode(value))


def test_an_oversize_frame_is_not_even_looked_at() -> None:
    with pytest.raises(MalformedFrame, match="too large"):
        frames.decode_client(bytes(frames.MAX_FRAME + 1))


# acts


@pytest.mark.parametrize("kind", KIND_OF.values(), ids=lambda kind: str(kind.name))
def test_the_facts_of_every_kind_come_back_as_they_were(kind: Any) -> None:
    @patient
    @given(any_of(kind.event))
    def comes_back(event: Any) -> None:
        facts = cbor.decode(cbor.encode(facts_of(event)), max_size=LARGE)
        assert read_facts(kind.name, facts) == (kind, event)  # type: ignore[arg-type]

    comes_back()


@patient
@given(any_event, CHANGE)
def test_facts_of_another_form_are_malformed(event: Any, change: tuple[int, Any]) -> None:
    facts = cbor.decode(cbor.encode(facts_of(event)), max_size=LARGE)
    lie = with_odd(facts, *change)
    if isinstance(lie, dict):
        with suppress(MalformedAct):
            assert cbor.encode(facts_of(read_facts(KIND_OF[type(event)].name, lie)[1])) == cbor.encode(lie)


def test_older_facts_are_read_as_the_newer_kinds() -> None:
    """Once a kind has changed: `message-posted/0` had no announcements and called its questions otherwise."""

    def newer(facts: dict[str, Any]) -> dict[str, Any]:
        rest = {name: facts[name] for name in ("due", "corrects", "attachments")}
        return {**rest, "asks": facts["is_question"], "announces": None}

    read = partial(read_facts, "message-posted/0", upcasters={"message-posted/0": ("message-posted/1", newer)})
    old = bytes.fromhex("a463647565f668636f727265637473f66b6174746163686d656e7473806b69735f7175657374696f6ef5")
    facts: Any = cbor.decode(old, max_size=LARGE)
    assert read(facts)[1] == MessagePosted(asks=True)
    for lie in ({}, {**facts, "is_question": 1}, {**facts, "due": "today"}):
        with pytest.raises(MalformedAct):
            read(lie)
    with pytest.raises(UnknownKind):
        read_facts("message-posted/0", facts)


headers = st.sampled_from([record.signed.header for record in told().records])
any_header = any_event.map(lambda event: encode_header(told().header(ANNA, event, 0)))


@patient
@given(any_header)
def test_every_header_comes_back_as_it_was(data: bytes) -> None:
    header, kind = parse_header(data)
    assert kind is KIND_OF[type(header.event)]
    assert encode_header(header) == data


@patient
@given(nearly(headers) | nearly_value(headers | any_header))
def test_whatever_stands_in_a_headers_place_is_one_or_refused(data: bytes) -> None:
    is_strict(lambda d: encode_header(parse_header(d)[0]), ACT_ERRORS, data)


@pytest.mark.parametrize("at", range(18))
def test_no_field_of_a_header_takes_another_type(at: int) -> None:
    fields: Any = cbor.decode(told().records[3].signed.header, max_size=MAX_HEADER)
    other: Any
    for other in (True, -1, "a", "", [], {}, b"", b"short", [None]):
        if type(other) is not type(fields[at]) or other in (-1, b"", b"short", {}, "a", ""):
            with pytest.raises(ACT_ERRORS):
                parse_header(cbor.encode([*fields[:at], other, *fields[at + 1 :]]))


# records and stubs


items = st.sampled_from([*told().items(), *map(told().stub, range(1, 28))]).map(cbor.encode)


@patient
@given(nearly(items) | nearly_value(items))
def test_whatever_stands_in_an_items_place_is_one_or_refused(data: bytes) -> None:
    with suppress(Malformed):
        item = cbor.decode(data, max_size=LARGE)
        with suppress(MalformedAct):
            entry = read_item(item)
            assert cbor.encode(record_item(entry) if isinstance(entry, Record) else stub_item(entry)) == data


@patient
@given(nearly(items) | nearly_value(items))
def test_whatever_a_hub_serves_next_is_taken_in_whole_or_changes_nothing(data: bytes) -> None:
    replay = replayed(ANNA, told().items()[:3])
    before = (replay.channel, replay.head)
    with suppress(Malformed):
        item = cbor.decode(data, max_size=LARGE)
        for take_in in (replay.accept, replay.fill):
            with suppress(Attack, UnknownKey, UnknownDevice, UnknownKind, UnknownProtocol):
                take_in(item)
                before = (replay.channel, replay.head)
            assert (replay.channel, replay.head) == before
