"""How a class that stands in facts or on the wire is told to people: its fields, and its docstring's sense."""

import inspect
import types
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

PLAIN = {int: "integer", bytes: "bytes", str: "text", bool: "boolean", Any: "item"}


def fields_of(described: Any) -> str:
    """`name`: type, for every field in order."""
    hints = get_type_hints(described, include_extras=True)
    names: Iterable[str] = getattr(described, "__struct_fields__", ()) or getattr(described, "__dataclass_fields__", ())
    return "; ".join(f"`{name}`: {_type(hints[name])}" for name in names) or "none"


def sentence_of(described: Any) -> str:
    """The docstring as one line of a table."""
    return " ".join((inspect.getdoc(described) or "").split()).replace("|", "\\|")


def _type(hint: Any) -> str:
    if hint in PLAIN:
        return PLAIN[hint]
    if hasattr(hint, "__supertype__"):
        return str(hint.__name__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(arguments[0], arguments[1])
    if origin in (Union, types.UnionType):
        return " or ".join("null" if argument is type(None) else _type(argument) for argument in arguments)
    if origin is list or (origin is tuple and arguments[-1:] == (Ellipsis,)):
        return f"[{_type(arguments[0])}…]"
    if origin is tuple:
        return f"[{', '.join(map(_type, arguments))}]"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return " / ".join(hint)
    return str(hint.__name__)


def _bounded(hint: Any, bounds: Any) -> str:
    """A type with its bounds; a field of exactly one length says that length."""
    least, most = bounds.min_length, bounds.max_length
    if hint is bytes and least == most:
        return f"bytes {least}"
    told = _type(hint)
    if bounds.pattern is not None:
        return "code"
    return f"{told} (at most {most})" if most is not None else told
