"""Looking for a canary in bytes, in every dress in which a program might have let it slip."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex

from samsnakk.demo.searching import joined_log


def new_canary() -> str:
    """Sixteen signs that occur nowhere by chance, and are the same in every character set that knows ASCII."""
    return token_hex(8)


def dresses(canary: str) -> dict[str, bytes]:
    """How the canary could look, wherever it begins."""
    found: dict[str, bytes] = {}
    for charset in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = canary.encode(charset)
        found[charset] = plain
        found[f"{charset} hex"] = plain.hex().encode()
        found[f"{charset} HEX"] = plain.hex().upper().encode()
        for shift in range(3):
            encoded = _inner_base64(plain, shift)
            found[f"{charset} base64+{shift}"] = encoded
            found[f"{charset} base64url+{shift}"] = encoded.replace(b"+", b"-").replace(b"/", b"_")
    found["upper case"] = canary.upper().encode()
    found["percent"] = "".join(f"%{sign:02x}" for sign in canary.encode()).encode()
    found["PERCENT"] = found["percent"].upper()
    found["JSON"] = json.dumps(canary)[1:-1].encode()
    found["escapes"] = "".join(f"\\u{ord(sign):04x}" for sign in canary).encode()
    return found


def _inner_base64(plain: bytes, shift: int) -> bytes:
    """What stands for certain in the base64 of anything that holds `plain` at `shift` modulo 3."""
    encoded = b64encode(bytes(shift) + plain)
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(plain)) * 8 // 6]


def found_in(places: Mapping[str, bytes], canary: str) -> list[tuple[str, str]]:
    """Every (place, dress) in which the canary shows."""
    looked_for = dresses(canary)
    return [(place, dress) for place, data in places.items() for dress, needle in looked_for.items() if needle in data]


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file with its path from the folder on, and each database's log once more without its pages' headers."""
    logs: dict[Path, list[bytes]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.parent.name == "pg_wal":
                logs.setdefault(path.parent, []).append(data)
            yield str(path.relative_to(folder)), data
    for log, files in logs.items():
        yield f"{log.relative_to(folder)} as one", joined_log(files)
