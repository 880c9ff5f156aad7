"""The staff register: who may have a certificate. A CSV file, one person a line; whoever is removed has left.

person,function,hpr,identity
(32 hexadecimal digits),psykolog,123456789,(64 hexadecimal digits)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from domain.ids import PrincipalId
from samsnakk.node.configuration import BadNode
from samsnakk.node.registers import read_rows

_HEADER: Final = ["person", "function", "hpr", "identity"]
_ID, _HASH = 16, 32


@dataclass(frozen=True, slots=True)
class Entry:
    """One person: `hpr` empty where there is none, `identity` what `OpenNode.identity` makes of their login."""

    person: PrincipalId
    function: str
    hpr: str = field(repr=False)
    identity: str = field(repr=False)


def read_staff(path: Path) -> Mapping[PrincipalId, Entry]:
    """The register. Raises `BadNode`, naming the line; half a register is none."""
    try:
        rows = read_rows(path, _HEADER)
    except FileNotFoundError as error:
        raise BadNode(f"{path}: {error.strerror}") from None
    found: dict[PrincipalId, Entry] = {}
    for number, row in enumerate(rows, 2):
        entry = _entry(f"{path}:{number}", row)
        if entry.person in found or any(entry.identity == other.identity for other in found.values()):
            raise BadNode(f"{path}:{number}: a person or login that stands above already")
        found[entry.person] = entry
    return found


def _entry(where: str, row: list[str]) -> Entry:
    if len(row) != len(_HEADER):
        raise BadNode(f"{where}: {len(_HEADER)} values expected")
    person, function, hpr, identity = row
    if not _is_hex(person, _ID) or not _is_hex(identity, _HASH):
        raise BadNode(f"{where}: person and identity are 32 and 64 hexadecimal digits")
    if hpr and not hpr.isdecimal():
        raise BadNode(f"{where}: hpr is a number, or empty")
    return Entry(PrincipalId(bytes.fromhex(person)), function, hpr, identity.lower())


def _is_hex(text: str, length: int) -> bool:
    try:
        return len(text) == 2 * length and len(bytes.fromhex(text)) == length
    except ValueError:
        return False
