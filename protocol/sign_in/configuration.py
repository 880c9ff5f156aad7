"""The file that says which providers there are (TOML). Errors name the line; secrets stand in files of their own.

public_url = "https://samsnakk.example.no"
subject_key_file = "subject.key"

[provider.helseid]
profile = "helseid"
label = "HelseID"
issuer = "https://helseid-sts.example.no"
client_id = "…"
key_file = "helseid.jwk"
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from protocol.sign_in.client import Client, read_client_key
from protocol.sign_in.discovery import is_safe_address
from protocol.sign_in.profiles import PROFILES
from protocol.sign_in.refusals import SignInFailed

MAX_FILE: Final = 64 * 1024
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_TABLE: Final = re.compile(r"\s*\[+([^\]]*)\]+")
_KEYS: Final = {"public_url", "subject_key_file", "provider"}
_PROVIDER_KEYS: Final = {"profile", "label", "issuer", "client_id", "key_file", "levels", "scopes"}

ReadFile = Callable[[str], bytes]
"""Reads a file that the configuration names; raises OSError."""


class BadConfiguration(ValueError):
    """The file is not what it should be; the text says where and what is expected, and repeats no value."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as people see it (`label`), and as the program uses it."""

    label: str
    client: Client


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the file says. `public_url` has no slash at its end; a node's names no `subject_key_file`."""

    public_url: str
    subject_key_file: str
    providers: Mapping[str, Provider]

    @property
    def origin(self) -> str:
        """The origin of our own pages, as browsers name it."""
        return self.public_url


def read_configuration(source: str, read_file: ReadFile, *, subject_key: bool = True) -> Configuration:
    """The configuration in the text `source`; `subject_key` False: of a node, which has a key of its own for that.

    Raises:
        BadConfiguration: it cannot be used; the text begins with the line.

    """
    return _Reader(source, read_file, subject_key=subject_key).read()


class _Reader:
    def __init__(self, source: str, read_file: ReadFile, *, subject_key: bool) -> None:
        self._subject_key = subject_key
        self._lines = source.splitlines()
        self._source = source
        self._read_file = read_file

    def read(self) -> Configuration:
        if len(self._source) > MAX_FILE:
            raise BadConfiguration("line 1: longer than 64 KiB")
        try:
            found = tomllib.loads(self._source)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise BadConfiguration(_told(error)) from None
        self._known_keys("", found, _KEYS if self._subject_key else _KEYS - {"subject_key_file"})
        public_url = self._address("", found, "public_url")
        if re.fullmatch(r"https?://[^/?]+", public_url) is None:
            self._refuse("", "public_url", "scheme, host and port only, without a slash at the end")
        providers = found.get("provider")
        if not isinstance(providers, dict) or not providers:
            self._refuse("", "provider", "at least one table [provider.NAME]")
        read = {name: self._provider(name, table, public_url) for name, table in providers.items()}
        subject_key = self._text("", found, "subject_key_file") if self._subject_key else ""
        return Configuration(public_url, subject_key, read)

    def _provider(self, name: str, table: Any, public_url: str) -> Provider:  # noqa: ANN401 - whatever TOML holds
        place = f"provider.{name}"
        if _NAME.fullmatch(name) is None or not isinstance(table, dict):
            self._refuse(place, None, "[provider.NAME] with a NAME of small letters, digits and hyphens")
        self._known_keys(place, table, _PROVIDER_KEYS)
        profile = PROFILES.get(self._text(place, table, "profile"))
        if profile is None:
            self._refuse(place, "profile", f"one of {', '.join(PROFILES)}")
        try:
            key = read_client_key(self._read_file(self._text(place, table, "key_file")))
        except OSError as error:
            self._refuse(place, "key_file", f"a file that can be read ({error.strerror})")
        except SignInFailed:
            self._refuse(place, "key_file", "a private key as JWK (P-256, or RSA of 2048 bits and more) with a kid")
        client = Client(
            name=name,
            issuer=self._address(place, table, "issuer"),
            client_id=self._text(place, table, "client_id"),
            redirect_uri=f"{public_url}/sign-in/{name}/callback",
            profile=profile,
            key=key,
            levels=frozenset(self._texts(place, table, "levels") or profile.levels),
            scopes=self._texts(place, table, "scopes") or profile.scopes,
            after_logout=f"{public_url}/sign-in/signed-out",
        )
        return Provider(self._text(place, table, "label"), client)

    def _known_keys(self, place: str, table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                self._refuse(place, key, f"not known; there are {', '.join(sorted(known))}")

    def _text(self, place: str, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            self._refuse(place, key, "a text expected")
        return value

    def _texts(self, place: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self._refuse(place, key, "a list of texts expected")
        return tuple(value)

    def _address(self, place: str, table: Mapping[str, Any], key: str) -> str:
        value = self._text(place, table, key)
        if not is_safe_address(value):
            self._refuse(place, key, "an https address (http on this machine only)")
        return value

    def _refuse(self, place: str, key: str | None, expected: str) -> NoReturn:
        name = ".".join(part for part in (place, key) if part)
        raise BadConfiguration(f"line {self._line(place, key)}: {name}: {expected}")

    def _line(self, place: str, key: str | None) -> int:
        """Where the key stands; where it is missing, where its table begins."""
        table, begins = "", 1
        for number, line in enumerate(self._lines, 1):
            header = _TABLE.match(line)
            if header is not None:
                table = header[1].replace(" ", "").replace('"', "").replace("'", "")
                begins = number if table == place else begins
                if key is not None and not place and f"{table}.".startswith(f"{key}."):
                    return number
            elif table == place and key is not None and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""", line):
                return number
        return begins


def _told(error: Exception) -> str:
    """The parser's complaint with its line in front, and without the text around it."""
    where = re.search(r"at line (\d+)", str(error))
    return f"line {where[1] if where else 1}: not TOML"
