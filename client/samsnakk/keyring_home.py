"""A person's keyring at the hub: left there sealed, fetched and checked, changed by one device at a time.

    async with KeyringHome(unlocked, url, issuer) as home:
        code = await home.begin("Laptop")           # the first time; the code goes on paper
        code = await home.lose(device)              # a device is lost: new keys, and a new code

The hub is believed in nothing: a file counts only if the person's signed key stream names its hash.
"""

from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self

from crypto import keyrings
from crypto.boxes import NONCE_LENGTH
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.key_statements import DeviceCertified, DeviceRevoked, KeyFact, KeyringSealed, KeyVersionAdded
from crypto.key_stream_states import KeyStreamState
from crypto.keyring_deposits import Deposit, deposit_digest, encode_deposit, locator_hashes
from crypto.keyring_slots import DeviceSlot, Slot, open_device_slot, recovery_slot
from crypto.keyrings import Keyring
from crypto.random import new_id, random_bytes
from crypto.recovery_codes import SECRET_LENGTH, format_recovery_code
from crypto.shapes import SecretKey
from crypto.signing import PublicKey
from domain.access.events import Purpose
from domain.ids import ChannelId, DeviceId, PrincipalId
from protocol.acts import Place
from protocol.directory import Directory
from protocol.errors import SubstitutedKey
from protocol.requests import ReadRequest, sign_request
from samsnakk.clock import HubClock
from samsnakk.errors import KeyringNotCurrent, NotOneOfTheDevices
from samsnakk.issuing import DEVICE_LIFE, Issuer
from samsnakk.key_finding import learn_roots
from samsnakk.keyring_doors import Found, KeyringDoors
from samsnakk.keyring_rings import slots_of_devices, with_device, with_passkeys_of, with_roles, without_device
from samsnakk.log.pinning import KEYRING_PIN, newer_pin
from samsnakk.profile import Unlocked
from samsnakk.profile_changes import device_kem_key, roles_in_profile, take_in


@dataclass(frozen=True, slots=True)
class OpenKeyring:
    """A checked and opened keyring, and where it stands at the hub."""

    ring: Keyring = field(repr=False)
    key: SecretKey = field(repr=False)
    slots: tuple[Slot, ...] = field(repr=False)
    found: Found = field(repr=False)


class KeyringHome:
    """The keyring of one profile's person. `unlocked` is the profile as it stands after what was taken in."""

    def __init__(self, unlocked: Unlocked, url: str, issuer: Issuer) -> None:
        self.unlocked = unlocked
        self.doors: Final = KeyringDoors(url)
        self._issuer: Final = issuer
        self._directory: Final = Directory(unlocked.trust)
        self._clock: Final = HubClock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.doors.close()

    @property
    def person(self) -> PrincipalId:
        """Whose keyring it is."""
        return self.unlocked.identity.person

    async def state(self) -> KeyStreamState:
        """What the person's key stream says now, verified. Raises `Disconnected`, `Refused`, `SubstitutedKey`."""
        entries = await self.doors.key_stream(self.person)
        if not entries:
            return self._directory.state(self.person)
        try:
            return self._directory.add(self.person, entries)
        except SubstitutedKey:
            if not await learn_roots(self._directory, self.doors):
                raise
            return self._directory.add(self.person, entries)

    async def begin(self, name: str) -> str:
        """Leave the first keyring, made from this profile, and return the recovery code; `name`: of this device.

        Raises:
            Disconnected, Refused: the hub or the issuer says no; `keyring_moved` if there is a keyring already.

        """
        ring = with_roles(self.unlocked.ring, roles_in_profile(self.unlocked))
        return await self._keep_with_new_code(self._with_this_device(ring, name), None)

    async def fetch(self) -> OpenKeyring:
        """The keyring that the key stream names, opened by this device; its keys are taken into the profile.

        Raises:
            NoKeyring: the hub has none.
            KeyringNotCurrent: the hub serves another one than the key stream names.
            NotOneOfTheDevices: this device was removed from it.
            Disconnected, Refused: the hub cannot be asked.

        """
        found = await self.current(await self.doors.keyring(self.person, self._signed_fetch()))
        file = keyrings.parse_keyring_file(found.file)
        mine = [s for s in file.slots if isinstance(s, DeviceSlot) and s.device == self.unlocked.identity.device]
        if not mine:
            raise NotOneOfTheDevices
        try:
            key = open_device_slot(self.person, mine[0], device_kem_key(self.unlocked))
            ring = keyrings.open_keyring(file, self.person, key)
        except CryptoError:
            raise NotOneOfTheDevices from None
        self.unlocked = take_in(self.unlocked, ring)
        return OpenKeyring(ring, key, file.slots, found)

    async def current(self, found: Found) -> Found:
        """What the key stream names: the newest at the hub, or an earlier one whose successor was never named.

        Raises `KeyringNotCurrent` for any other.
        """
        state = await self.state()
        if len(state.key_versions) < max((version for version, _ in self.unlocked.ring.seeds), default=0):
            raise KeyringNotCurrent  # a key stream cut short, to go with an old keyring
        named = state.keyring_hash
        if named is not None and keyrings.keyring_hash(found.file) != named:
            found = await self.doors.earlier(found, named, self._signed_fetch())
        return verified_keyring(found, named)

    async def new_code(self) -> str:
        """A new recovery code; the old one opens nothing any more. Raises as `fetch`."""
        opened = await self.fetch()
        return await self._keep_with_new_code(opened.ring, opened.found)

    async def admit(self, device: DeviceId, signing_key: PublicKey, kem_key: bytes, name: str) -> OpenKeyring:
        """Certify another device of the person and give it a way into the keyring. Raises as `fetch`."""
        return await self.admit_to(await self.fetch(), device, signing_key, kem_key, name)

    async def admit_to(
        self, opened: OpenKeyring, device: DeviceId, signing_key: PublicKey, kem_key: bytes, name: str
    ) -> OpenKeyring:
        """The same where the keyring is open already; all other ways in stay. Raises `Disconnected`, `Refused`."""
        until = self._clock.now() + DEVICE_LIFE
        await self.publish([DeviceCertified(device, signing_key, self.unlocked.identity.organisation, until)])
        ring = with_device(opened.ring, device, kem_key, name)
        others = [slot for slot in opened.slots if not isinstance(slot, DeviceSlot)]
        return await self.keep_open(opened, ring, [*slots_of_devices(ring, opened.key), *others])

    async def keep_open(self, opened: OpenKeyring, ring: Keyring, slots: list[Slot]) -> OpenKeyring:
        """Leave what is open with other content or ways in, under the same key. Raises `Disconnected`, `Refused`."""
        found = await self._keep(ring, opened.key, slots, opened.found, opened.found.locators)
        return replace(opened, ring=ring, slots=tuple(slots), found=found)

    async def lose(self, device: DeviceId) -> str:
        """A device is lost: it is revoked, what comes is sealed for a new key, the keyring has a new key and code.

        The first step cuts it off; if a later one fails, doing it again finishes it. Raises as `fetch`.
        """
        if any(c.device == device and c.revoked_at is None for c in (await self.state()).certificates):
            await self.publish([DeviceRevoked(device)])
        opened = await self.fetch()
        return await self.renew(opened, without_device(opened.ring, device))

    async def renew(self, opened: OpenKeyring, ring: Keyring) -> str:
        """What comes is sealed for a new key; the keyring has a new key and code, and no passkey opens it.

        Raises as `fetch`.
        """
        version, seed = len((await self.state()).key_versions) + 1, SecretKey(random_bytes(32))
        seeds = (*(row for row in ring.seeds if row[0] < version), (version, seed))
        also = [KeyVersionAdded(version, (KemKey.from_seed(seed).public,))]
        code = await self._keep_with_new_code(replace(ring, seeds=seeds), opened.found, also)
        await self.fetch()
        return code

    async def take_over(self, ring: Keyring, found: Found, signing_key: PublicKey, kem_key: bytes, name: str) -> str:
        """This device goes on with a keyring that the recovery code opened; returns the next code.

        Raises:
            Disconnected, Refused: the hub or the issuer says no.

        """
        who = self.unlocked.identity
        until = self._clock.now() + DEVICE_LIFE
        await self.publish([DeviceCertified(who.device, signing_key, who.organisation, until)])
        return await self._keep_with_new_code(with_device(ring, who.device, kem_key, name), found)

    async def publish(self, facts: list[KeyFact]) -> None:
        """Have the issuer state `facts`, and publish them. Raises `Disconnected`, `Refused`."""
        state = await self.state()
        new = await self._issuer.state(state, facts, self._clock.now())
        entries = (*self._directory.entries(self.person), *new)
        self._directory.add(self.person, entries)
        await self.doors.publish(self.person, entries)

    async def _keep_with_new_code(
        self, ring: Keyring, before: Found | None, also: "list[KeyVersionAdded] | None" = None
    ) -> str:
        """Seal under a fresh key, for the devices in the ring and a new code, so that no earlier way opens it.

        Passkeys are not there to say their slots' keys, and a kept one would be known to whoever held the earlier ring.
        """
        ring = with_passkeys_of(ring, ())
        key, code = SecretKey(random_bytes(32)), format_recovery_code(random_bytes(SECRET_LENGTH))
        recovery = recovery_slot(self.person, key, code, random_bytes(32))
        slots: list[Slot] = [*slots_of_devices(ring, key), recovery]
        locators = locator_hashes(self.unlocked.trust.deployment, [code])
        await self._keep(ring, key, slots, before, locators, also or [])
        return code

    async def _keep(
        self,
        ring: Keyring,
        key: SecretKey,
        slots: list[Slot],
        before: Found | None,
        locators: tuple[bytes, ...],
        also: "list[KeyVersionAdded] | None" = None,
    ) -> Found:
        """The file first and its hash in the key stream second: stopped between them, the earlier file still counts."""
        pins = {**ring.pins, KEYRING_PIN: newer_pin(self.unlocked, ring.pins.get(KEYRING_PIN))}
        file = keyrings.seal_keyring(replace(ring, pins=pins), key, slots, nonce=random_bytes(NONCE_LENGTH))
        generation = 1 if before is None else before.generation + 1
        data = encode_deposit(Deposit(generation, None if before is None else before.newest, locators, file))  # type: ignore[arg-type]
        await self.doors.keep(self.person, data, self.signed(f"keep keyring {deposit_digest(data).hex()}"))
        await self.publish([*(also or []), KeyringSealed(keyrings.keyring_hash(file))])
        return Found(self.person, generation, keyrings.keyring_hash(file), locators, file)

    def _with_this_device(self, ring: Keyring, name: str) -> Keyring:
        return with_device(ring, self.unlocked.identity.device, device_kem_key(self.unlocked).public, name)

    def _signed_fetch(self) -> bytes:
        return self.signed(f"fetch keyring {self.person.hex()}")

    def signed(self, action: str) -> bytes:
        """A request for one door, signed by this device."""
        who = self.unlocked.identity
        place = Place(self.unlocked.trust.deployment_id, ChannelId(bytes(16)))
        request = ReadRequest(
            place,
            who.person,
            who.device,
            who.organisation,
            None,
            Purpose.OWN_RECORD,
            (),
            new_id(),
            self._clock.now(),
            action,
        )
        return sign_request(request, self.unlocked.signing_key)


def verified_keyring(found: Found, named: bytes | None) -> Found:
    """Raises `KeyringNotCurrent` unless it is the file that the key stream names."""
    if named is None or keyrings.keyring_hash(found.file) != named:
        raise KeyringNotCurrent
    return found
