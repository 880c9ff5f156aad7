"""Tokens of this hub; what they are and what is kept of them stands in `protocol.sign_in.tokens`."""

from crypto.random import random_bytes
from protocol.sign_in.tokens import LENGTH, written


def new_token() -> str:
    """32 random bytes in base64url."""
    return written(random_bytes(LENGTH))
