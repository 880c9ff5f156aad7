"""A new device, let in by an old one that the person still has, or by the recovery code where none is left."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from crypto import keyrings
from crypto.device_approvals import (
    CODE_LENGTH,
    NONCE_LENGTH,
    Answer,
    Handover,
    Offer,
    check_code,
    commit,
    encode_answer,
    encode_offer,
    mailbox_name,
    open_handover,
    seal_handover,
    verify_commitment,
)
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.key_statements import SignedStatement
from crypto.key_stream_states import KeyStreamState
from crypto.keyring_deposits import recovery_locator
from crypto.keyring_slots import RecoverySlot, open_recovery_slot
from crypto.keyrings import Keyring
from crypto.random import new_id, random_bytes
from crypto.recovery_codes import format_signs
from crypto.shapes import SecretKey
from crypto.signing import SigningKey
from domain.ids import DeviceId, OrganisationId, PrincipalId
from protocol.trust import BadTrustFile, Trust, decode_trust, encode_trust
from samsnakk.errors import CodesDiffer, KeyringNotCurrent, NoKeyring, NotInTime, Refused
from samsnakk.issuing import Issuer, OwnRoot
from samsnakk.keyring_doors import Found, KeyringDoors, letter_action
from samsnakk.keyring_home import KeyringHome, verified_keyring
from samsnakk.keyring_rings import roles_of
from samsnakk.log.pinning import KEYRING_PIN, take_pin_from_keyring
from samsnakk.profile import Identity, Profile, Secrets, Unlocked
from samsnakk.profile_changes import keep_device_kem_seed

PATIENCE: Final = 600.0
"""Seconds that one device waits for the other: as long as the hub keeps a mailbox."""
Same = Callable[[str], Awaitable[bool]]
"""Shows a code and asks the person whether the other device shows the same."""
Way: TypeAlias = str | bytes | None
"""How the new profile opens: by a passphrase, by a 32-byte key, or (None) by a key in the system's keyring."""
Issuing: TypeAlias = Callable[[Unlocked], Issuer]
"""Who certifies the new device, once its keys are made."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """The keys of a device that is no one's yet. The signing key never leaves it."""

    device: DeviceId
    signing_seed: SecretKey = field(repr=False)
    kem_seed: SecretKey = field(repr=False)

    @classmethod
    def make(cls) -> "NewDevice":
        """Fresh keys."""
        return cls(DeviceId(new_id()), SecretKey(random_bytes(32)), SecretKey(random_bytes(32)))

    def settle(self, folder: Path, trust: Trust, organisation: bytes | None, ring: Keyring, way: Way) -> Unlocked:
        """Its profile in `folder`, to be opened in the way that is asked for. Raises `CannotUnlock`."""
        of = None if organisation is None else OrganisationId(organisation)
        identity = Identity(PrincipalId(ring.person), self.device, of)
        secrets = Secrets(self.signing_seed, dict(ring.seeds), roles_of(ring), ring.root_seed)
        passphrase, key = way if isinstance(way, str) else None, way if isinstance(way, bytes) else None
        profile = Profile.create(folder, trust, identity, secrets, passphrase=passphrase, key=key)
        unlocked = profile.unlock(passphrase, key=key)
        keep_device_kem_seed(unlocked, self.kem_seed)
        take_pin_from_keyring(unlocked, ring.pins.get(KEYRING_PIN))
        return unlocked


class Asking:
    """The new device's side. `code` is what the person types on the old one."""

    def __init__(self, url: str, *, pause: float = 1.0) -> None:
        self.code: Final = format_signs(random_bytes(CODE_LENGTH))
        self._url: Final = url
        self._pause: Final = pause
        self._new: Final = NewDevice.make()
        signing, kem = SigningKey.from_seed(self._new.signing_seed), KemKey.from_seed(self._new.kem_seed)
        self._kem: Final = kem
        self._offer: Final = encode_offer(
            Offer(self._new.device, signing.public, kem.public, random_bytes(NONCE_LENGTH))
        )

    async def run(self, folder: Path, way: Way, same: Same) -> Unlocked:
        """Wait to be let in, and make the profile in `folder`, opened in the way that is asked for.

        Raises:
            CodesDiffer: the person said so, or what came was not what was promised.
            NotInTime: nobody let it in within ten minutes.
            Disconnected, Refused: the hub cannot be used.

        """
        mailbox, doors = mailbox_name(self.code), KeyringDoors(self._url)
        try:
            await doors.put_letter(mailbox, "commitment", commit(self._offer))
            answer = await awaited(doors, mailbox, "answer", self._pause)
            await doors.put_letter(mailbox, "offer", self._offer)
            if not await same(check_code(self._offer, answer)):
                raise CodesDiffer
            handover = self._opened(await awaited(doors, mailbox, "handover", self._pause), answer)
            await doors.end_mailbox(mailbox)
        finally:
            await doors.close()
        return await self._settled(folder, way, handover)

    def _opened(self, letter: bytes, answer: bytes) -> Handover:
        try:
            return open_handover(letter, self._kem, self._offer, answer)
        except CryptoError:
            raise CodesDiffer from None

    async def _settled(self, folder: Path, way: Way, handover: Handover) -> Unlocked:
        """The first keys are the handover's own; the rest comes from the keyring, as at any other time."""
        try:
            trust = decode_trust(handover.trust)
        except BadTrustFile:
            raise CodesDiffer from None
        nothing_yet = Keyring(handover.person, (), None, {})
        unlocked = self._new.settle(folder, trust, handover.organisation, nothing_yet, way)
        async with KeyringHome(unlocked, self._url, Nobody()) as home:
            opened = await home.fetch()
            if keyrings.keyring_hash(opened.found.file) != handover.keyring_hash:
                raise KeyringNotCurrent
            return home.unlocked


class Nobody:
    """The issuer of a device that states nothing."""

    async def state(self, *_: object) -> tuple[SignedStatement, ...]:
        """Always refused."""
        raise Refused("no_issuer", "a member of staff needs the organisation's node")


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where somebody comes back who has none of her devices with her: the hub, what is believed, the new profile."""

    url: str
    trust: Trust = field(repr=False)
    folder: Path
    way: Way = field(repr=False)

    async def named(self, new: NewDevice, found: Found) -> KeyStreamState:
        """What the key stream of whose keyring it is says, if it names this one.

        Raises `KeyringNotCurrent`, `Disconnected`, `Refused`.
        """
        # Until the file is checked, the profile knows whose it is and nothing more.
        locked = new.settle(self.folder, self.trust, None, Keyring(found.person, (), None, {}), self.way)
        async with KeyringHome(locked, self.url, Nobody()) as home:
            state = await home.state()
        verified_keyring(found, state.keyring_hash)
        return state

    def settled(
        self, new: NewDevice, ring: Keyring, state: KeyStreamState, issuing: Issuing | None
    ) -> tuple[Unlocked, Issuer]:
        """The profile with the keyring's keys, and who certifies its device. Raises `CannotUnlock`."""
        unlocked = new.settle(self.folder, self.trust, state.organisation, ring, self.way)
        own = None if ring.root_seed is None else OwnRoot(SigningKey.from_seed(ring.root_seed))
        return unlocked, own or (Nobody() if issuing is None else issuing(unlocked))


async def approve(home: KeyringHome, code: str, name: str, same: Same, *, pause: float = 1.0) -> DeviceId:
    """The old device's side: answer, compare, and let the new device in under `name`.

    Raises:
        CodesDiffer: the person said so, or the offer is not the one that was committed to.
        NotInTime: the new device did not go on.
        Malformed: `code` is none.
        Disconnected, Refused: the hub or the issuer says no; `not_found` never: a wrong code is `NotInTime` at once.

    """
    mailbox, doors, mine = mailbox_name(code), home.doors, home.unlocked
    commitment = await doors.letter(mailbox, "commitment")
    if commitment is None:
        raise NotInTime
    answer = encode_answer(
        Answer(mine.trust.deployment, home.person, mine.signing_key.public, random_bytes(NONCE_LENGTH))
    )
    await doors.put_letter(mailbox, "answer", answer, home.signed(letter_action(mailbox, "answer", answer)))
    offered = await awaited(doors, mailbox, "offer", pause)
    try:
        offer = verify_commitment(commitment, offered)
    except CryptoError:
        await doors.end_mailbox(mailbox)
        raise CodesDiffer from None
    if not await same(check_code(offered, answer)):
        await doors.end_mailbox(mailbox)
        raise CodesDiffer
    opened = await home.admit(DeviceId(offer.device), offer.signing_key, offer.kem_key, name)
    file, trust = keyrings.keyring_hash(opened.found.file), encode_trust(mine.trust)
    handover = Handover(home.person, mine.identity.organisation, opened.key, file, trust)
    letter = seal_handover(handover, mine.signing_key, offered, answer)
    await doors.put_letter(mailbox, "handover", letter, home.signed(letter_action(mailbox, "handover", letter)))
    return DeviceId(offer.device)


async def recover(
    code: str, url: str, trust: Trust, folder: Path, way: Way, name: str, issuing: Issuing | None = None
) -> tuple[Unlocked, str]:
    """A new device with nothing but the recovery code and the trust file; returns the next code, for this one is used.

    `issuing` certifies the device of staff; a user's own root lies in the keyring.

    Raises:
        NoKeyring: the code finds none.
        KeyringNotCurrent: the hub serves another keyring than the key stream names.
        Malformed: `code` is none.
        Disconnected, Refused: the hub or the issuer says no.

    """
    doors = KeyringDoors(url)
    try:
        found = await doors.located(recovery_locator(trust.deployment, code))
    finally:
        await doors.close()
    new, place = NewDevice.make(), NewPlace(url, trust, folder, way)
    state = await place.named(new, found)
    ring = _opened_by_code(found.file, found.person, code)
    unlocked, issuer = place.settled(new, ring, state, issuing)
    signing, kem = SigningKey.from_seed(new.signing_seed), KemKey.from_seed(new.kem_seed)
    async with KeyringHome(unlocked, url, issuer) as home:
        return unlocked, await home.take_over(ring, found, signing.public, kem.public, name)


def _opened_by_code(file: bytes, person: PrincipalId, code: str) -> Keyring:
    parsed = keyrings.parse_keyring_file(file)
    for slot in parsed.slots:
        if isinstance(slot, RecoverySlot):
            try:
                key = open_recovery_slot(person, slot, code)
                return keyrings.open_keyring(parsed, person, key)
            except CryptoError:
                continue
    raise NoKeyring


async def awaited(doors: KeyringDoors, mailbox: bytes, step: str, pause: float) -> bytes:
    """The letter, once it has come. Raises `NotInTime`."""
    try:
        async with asyncio.timeout(PATIENCE):
            while (content := await doors.letter(mailbox, step)) is None:  # noqa: ASYNC110
                await asyncio.sleep(pause)  # there is nobody to wake us: the letter lies at the hub
            return content
    except TimeoutError:
        raise NotInTime from None
