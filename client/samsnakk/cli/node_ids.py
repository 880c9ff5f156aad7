"""Ids on the command line of a node."""

from typing import Final

from samsnakk.node.configuration import BadNode

_ID: Final = 16


def id_in_hex(text: str) -> bytes:
    """A 16-byte id written in hexadecimal. Raises `BadNode`."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != _ID:
        raise BadNode(f"{text}: 32 hexadecimal digits expected")
    return found
