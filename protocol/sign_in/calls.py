"""Calls to a provider as data, and the encodings of their parameters."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

_T = TypeVar("_T")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request to make: GET where there is no `form`, else POST of `application/x-www-form-urlencoded`."""

    url: str
    form: Pairs | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def body(self) -> bytes | None:
        """The encoded form."""
        return None if self.form is None else encoded(self.form).encode("ascii")

    @property
    def method(self) -> str:
        """GET or POST."""
        return "GET" if self.form is None else "POST"

    @property
    def all_headers(self) -> Mapping[str, str]:
        """The headers to send, those that follow from the kind of call included."""
        kind = {} if self.form is None else {"Content-Type": "application/x-www-form-urlencoded"}
        return {**self.headers, "Accept": "application/json", **kind}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


Steps = Generator[Call, Answer, _T]
"""Calls to make, one after the other, and what comes of it."""


def encoded(pairs: Pairs) -> str:
    """`name=value&…`, everything but unreserved characters in percent signs (RFC 3986 §2.3)."""
    return "&".join(f"{_percent(name)}={_percent(value)}" for name, value in pairs)


def with_query(url: str, pairs: Pairs) -> str:
    """The address with these parameters added."""
    return f"{url}{'&' if '?' in url else '?'}{encoded(pairs)}"


def _percent(value: str) -> str:
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in value.encode("utf-8", "replace"))
