"""How a participant comes into the demonstration: keys made here, a certificate by a login, a session by another.

Staff make their keys and get certificates from their own organisation's node, one login for each device. The user comes
by an invitation, with a root of her own. A relative has a root of their own too, and is vouched for.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from crypto.random import new_id, random_bytes
from domain.ids import DeploymentId, DeviceId, OrganisationId, PrincipalId
from protocol.directory import Directory
from protocol.errors import UnknownDevice
from protocol.node_requests import Certify
from protocol.published_keys import encode_entries
from protocol.trust import ChannelName, PersonPin, Trust, decode_trust
from samsnakk.cli.login import SESSION, Kept
from samsnakk.demo.authority import SEED
from samsnakk.demo.beginnings import Begin, Made
from samsnakk.demo.browsing import STAFF_PROVIDER, USER_PROVIDER, hub_session, sign_in_at_node
from samsnakk.demo.folder import CHAT_DEVICE, SCRIPT_DEVICE
from samsnakk.demo.profiles import UNLOCK_FILE, new_profile, unlock_profile
from samsnakk.demo.standing_alone import with_second_device
from samsnakk.doors import Doors
from samsnakk.enrolling import Desk, Enrolled
from samsnakk.logging_in import bind
from samsnakk.node.running import machine_now
from samsnakk.own_keys import OwnKeys
from samsnakk.private_files import write_private
from samsnakk.profile import PROFILE, Identity, Profile, Secrets, Unlocked

DEVICES: Final = (SCRIPT_DEVICE, CHAT_DEVICE)


@dataclass(frozen=True, slots=True)
class Home:
    """One person's folder, with a profile for each device: one plays the script, the other is for `samsnakk chat`."""

    folder: Path

    @property
    def script(self) -> Path:
        """The device that plays."""
        return self.folder / SCRIPT_DEVICE

    @property
    def chat(self) -> Path:
        """The other one."""
        return self.folder / CHAT_DEVICE

    @property
    def is_there(self) -> bool:
        """Whether the person has a profile already."""
        return (self.script / PROFILE).exists()

    def unlocked(self) -> Unlocked:
        """The playing device's profile, opened."""
        return unlock_profile(self.script)


class Staff:
    """A member of staff."""

    def __init__(self, home: Home) -> None:
        self._home = home

    async def come(self, begin: Begin, name: str) -> bool:
        """Make profiles, and get certificates for whatever device has none yet; tells whether it took a login."""
        trust = decode_trust(begin.trust)
        if begin.person is None or begin.organisation is None or begin.node is None:
            raise TypeError("staff need a node")
        who = _Who(PrincipalId(begin.person), OrganisationId(begin.organisation), trust)
        if not (self._home.chat / PROFILE).exists():
            self._make_profiles(who)
        certified = [await _certified(unlock_profile(self._home.folder / d), begin, name) for d in DEVICES]
        return any(certified)

    def _make_profiles(self, who: "_Who") -> None:
        seeds = {1: random_bytes(SEED)}
        if self._home.is_there:
            seeds = dict(self._home.unlocked().ring.seeds)
        for device in DEVICES:
            folder = self._home.folder / device
            if not (folder / PROFILE).exists():
                identity = Identity(who.person, DeviceId(new_id()), who.organisation)
                new_profile(folder, who.trust, identity, Secrets(random_bytes(SEED), seeds))


@dataclass(frozen=True, slots=True)
class _Who:
    person: PrincipalId
    organisation: OrganisationId
    trust: Trust


async def _certified(unlocked: Unlocked, begin: Begin, name: str) -> bool:
    """Get the device a certificate unless it has one; tells whether it took a login."""
    who = unlocked.identity
    if begin.node is None or who.organisation is None or await _is_certified(unlocked, begin.url):
        return False
    desk = Desk(begin.node, unlocked.trust, who.organisation, who.device, unlocked.signing_key)
    wish = Certify(unlocked.signing_key.public, unlocked.kem_keys[who.person][1].public)

    async def use(ticket: str) -> Enrolled:
        return await desk.ask(wish, ticket=ticket)

    await sign_in_at_node(begin.node, name, use)
    return True


async def _is_certified(unlocked: Unlocked, hub: str) -> bool:
    doors, directory = Doors(hub), Directory(unlocked.trust)
    try:
        entries = await doors.key_stream(unlocked.identity.person)
        if entries:
            directory.add(unlocked.identity.person, entries)
        directory.owner(unlocked.identity.device)
    except UnknownDevice:
        return False
    finally:
        await doors.close()
    return True


class Alone:
    """Somebody under a root of their own who is no user: a relative."""

    def __init__(self, home: Home, deployment: bytes) -> None:
        self._home = home
        self._keys = None if home.is_there else OwnKeys(DeploymentId(deployment))

    @property
    def made(self) -> Made:
        """Who that is, and the key stream to be vouched for; nothing once there is a profile."""
        if self._keys is None:
            return Made(None)
        return Made((self._keys.person, encode_entries(self._keys.stream(machine_now()))))

    def settle(self, trust: Trust) -> None:
        """Make the playing device's profile."""
        if self._keys is not None:
            new_profile(self._home.script, trust, self._keys.identity, self._keys.secrets)


async def add_second_device(home: Home, hub: str) -> None:
    """A second device of somebody with a root of their own, certified by that root."""
    if (home.chat / PROFILE).exists():
        return
    unlocked, doors = home.unlocked(), Doors(hub)
    device, seed, person = DeviceId(new_id()), random_bytes(SEED), unlocked.identity.person
    try:
        entries = await doors.key_stream(person)
        await doors.publish(person, with_second_device(unlocked, entries, device, seed, machine_now()))
    finally:
        await doors.close()
    secrets = Secrets(seed, dict(unlocked.ring.seeds), {}, unlocked.ring.root_seed)
    new_profile(home.chat, unlocked.trust, Identity(person, device, None), secrets)


async def sign_in_at_hub(home: Home, hub: str, name: str, *, staff: bool) -> str:
    """A session bound to the playing device; returns the provider's name."""
    unlocked, provider = home.unlocked(), STAFF_PROVIDER if staff else USER_PROVIDER
    session = await hub_session(hub, name, provider)
    await bind(session, unlocked, machine_now())
    write_private(home.script / SESSION, msgspec.json.encode(Kept(session.url, session.token)))
    return provider


def know(home: Home, people: tuple[PersonPin, ...], channels: tuple[ChannelName, ...] = ()) -> None:
    """Note in all profiles what people are called. Roots are never taken from here."""
    for device in DEVICES:
        folder = home.folder / device
        if not (folder / PROFILE).exists():
            continue
        profile, trust = Profile.open(folder), unlock_profile(folder).trust
        known = {person.id for person in trust.people}
        new = tuple(msgspec.structs.replace(p, root=None) for p in people if p.id not in known)
        named = (*channels, *(c for c in trust.channels if c.name not in {one.name for one in channels}))
        profile.update_trust(msgspec.structs.replace(trust, people=(*trust.people, *new), channels=named))


def keep_key(folder: Path, key: bytes) -> None:
    """Lay the key beside a profile that was made with it, so that everybody can be anybody."""
    write_private(folder / UNLOCK_FILE, key)
