"""`node.toml`: what a node is told. An error names the line."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from domain.ids import OrganisationId
from samsnakk.errors import SamsnakkError

DAY: Final = 24 * 60 * 60 * 1000
LONGEST_DAYS: Final = 365
_ID: Final = 16
_KEYS: Final = {
    "hub": str,
    "listen": str,
    "certificate_days": int,
    "organisations": list,
    "sign_in": str,
    "hook": list,
    "witness_logs": str,
}
_LOOPBACK: Final = "127.0.0.1:8600"
_LAST_PORT: Final = 65535


class BadNode(SamsnakkError):
    """The node's folder or one of its files is not what it should be; the text says where."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "Mend the file and start the node again.")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The hub's address, the door's address, how long certificates hold (ms), and which organisations are served.

    `sign_in` names the file of identity providers; None: nobody can sign in here.
    """

    hub: str
    host: str
    port: int
    validity: int
    organisations: tuple[OrganisationId, ...]
    sign_in: str | None = None
    hook: tuple[str, ...] = ()
    """The record system's command and its arguments; empty where there is none."""
    witness_logs: str | None = None
    """The policy file that names logs of others which this node cosigns on request; None: of none."""


def read_configuration(path: Path) -> Configuration:
    """Read `node.toml` strictly. Raises `BadNode`, naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise BadNode(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadNode(f"{path}: {error}") from None
    return _Reading(path, text, found).configuration()


@dataclass(frozen=True, slots=True)
class _Reading:
    path: Path
    text: str
    found: dict[str, Any]

    def configuration(self) -> Configuration:
        for key, value in self.found.items():
            kind = _KEYS.get(key)
            if kind is None:
                raise self._wrong(key, f"unknown setting; there are {', '.join(_KEYS)}")
            if type(value) is not kind:
                raise self._wrong(key, f"{kind.__name__} expected")
        host, port = self._address()
        days, organisations, sign_in = self._days(), self._organisations(), self.found.get("sign_in")
        hook, logs = self._hook(), self.found.get("witness_logs")
        return Configuration(self._hub(), host, port, days * DAY, organisations, sign_in, hook, logs)

    def _hub(self) -> str:
        hub: str = self._needed("hub")
        parts = urlsplit(hub)
        inside = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.hostname is None or not (parts.scheme == "https" or (parts.scheme == "http" and inside)):
            raise self._wrong("hub", "an https:// address expected")
        return hub

    def _address(self) -> tuple[str, int]:
        host, _, port = self.found.get("listen", _LOOPBACK).rpartition(":")
        if not host or not port.isdecimal() or int(port) > _LAST_PORT:
            raise self._wrong("listen", "host:port expected")
        return host, int(port)

    def _days(self) -> int:
        days: int = self.found.get("certificate_days", 30)
        if not 1 <= days <= LONGEST_DAYS:
            raise self._wrong("certificate_days", f"1 to {LONGEST_DAYS}")
        return days

    def _organisations(self) -> tuple[OrganisationId, ...]:
        given = self._needed("organisations")
        ids: list[OrganisationId] = []
        for one in given:
            try:
                organisation = bytes.fromhex(one)
            except (TypeError, ValueError):
                organisation = b""
            if len(organisation) != _ID or organisation in ids:
                raise self._wrong("organisations", "different ids of 32 hexadecimal digits expected")
            ids.append(OrganisationId(organisation))
        if not ids:
            raise self._wrong("organisations", "at least one")
        return tuple(ids)

    def _hook(self) -> tuple[str, ...]:
        given = self.found.get("hook", [])
        if any(not isinstance(part, str) or not part or "\0" in part for part in given):
            raise self._wrong("hook", "a command and its arguments expected")
        return tuple(given)

    def _needed(self, key: str) -> Any:  # noqa: ANN401 - its kind was checked
        if key not in self.found:
            raise BadNode(f"{self.path}: {key} is missing")
        return self.found[key]

    def _wrong(self, key: str, what: str) -> BadNode:
        pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
        lines = (n for n, line in enumerate(self.text.splitlines(), 1) if pattern.match(line))
        return BadNode(f"{self.path}:{next(lines, 1)}: {key}: {what}")


def write_configuration(hub: str, listen: str, organisations: tuple[OrganisationId, ...]) -> str:
    """A `node.toml` to begin with."""
    ids = ", ".join(f'"{one.hex()}"' for one in organisations)
    return f'hub = "{hub}"\nlisten = "{listen}"\ncertificate_days = 30\norganisations = [{ids}]\n'
