"""A new device, let in by a passkey: the page opens the slot's key, this program everything behind it."""

from crypto import keyrings
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.keyring_slots import PrfSlot, open_prf_slot_with
from crypto.signing import SigningKey
from samsnakk.errors import KeyringNotCurrent, PasskeyDoesNotOpen, SomebodyElseSignedIn
from samsnakk.keyring_doors import Found
from samsnakk.keyring_home import KeyringHome, OpenKeyring
from samsnakk.new_device import Issuing, NewDevice, NewPlace
from samsnakk.passkey_page import Handed
from samsnakk.profile import Unlocked


async def unlock_with_passkey(handed: Handed, place: NewPlace, name: str, issuing: Issuing | None = None) -> Unlocked:
    """A new device with what the page handed over; every way into the keyring stays as it was.

    `issuing` certifies the device of staff; a user's own root lies in the keyring.

    Raises:
        KeyringNotCurrent: the hub served another keyring than the key stream names.
        PasskeyDoesNotOpen: the slot is not there any more, or another one.
        SomebodyElseSignedIn: the passkey was another person's than the keyring.
        Disconnected, Refused: the hub or the issuer says no.

    """
    found = handed.found
    if found is None:
        raise KeyringNotCurrent
    if found.person != handed.slot.person:
        raise SomebodyElseSignedIn
    new = NewDevice.make()
    state = await place.named(new, found)
    opened = _opened(handed, found)
    unlocked, issuer = place.settled(new, opened.ring, state, issuing)
    signing, kem = SigningKey.from_seed(new.signing_seed), KemKey.from_seed(new.kem_seed)
    async with KeyringHome(unlocked, place.url, issuer) as home:
        await home.admit_to(opened, new.device, signing.public, kem.public, name)
        return home.unlocked


def _opened(handed: Handed, found: Found) -> OpenKeyring:
    given = handed.slot
    try:
        file = keyrings.parse_keyring_file(found.file)
        for slot in file.slots:
            if isinstance(slot, PrfSlot) and (slot.credential, slot.salt) == (given.credential, given.salt):
                key = open_prf_slot_with(given.key, slot)
                return OpenKeyring(keyrings.open_keyring(file, found.person, key), key, file.slots, found)
    except CryptoError:
        raise PasskeyDoesNotOpen from None
    raise PasskeyDoesNotOpen
