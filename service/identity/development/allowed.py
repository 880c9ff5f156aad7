"""When the development provider may run: never where real people could be."""

from ipaddress import ip_address
from typing import Final

from service.settings import BadSetting, Settings

WORDS: Final = "only-on-this-machine"


def is_asked_for(settings: Settings) -> bool:
    """Whether to run the development provider.

    Raises:
        BadSetting: it is asked for, but in other words, or where it must not run.

    """
    said = settings.development_sign_in
    if said is None:
        return False
    if said != WORDS:
        raise _refused(f"{WORDS!r} expected, in full")
    if not _is_loopback(settings.listen):
        raise _refused("SAMSNAKK_LISTEN must be an address of this machine's loopback, such as 127.0.0.1:8440")
    if settings.sign_in_file is not None:
        raise _refused("SAMSNAKK_SIGN_IN_FILE names real providers; both at once would let anybody in as anybody")
    if settings.database_url is not None:
        raise _refused("DATABASE_URL is set; it runs beside the embedded database only")
    if any(not _is_local_page(origin) for origin in settings.allowed_origins):
        raise _refused("SAMSNAKK_ALLOWED_ORIGINS lists pages that are not of this machine")
    return True


def _refused(why: str) -> BadSetting:
    return BadSetting(f"SAMSNAKK_DEVELOPMENT_SIGN_IN: {why}")


def _is_loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name, even `localhost`: what it means is for somebody else to say


def _is_local_page(origin: str) -> bool:
    scheme, _, rest = origin.partition("://")
    return scheme == "http" and (rest.startswith("localhost:") or _is_loopback(rest))
