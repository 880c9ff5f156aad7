"""JSON that comes from a provider: objects without doubled names, each value of the type that is asked for."""

import json
from typing import Any, Final

from protocol.sign_in.refusals import SignInFailed, Why

MAX_ANSWER: Final = 256 * 1024
"""Bytes of any answer of a provider, and of any token."""

Json = dict[str, Any]


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(_: str) -> float:
    raise ValueError("not JSON")


def read_object(data: bytes) -> Json:
    """The JSON object in `data`.

    Raises:
        SignInFailed: too long, no JSON, no object, or with a name twice.

    """
    if len(data) > MAX_ANSWER:
        raise SignInFailed(Why.TOO_LARGE)
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise SignInFailed(Why.MALFORMED) from None
    if not isinstance(value, dict):
        raise SignInFailed(Why.MALFORMED)
    return value


def text(found: Json, name: str) -> str:
    """A text that must be there and not empty. Raises `SignInFailed`."""
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise SignInFailed(Why.MALFORMED)
    return value


def optional_text(found: Json, name: str) -> str | None:
    """A text that may be left out; a number is taken as its digits, since some providers send either.

    Raises:
        SignInFailed: something else stands there.

    """
    value = found.get(name)
    if value is None or isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise SignInFailed(Why.MALFORMED)


def texts(found: Json, name: str) -> tuple[str, ...]:
    """A list of texts, empty where it is left out. Raises `SignInFailed`."""
    value = found.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SignInFailed(Why.MALFORMED)
    return tuple(value)


def seconds(found: Json, name: str) -> int:
    """A time, UTC seconds since 1970. Raises `SignInFailed`."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 53:
        raise SignInFailed(Why.MALFORMED)
    return int(value)
