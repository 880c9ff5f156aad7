"""From what stands on the command line to an opened profile, a channel and a hub's address."""

import getpass
import sys
from dataclasses import dataclass, field
from pathlib import Path

from domain.access.events import Purpose
from domain.ids import ChannelId, PrincipalId
from protocol.trust import Trust
from samsnakk.cli.enrol_texts import ENDS_SOON, day
from samsnakk.clock import HubClock
from samsnakk.demo.folder import CHAT_DEVICE, DemoFolder, FolderError, pointer_file
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.errors import CannotUnlock, SamsnakkError
from samsnakk.node_place import HUB_FILE, node_place
from samsnakk.profile import PROFILE, Profile, Unlocked

_ID_LENGTH = 16
_SOON = 7 * 24 * 60 * 60 * 1000


class NoPlace(Exception):
    """The command line names nothing that is there; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who reads and writes, where, and through which hub."""

    unlocked: Unlocked = field(repr=False)
    channel: ChannelId
    name: str
    url: str
    inbox: PrincipalId | None = None
    """The service inbox that is read and acted for, instead of as oneself."""

    @property
    def purpose(self) -> Purpose:
        """What is read for, as it will stand in the access log: a user reads about herself."""
        staff = self.unlocked.identity.organisation is not None
        return Purpose.COORDINATION if staff else Purpose.OWN_RECORD


def find_place(person: str, channel: str, data: Path | None, url: str | None, inbox: str | None = None) -> Place:
    """The place that is meant. `inbox`: None as oneself, "" for the only inbox, else its name. Raises `NoPlace`."""
    unlocked, known = find_profile(person, data, url)
    role = None if inbox is None else _inbox(unlocked, inbox)
    return Place(unlocked, channel_named(unlocked.trust, channel), channel, known, role)


def find_profile(person: str, data: Path | None, url: str | None) -> tuple[Unlocked, str]:
    """The opened profile that is meant, and its hub's address. Raises `NoPlace`."""
    folder = _folder(data)
    if (folder / PROFILE).exists():
        profile, known = folder, url or hub_of(folder)
    else:
        profile, known = _demo_profile(DemoFolder(folder), person, url)
    if known is None:
        raise NoPlace("--url is missing: the address of the hub, such as https://hub.example.org")
    try:
        _remind(profile)
        return unlock_folder(profile), known
    except SamsnakkError as error:
        raise NoPlace(str(error)) from None


def _inbox(unlocked: Unlocked, name: str) -> PrincipalId:
    """By name, or the only one: of those whose keys are here, else of those that the organisation has."""
    mine, trust = unlocked.identity, unlocked.trust
    held = {trust.name_of(role): role for role in unlocked.kem_keys if role != mine.person}
    pinned = {p.name: PrincipalId(p.id) for p in trust.people if p.inbox and p.organisation == mine.organisation}
    for known in (held, {**pinned, **held}):
        found = [role for called, role in known.items() if not name or called.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
    raise NoPlace(f"--inbox: this profile acts for {', '.join(sorted({**pinned, **held})) or 'no service inbox'}")


def _folder(data: Path | None) -> Path:
    if data is not None:
        return data.absolute()
    try:
        return Path(pointer_file().read_text())
    except OSError:
        raise NoPlace("no demonstration is running; start `samsnakk demo`, or name a folder with --data") from None


def _demo_profile(folder: DemoFolder, person: str, url: str | None) -> tuple[Path, str | None]:
    try:
        known = url or folder.progress().url
    except FolderError as error:
        raise NoPlace(str(error)) from None
    profile = folder.profile(person, CHAT_DEVICE)
    if not profile.exists():
        names = folder.people(CHAT_DEVICE)
        raise NoPlace(f"nobody is called {person!r} there; there are {', '.join(names) or 'none'}")
    return profile, known


def _remind(folder: Path) -> None:
    """Say it in time when the device's certificate ends. Raises `BadProfile`."""
    place = node_place(folder)
    if place is not None and place.until - HubClock().now() < _SOON:
        sys.stderr.write(ENDS_SOON.format(until=day(place.until), folder=folder))


def hub_of(folder: Path) -> str | None:
    """The hub that a profile arrived or was enrolled at; None for others."""
    try:
        return (folder / HUB_FILE).read_text()
    except OSError:
        return None


def unlock_folder(folder: Path, passphrase: str | None = None) -> Unlocked:
    """The profile, opened by the passphrase, the key beside it, or the system's keyring. Raises `SamsnakkError`."""
    profile = Profile.open(folder)
    if passphrase is not None:
        return profile.unlock(passphrase)
    if (folder / UNLOCK_FILE).exists():
        return profile.unlock(key=(folder / UNLOCK_FILE).read_bytes())
    try:
        return profile.unlock()
    except CannotUnlock:
        if not sys.stdin.isatty():
            raise
        return profile.unlock(getpass.getpass("Passord: "))


def channel_named(trust: Trust, channel: str) -> ChannelId:
    """The channel of that name in the trust file, or of that id in hexadecimal. Raises `NoPlace`."""
    for known in trust.channels:
        if known.name == channel:
            return ChannelId(known.id)
    try:
        found = bytes.fromhex(channel)
    except ValueError:
        found = b""
    if len(found) != _ID_LENGTH:
        names = ", ".join(known.name for known in trust.channels)
        raise NoPlace(f"no channel is called {channel!r}; the trust file names: {names or 'none'}")
    return ChannelId(found)
