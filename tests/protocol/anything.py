"""Arbitrary values of any type that travels, made from its annotations, and arbitrary damage to the bytes of one."""

import types
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec import Meta

from crypto import cbor
from crypto.cbor import MAX_INT
from domain.channel.terms import MAX_MEMBERS

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""What is asked is what comes out, not how fast on a machine that does other things as well."""

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-MAX_INT, MAX_INT),
    bytes: st.binary(max_size=80),
    str: TEXT,
    bool: st.booleans(),
    type(None): st.none(),
}
PLAIN[Any] = st.one_of(*PLAIN.values())
_CODE = st.sampled_from(["a", "treatment", "9:z/x-y_z.0", "x" * 64])


def any_among(kinds: Iterable[Any]) -> st.SearchStrategy[Any]:
    """Any value of any of `kinds`."""
    return st.sampled_from(list(kinds)).flatmap(any_of)


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that fits the annotation `kind`."""
    if kind in PLAIN:
        return PLAIN[kind]
    if hasattr(kind, "__supertype__"):
        return any_of(kind.__supertype__)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _bounded(arguments[0], arguments[1:])
    if origin in {Union, types.UnionType}:
        return st.one_of(*map(any_of, arguments))
    if origin in {list, tuple}:
        return _sequence(origin, arguments, 0, 3)
    return _whole(kind)


def _whole(kind: Any) -> st.SearchStrategy[Any]:
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind, include_extras=True)
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else kind.__struct_fields__
    assert is_dataclass(kind) or issubclass(kind, msgspec.Struct)
    return st.builds(kind, **{name: any_of(hints[name]) for name in names})


def _bounded(kind: Any, metas: tuple[Meta, ...]) -> st.SearchStrategy[Any]:
    bounds = {name: value for meta in metas for name, value in meta.__rich_repr__() if value is not None}
    if "pattern" in bounds:
        return _CODE
    low, high = bounds.get("min_length", 0), bounds.get("max_length", MAX_MEMBERS)
    if kind is bytes:
        return st.binary(min_size=low, max_size=high)
    if kind is str:
        return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=high)
    if kind is int:
        return st.integers(bounds["ge"], bounds["le"])
    return _sequence(get_origin(kind), get_args(kind), low, min(high, 3))


def _sequence(origin: Callable[..., Any], items: tuple[Any, ...], low: int, high: int) -> st.SearchStrategy[Any]:
    if origin is tuple and items[-1] is not Ellipsis:
        return st.tuples(*map(any_of, items))
    return st.lists(any_of(items[0]), min_size=low, max_size=high).map(origin)


def damaged(data: bytes, at: int, kind: int, extra: bytes) -> bytes:
    """`data` with one bit flipped, cut short, a piece of it left out, doubled, moved, replaced, or bytes added."""
    at %= len(data) + 1
    end = min(len(data), at + 1 + len(extra))
    match kind % 7:
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << (len(extra) % 8)]) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:end] + data[at:]
        case 4:
            return data[end:] + data[:end]
        case 5:
            return data[:at] + extra + data[end:]
        case _:
            return data[:at] + extra + data[at:]


def nearly(valid: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Valid bytes damaged once or twice, and now and then bytes of nothing at all."""
    once = st.builds(damaged, valid, st.integers(0, 1 << 16), st.integers(0, 6), st.binary(max_size=4))
    twice = st.builds(damaged, once, st.integers(0, 1 << 16), st.integers(0, 6), st.binary(max_size=4))
    return once | twice | st.binary(max_size=60)


ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, -1, MAX_INT, b"", bytes(16), bytes(32), "", "text", [], {}, [[]], {"": 0}]
)


def with_odd(value: Any, at: int, odd: Any) -> Any:
    """`value` with the piece that `at` leads to replaced by `odd`, or with `odd` added there."""
    if isinstance(value, dict) and value:
        key = sorted(value)[at % len(value)]
        return {**value, key: with_odd(value[key], at // len(value), odd)} if at % 3 else {**value, "odd": odd}
    if isinstance(value, list | tuple) and value:
        place = at % len(value)
        return [*value[:place], with_odd(value[place], at // len(value), odd), *value[place + 1 :]]
    return odd


CHANGE = st.tuples(st.integers(0, 1 << 16), ODD)


def nearly_value(valid: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Deterministic CBOR with one piece of another type or value."""

    def changed(data: bytes, change: tuple[int, Any]) -> bytes:
        return cbor.encode(with_odd(cbor.decode(data, max_size=1 << 20), *change))

    return st.builds(changed, valid, CHANGE)


def is_strict(parse: Callable[[bytes], bytes], errors: Sequence[type[Exception]], data: bytes) -> None:
    """Accepted bytes are written again as they were; everything else is refused by one of `errors`."""
    with suppress(*errors):
        assert parse(data) == data
