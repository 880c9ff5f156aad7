"""A key stream as it travels and is kept: CBOR [[statement, signature], …], believed in nothing until replayed."""

from collections.abc import Sequence

from crypto import cbor
from crypto.errors import Malformed
from crypto.key_statements import OwnRootFounded, SignedStatement, parse_statement
from crypto.signing import SIGNATURE_LENGTH, Signature
from protocol.errors import MalformedFrame

MAX_KEY_STREAM = 1024 * 1024
"""Bytes; about 700 key versions."""


def encode_entries(entries: Sequence[SignedStatement]) -> bytes:
    """The whole stream, or its continuation, oldest statement first."""
    return cbor.encode([[entry.statement, entry.signature] for entry in entries])


def decode_entries(data: bytes) -> tuple[SignedStatement, ...]:
    """The entries, unverified: only `Directory.add` makes something of them.

    Raises:
        MalformedFrame: not a key stream.

    """
    try:
        value = cbor.decode(data, max_size=MAX_KEY_STREAM)
    except Malformed as error:
        raise MalformedFrame(str(error)) from None
    entries = []
    for item in value if isinstance(value, list) else [None]:
        match item:
            case [bytes() as statement, bytes() as signature] if len(signature) == SIGNATURE_LENGTH:
                entries.append(SignedStatement(statement, Signature(signature)))
            case _:
                raise MalformedFrame("key stream")
    return tuple(entries)


def is_own_root(entries: Sequence[SignedStatement]) -> bool:
    """Whether the stream begins with a root of its principal's own, which nobody pins. Raises `MalformedFrame`."""
    try:
        return bool(entries) and isinstance(parse_statement(entries[0].statement).fact, OwnRootFounded)
    except Malformed as error:
        raise MalformedFrame(str(error)) from None
