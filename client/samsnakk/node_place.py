"""Where a profile's organisation has its node, and until when that certified the device."""

from pathlib import Path
from typing import Final

import msgspec

from samsnakk.errors import BadProfile
from samsnakk.private_files import write_private

NODE_FILE: Final = "node.json"
HUB_FILE: Final = "hub.url"
"""In a profile's folder: the address of its hub."""


class NodePlace(msgspec.Struct, frozen=True):
    """The node's address, and the end of the device's certificate (UTC milliseconds)."""

    url: str
    until: int


def keep_places(folder: Path, hub: str | None, node: NodePlace) -> None:
    """Note in the profile's folder where hub and node are."""
    if hub is not None:
        write_private(folder / HUB_FILE, hub.encode())
    write_private(folder / NODE_FILE, msgspec.json.encode(node))


def node_place(folder: Path) -> NodePlace | None:
    """Which node certified the profile's device; None for profiles that came another way. Raises `BadProfile`."""
    try:
        return msgspec.json.decode((folder / NODE_FILE).read_bytes(), type=NodePlace)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise BadProfile(type(error).__name__) from None
