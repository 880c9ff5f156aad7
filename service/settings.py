"""Every setting of the hub: an environment variable, its meaning, its default. `docs/settings.md` is made from this."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

LOG_LEVELS = ("debug", "info", "warning", "error")


class BadSetting(ValueError):
    """A setting that cannot be read; the text names the variable and what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The hub's settings: variable name and meaning stand in each annotation. A proxy in front terminates TLS."""

    listen: Annotated[str, "SAMSNAKK_LISTEN", "Address and port; port 0 takes a free one."] = "127.0.0.1:8440"
    data: Annotated[Path, "SAMSNAKK_DATA", "Folder of the embedded PostgreSQL, used when DATABASE_URL is unset."] = (
        Path("samsnakk-data")
    )
    database_url: Annotated[
        str | None,
        "DATABASE_URL",
        "PostgreSQL 15 or newer, as the service role (secret). Unset: embedded, in SAMSNAKK_DATA.",
    ] = field(default=None, repr=False)
    owner_database_url: Annotated[
        str | None,
        "SAMSNAKK_OWNER_DATABASE_URL",
        "The same as the owner role (secret); only `samsnakk migrate` uses it.",
    ] = field(default=None, repr=False)
    eraser_database_url: Annotated[
        str | None,
        "SAMSNAKK_ERASER_DATABASE_URL",
        "The same as the eraser role (secret); only `samsnakk scrub` uses it.",
    ] = field(default=None, repr=False)
    scrub_hour: Annotated[
        str | None,
        "SAMSNAKK_SCRUB_HOUR",
        "Hour (UTC, 0-23) for writing tables anew after an erasure, which makes all wait. Unset: at once.",
    ] = None
    trust_file: Annotated[Path, "SAMSNAKK_TRUST_FILE", "Pinned roots, names, first key streams."] = Path("trust.json")
    hub_key_file: Annotated[Path, "SAMSNAKK_HUB_KEY_FILE", "The hub's 32-byte Ed25519 seed (secret)."] = Path("hub.key")
    allowed_origins: Annotated[
        tuple[str, ...], "SAMSNAKK_ALLOWED_ORIGINS", "Origins of web pages that may connect, separated by commas."
    ] = ()
    witness_file: Annotated[
        str | None, "SAMSNAKK_WITNESS_FILE", "Policy file with witnesses of others that are asked to cosign the log."
    ] = None
    sign_in_file: Annotated[
        str | None, "SAMSNAKK_SIGN_IN_FILE", "Identity providers (TOML). Unset: nobody signs in, devices alone connect."
    ] = None
    passkey_domain: Annotated[
        str | None,
        "SAMSNAKK_PASSKEY_DOMAIN",
        "What passkeys are made for: the host of `public_url` (default), or a domain above it. Do not change it.",
    ] = None
    development_sign_in: Annotated[
        str | None,
        "SAMSNAKK_DEVELOPMENT_SIGN_IN",
        "`only-on-this-machine`: anybody signs in as anybody in the trust file. Loopback only; no real people.",
    ] = None
    development_users: Annotated[
        tuple[str, ...],
        "SAMSNAKK_DEVELOPMENT_USERS",
        "Names of invented users who have yet to arrive, separated by commas. Used by that provider only.",
    ] = ()
    log_level: Annotated[str, "SAMSNAKK_LOG_LEVEL", "debug, info, warning or error."] = "info"
    device_acts: Annotated[float, "SAMSNAKK_DEVICE_ACTS", "Acts a second one device may send for long."] = 50.0
    device_burst: Annotated[float, "SAMSNAKK_DEVICE_BURST", "Acts one device may send at once."] = 500.0
    organisation_acts: Annotated[
        float, "SAMSNAKK_ORGANISATION_ACTS", "Acts a second one organisation may send for long."
    ] = 2000.0
    organisation_burst: Annotated[float, "SAMSNAKK_ORGANISATION_BURST", "Acts one organisation may send at once."] = (
        20000.0
    )
    publish_rate: Annotated[
        float, "SAMSNAKK_PUBLISH_RATE", "Key streams and sign-ins a second one address may begin for long."
    ] = 1.0
    publish_burst: Annotated[float, "SAMSNAKK_PUBLISH_BURST", "The same at once."] = 100.0
    arrival_rate: Annotated[
        float, "SAMSNAKK_ARRIVAL_RATE", "Looks at invitations a second one address may take for long."
    ] = 10.0
    arrival_burst: Annotated[float, "SAMSNAKK_ARRIVAL_BURST", "Looks at invitations one address may take at once."] = (
        200.0
    )
    in_flight: Annotated[int, "SAMSNAKK_IN_FLIGHT", "Units of one connection that may be on their way to the disk."] = (
        256
    )
    write_buffer: Annotated[
        int, "SAMSNAKK_WRITE_BUFFER", "Bytes a reader may lag behind before it is cut off (it resumes)."
    ] = 256 * 1024
    login_seconds: Annotated[float, "SAMSNAKK_LOGIN_SECONDS", "Time to answer the challenge."] = 10.0
    idle_seconds: Annotated[
        float, "SAMSNAKK_IDLE_SECONDS", "Heartbeat; a connection that does not answer one is closed."
    ] = 30.0
    drain_seconds: Annotated[float, "SAMSNAKK_DRAIN_SECONDS", "Time for open work when the hub shuts down."] = 10.0
    checkpoint_seconds: Annotated[
        float, "SAMSNAKK_CHECKPOINT_SECONDS", "Between two checkpoints of the log that are pushed to a connection."
    ] = 1.0
    security_log_days: Annotated[
        int, "SAMSNAKK_SECURITY_LOG_DAYS", "Days that the security log of refused attempts is kept; 90 at least."
    ] = 365
    live_channels: Annotated[int, "SAMSNAKK_LIVE_CHANNELS", "Channels kept in memory."] = 10000


def scrub_hour(settings: Settings) -> int | None:
    """The hour in which tables may be written anew; None: any.

    Raises:
        BadSetting: not an hour.

    """
    raw = settings.scrub_hour
    if raw is None:
        return None
    if not raw.isdigit() or int(raw) not in range(24):
        raise BadSetting("SAMSNAKK_SCRUB_HOUR: an hour from 0 to 23 expected")
    return int(raw)


def _described() -> dict[str, tuple[str, str]]:
    """Field name -> (variable, meaning)."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: (hint.__metadata__[0], hint.__metadata__[1]) for name, hint in hints.items()}


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment.

    Raises:
        BadSetting: a variable cannot be read as what it should be.

    """
    environment = os.environ if environment is None else environment
    variables = _described()
    found = {
        f.name: _parse(variables[f.name][0], raw, f.default)
        for f in fields(Settings)
        if (raw := environment.get(variables[f.name][0], ""))
    }
    return Settings(**found)


def _parse(name: str, raw: str, default: object) -> Any:  # noqa: ANN401 - as many types as there are settings
    match default:
        case int() | float():
            return _number(name, raw, type(default))
        case Path():
            return Path(raw)
        case "info":
            return _level(name, raw)
        case tuple():
            return tuple(part.strip() for part in raw.split(",") if part.strip())
        case _:
            return raw


def _level(name: str, raw: str) -> str:
    if raw.lower() not in LOG_LEVELS:
        raise BadSetting(f"{name}: one of {', '.join(LOG_LEVELS)} expected")
    return raw.lower()


def _number(name: str, raw: str, kind: type[int] | type[float]) -> float:
    try:
        number = kind(raw)
    except ValueError:
        raise BadSetting(f"{name}: a number expected") from None
    if number <= 0:
        raise BadSetting(f"{name}: a number above zero expected")
    return number


def settings_reference() -> str:
    """The reference of every setting as a Markdown table."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    variables = _described()
    for f in fields(Settings):
        default = "" if f.default in (None, ()) else f"`{f.default}`"
        variable, meaning = variables[f.name]
        rows.append(f"| `{variable}` | {default} | {meaning} |")
    return "\n".join(rows) + "\n"
