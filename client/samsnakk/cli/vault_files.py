"""What every step of a case at a vault reads first: the own trust file, and the check sum that was told."""

from pathlib import Path
from typing import Final

from domain.ids import Digest as Head
from protocol.trust import Trust, decode_trust
from samsnakk.cli.vault_texts import FAULTS
from samsnakk.cli.vault_words import Stopped

_HEAD_LENGTH: Final = 32


def read_trust(path: Path) -> Trust:
    """The own trust file. Raises `BadTrustFile`, `OSError`."""
    return decode_trust(path.read_bytes())


def head_in(text: str) -> Head:
    """A head as it is read aloud or sent, in hexadecimal. Raises `Stopped`."""
    try:
        head = bytes.fromhex(text)
    except ValueError:
        head = b""
    if len(head) != _HEAD_LENGTH:
        raise Stopped(FAULTS["not_hex"])
    return Head(head)
