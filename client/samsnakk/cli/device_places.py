"""How a new device's profile opens, and which node its person's organisation runs."""

import getpass
import sys
from pathlib import Path
from typing import Final

from samsnakk.errors import CannotUnlock
from samsnakk.keyring_home import KeyringHome
from samsnakk.new_device import Nobody
from samsnakk.node.folder import passphrase_in
from samsnakk.node_place import NodePlace, keep_places, node_place
from samsnakk.profile import Unlocked

_CHOOSE: Final = "Velg et passord for denne enheten (tomt: systemets nøkkelring): "
_AGAIN: Final = "Skriv det en gang til: "


def way_in(passphrase_file: Path | None) -> str | None:
    """How a new profile is to open: a passphrase from a file or typed, or (None) the system's keyring.

    Raises `CannotUnlock` where it is typed in two ways, `BadNode` for a bad file.
    """
    if passphrase_file is not None:
        return passphrase_in(passphrase_file)
    typed = getpass.getpass(_CHOOSE) if sys.stdin.isatty() else ""
    if typed and typed != getpass.getpass(_AGAIN):
        raise CannotUnlock
    return typed or None


def node_of(folder: Path, given: str | None) -> str | None:
    """The organisation's node: the one named now, or the one that certified the device. Raises `BadProfile`."""
    place = node_place(folder)
    return given or (None if place is None else place.url)


async def remember(unlocked: Unlocked, hub: str, node: str | None) -> None:
    """Note in a new profile of staff where hub and node are. Raises `Disconnected`, `Refused`."""
    if node is None:
        return
    async with KeyringHome(unlocked, hub, Nobody()) as home:
        mine = (await home.state()).certificates_of(unlocked.identity.device)
    keep_places(unlocked.folder, hub, NodePlace(node, max((c.valid_until for c in mine), default=0)))
