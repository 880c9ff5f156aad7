"""A member of staff begins on a device: keys, a certificate from the organisation's node, a profile, a keyring.

    known = await ask_about("https://node.example.org")
    beginning = Beginning.in_folder(folder)                    # the same keys again if the last attempt was cut off
    got = await desk.ask(beginning.wish, ticket=ticket)        # samsnakk.node_login gives the ticket
    unlocked = beginning.settle(folder, trust, organisation, got.person, way)

Renewing is the same with the profile's own device: `renewal`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from crypto import cbor
from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.key_statements import KeyFact, KeyringSealed, SignedStatement
from crypto.key_stream_states import KeyStreamState
from crypto.random import random_bytes
from crypto.shapes import SecretKey, array, blob, identifier, secret
from crypto.signing import SigningKey
from domain.ids import DeviceId, OrganisationId, PrincipalId
from protocol.node_requests import Certify, SealKeyring
from protocol.trust import Trust
from samsnakk.enrolling import Desk
from samsnakk.errors import BadProfile, Disconnected, Refused
from samsnakk.new_device import NewDevice
from samsnakk.private_files import write_private
from samsnakk.profile import Identity, Profile, Secrets, Unlocked
from samsnakk.profile_changes import keep_device_kem_seed

BEGINNING: Final = "enrolling.key"
"""Keys that wait for their certificate, readable by their owner only; gone as soon as the profile is there."""
_SECONDS: Final = 30
_ABOUT: Final = 64 * 1024


class About(msgspec.Struct, frozen=True):
    """What a node says of itself: the hub's address, and the ids (hexadecimal) of the organisations it serves."""

    hub: str
    organisations: tuple[str, ...]


async def ask_about(url: str) -> About:
    """What the node says of itself; nothing of it is believed without the trust file. Raises `Disconnected`."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as http,
            http.get(f"{url.rstrip('/')}/node/v1/about", allow_redirects=False) as answer,
        ):
            return msgspec.json.decode(await answer.content.read(_ABOUT), type=About)
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError):
        raise Disconnected from None


@dataclass(frozen=True, slots=True)
class Beginning:
    """The keys of somebody who has none yet."""

    new: NewDevice
    seed: SecretKey = field(repr=False)

    @classmethod
    def in_folder(cls, folder: Path) -> "Beginning":
        """Those that an earlier attempt left, or fresh ones. Raises `BadProfile`."""
        try:
            device, signing, kem, seed = array(cbor.decode((folder / BEGINNING).read_bytes(), max_size=1024), 4)
            new = NewDevice(DeviceId(identifier(device)), secret(blob(signing)), secret(blob(kem)))
            return cls(new, secret(blob(seed)))
        except FileNotFoundError:
            return cls(NewDevice.make(), SecretKey(random_bytes(32)))
        except (OSError, CryptoError) as error:
            raise BadProfile(type(error).__name__) from None

    def keep(self, folder: Path) -> None:
        """Write them down before anybody certifies them: an answer that is lost must not take the first key along."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self.new
        write_private(folder / BEGINNING, cbor.encode([new.device, new.signing_seed, new.kem_seed, self.seed]))

    @property
    def key(self) -> SigningKey:
        """The device's signing key."""
        return SigningKey.from_seed(self.new.signing_seed)

    @property
    def wish(self) -> Certify:
        """What the node is asked for."""
        return Certify(self.key.public, KemKey.from_seed(self.seed).public)

    def settle(
        self, folder: Path, trust: Trust, organisation: OrganisationId, person: PrincipalId, way: str | bytes | None
    ) -> Unlocked:
        """The profile: opened by a passphrase, a 32-byte key, or (None) the system's keyring. Raises `CannotUnlock`."""
        identity = Identity(person, self.new.device, organisation)
        secrets = Secrets(self.new.signing_seed, {1: self.seed})
        passphrase, key = way if isinstance(way, str) else None, way if isinstance(way, bytes) else None
        profile = Profile.create(folder, trust, identity, secrets, passphrase=passphrase, key=key)
        unlocked = profile.unlock(passphrase, key=key)
        keep_device_kem_seed(unlocked, self.new.kem_seed)
        (folder / BEGINNING).unlink(missing_ok=True)
        return unlocked


def renewal(unlocked: Unlocked) -> Certify:
    """A new certificate for the profile's own device."""
    return Certify(unlocked.signing_key.public, None)


class SealingDesk:
    """The node as issuer of the one statement that a first keyring needs. See `samsnakk.issuing.Issuer`."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    async def state(self, state: KeyStreamState, facts: Sequence[KeyFact], at: int) -> tuple[SignedStatement, ...]:
        """As `Issuer.state`; `at` is the node's to say. Raises `Refused`, `Disconnected`, `SubstitutedKey`."""
        del at
        match list(facts):
            case [KeyringSealed(keyring_hash)]:
                got = await self._desk.ask(SealKeyring(Digest(keyring_hash)))
                return got.entries[state.n :]
            case _:
                raise Refused("another_wish", "node")
