"""Passkeys that open a person's keyring: let one, and no longer. What they give comes from `samsnakk.passkey_page`.

Adding one leaves the keyring's key as it is. Taking one away does not: whoever has that passkey may have opened what
lay there, so what comes is sealed for new keys, and every other passkey must be added again (docs/keys.md).
"""

from crypto.browser_handovers import SlotHandover
from crypto.keyring_slots import PrfSlot, prf_slot_with
from crypto.keyrings import MAX_SLOTS
from domain.ids import PrincipalId
from samsnakk.errors import NoSuchPasskey, SomebodyElseSignedIn, TooManyWaysIn
from samsnakk.keyring_home import KeyringHome, OpenKeyring
from samsnakk.keyring_rings import passkey_names, with_passkey, with_passkeys_of


async def add_passkey(home: KeyringHome, given: SlotHandover) -> OpenKeyring:
    """Let a passkey open the keyring; what it had before is replaced.

    Raises:
        SomebodyElseSignedIn: the page was another person's.
        TooManyWaysIn: there is no room.
        Disconnected, Refused: the hub or the issuer says no; `keyring_moved` if another device was faster.
        NoKeyring, KeyringNotCurrent, NotOneOfTheDevices: as `KeyringHome.fetch`.

    """
    if PrincipalId(given.person) != home.person:
        raise SomebodyElseSignedIn
    opened = await home.fetch()
    others = [s for s in opened.slots if not isinstance(s, PrfSlot) or s.credential != given.credential]
    if len(others) >= MAX_SLOTS:
        raise TooManyWaysIn
    slots = [*others, prf_slot_with(given.key, opened.key, given.credential, given.salt)]
    ring = with_passkeys_of(with_passkey(opened.ring, given.salt, given.name), slots)
    return await home.keep_open(opened, ring, slots)


async def names(home: KeyringHome) -> list[str]:
    """What the passkeys that open the keyring are called. Raises as `KeyringHome.fetch`."""
    opened = await home.fetch()
    return sorted(passkey_names(opened.ring, opened.slots).values())


async def remove_passkey(home: KeyringHome, name: str | None) -> str:
    """A passkey is forgotten, lost or seen: it opens no later keyring, and nothing that comes. Returns the new code.

    `name` None: whichever there were, also where a used code has dropped them from the keyring already.

    Raises:
        NoSuchPasskey: none is called so.
        Disconnected, Refused, NoKeyring, KeyringNotCurrent, NotOneOfTheDevices: as `KeyringHome.fetch`.

    """
    opened = await home.fetch()
    if name is not None and name not in passkey_names(opened.ring, opened.slots).values():
        raise NoSuchPasskey
    return await home.renew(opened, opened.ring)
