"""One fixed value of any type that travels, made from its annotations: as full or as bare as the type allows."""

import types
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Meta

from tests.crypto.fixed import some_bytes


def example_of(kind: Any, name: str = "", *, full: bool) -> Any:
    """The value; `name` makes two fields of one type differ. Bare: null, empty, false and zero wherever they fit."""
    if hasattr(kind, "__supertype__"):
        return example_of(kind.__supertype__, name, full=full)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _bounded(arguments[0], arguments[1:], name, full=full)
    if origin in {Union, types.UnionType}:
        bare = type(None) in arguments and not full
        return None if bare else example_of(next(a for a in arguments if a is not type(None)), name, full=full)
    if origin in {list, tuple}:
        return _sequence(origin, arguments, name, 1 if full else 0, full=full)
    return _plain(kind, name, full=full)


def _plain(kind: Any, name: str, *, full: bool) -> Any:
    if kind is Any:
        return [name, 1, None] if full else None
    if kind is bool:
        return full
    if kind is int:
        return _number(name) if full else 0
    if kind is bytes:
        return some_bytes(name, 20) if full else b""
    if kind is str:
        return f"{name} på norsk" if full else ""
    if issubclass(kind, Enum):
        return list(kind)[_number(name) % len(kind) if full else 0]
    hints = get_type_hints(kind, include_extras=True)
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else kind.__struct_fields__
    return kind(**{one: example_of(hints[one], f"{name} {one}".strip(), full=full) for one in names})


def _bounded(kind: Any, metas: tuple[Meta, ...], name: str, *, full: bool) -> Any:
    bounds = {key: value for meta in metas for key, value in meta.__rich_repr__() if value is not None}
    low = bounds.get("min_length", 0)
    if "pattern" in bounds:
        return "code-1"
    if kind is bytes:
        return some_bytes(name, low)
    if kind in {int, str}:
        return _plain(kind, name, full=full)
    return _sequence(get_origin(kind), get_args(kind), name, max(low, 2 if full else 0), full=full)


def _sequence(origin: Any, items: tuple[Any, ...], name: str, count: int, *, full: bool) -> Any:
    if origin is tuple and items[-1] is not Ellipsis:
        return tuple(example_of(item, f"{name} {at}", full=full) for at, item in enumerate(items))
    return origin(example_of(items[0], f"{name} {at}", full=full) for at in range(count))


def _number(name: str) -> int:
    """Any number of one to six bytes."""
    digest = sha256(name.encode()).digest()
    return int.from_bytes(digest[1 : 2 + digest[0] % 6], "big")
