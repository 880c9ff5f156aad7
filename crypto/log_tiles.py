"""Tiles: the log cut into files that never change once they are full (C2SP tlog-tiles).

A tile of level l holds up to 256 hashes, each over 256^l leaves; level 0 holds leaf hashes. An entry bundle holds the
data of up to 256 leaves. Whoever has the tiles has every proof, so a log can be served by any file server.
"""

import re
from dataclasses import dataclass
from typing import Final

from crypto.errors import Malformed
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_tree import MAX_LOG, Frontier

TILE_WIDTH: Final = 256
"""Hashes in a full tile: eight levels of the tree."""
MAX_TILE_LEVEL: Final = 6
"""Six levels of tiles cover 256^6 = 2^48 leaves."""
_LENGTH: Final = 2
_NAME: Final = re.compile(r"(entries|[0-5])/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


@dataclass(frozen=True, slots=True)
class TileName:
    """Tile `n` of a level (None: the entries themselves), of which the first `width` are asked for."""

    level: int | None
    n: int
    width: int = TILE_WIDTH

    def __str__(self) -> str:
        level = "entries" if self.level is None else str(self.level)
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{level}/{_number(self.n)}{part}"


def parse_tile_name(path: str) -> TileName:
    """What stands behind `tile/` in a tile's address. Raises `Malformed` on all but the one form of it."""
    found = _NAME.fullmatch(path)
    if found is None or not path.isascii():
        raise Malformed("not a tile's name")
    level, number, width = found.groups()
    n = int(number.replace("x", "").replace("/", "")) if len(number) < TILE_WIDTH else MAX_LOG
    name = TileName(None if level == "entries" else int(level), n, TILE_WIDTH if width is None else int(width))
    if n >= MAX_LOG or not 0 < name.width <= TILE_WIDTH or str(name) != path:
        raise Malformed("not a tile's name")
    return name


def tile_root(hashes: bytes) -> Digest:
    """The hash that stands for a full tile in the tile above it. Raises `Malformed` unless it is full."""
    if len(hashes) != TILE_WIDTH * DIGEST_LENGTH:
        raise Malformed("a tile that is not full")
    return Frontier().with_leaves(split_tile(hashes)).root


def split_tile(hashes: bytes) -> list[Digest]:
    """The hashes of a tile. Raises `Malformed`."""
    if len(hashes) % DIGEST_LENGTH or len(hashes) > TILE_WIDTH * DIGEST_LENGTH:
        raise Malformed("not a tile")
    return [Digest(hashes[at : at + DIGEST_LENGTH]) for at in range(0, len(hashes), DIGEST_LENGTH)]


def encode_bundle(entries: list[bytes]) -> bytes:
    """An entry bundle: length (2 bytes, big endian) and data of each entry."""
    return b"".join(len(entry).to_bytes(_LENGTH, "big") + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `Malformed`."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        if end > len(data) or len(found) == TILE_WIDTH:
            raise Malformed("not a bundle of entries")
        found.append(data[at + _LENGTH : end])
        at = end
    return found


def _number(n: int) -> str:
    """Thousands apart, all but the last marked with x: 1234067 is x001/x234/067."""
    parts = [f"{n % 1000:03d}"]
    while n := n // 1000:
        parts.append(f"x{n % 1000:03d}")
    return "/".join(reversed(parts))
