"""What the hub refused to the organisation's own people's devices: fetched, held against what was seen before, told."""

from pathlib import Path
from typing import Final

from crypto import cbor
from crypto.errors import CryptoError
from crypto.shapes import array, blob, digest, whole
from domain.ids import Digest, OrganisationId
from protocol.security_log import GENESIS, RefusedAttempts, decode_page, security_action
from samsnakk.clock import HubClock
from samsnakk.doors import Doors
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode
from samsnakk.node.replica.reader import vault_reader
from samsnakk.private_files import write_private

_NO_CHANNEL: Final = bytes(16)
_MARK: Final = 128


async def refused_attempts(node: OpenNode, organisation: OrganisationId, doors: Doors) -> list[RefusedAttempts]:
    """What is new since this was asked last. The log is never let go back behind what this node has seen.

    Raises:
        ChainBroken: the hub's security log is not the one it was.
        BadNode: the mark of what was seen is no mark.
        Disconnected, Refused, MalformedFrame: it cannot be had now.

    """
    reader, clock = vault_reader(node, organisation), HubClock()
    mark = node.path / f"{organisation.hex()}.refused"
    n, head = _read(mark)
    found: list[RefusedAttempts] = []
    more = True
    while more:
        asked = reader.reader(_NO_CHANNEL, clock).ask(security_action(n))
        page = decode_page(await doors.security_log(n, asked.signed))
        n, head, told = page.follow(n, head)
        found += told
        more = page.more and bool(page.rows)
    write_private(mark, cbor.encode([n, head]))
    return found


def _read(mark: Path) -> tuple[int, Digest]:
    """How far this node has seen the log, and its head there."""
    if not mark.exists():
        return 0, GENESIS
    try:
        n, head = array(cbor.decode(mark.read_bytes(), max_size=_MARK), 2)
        return whole(n), Digest(digest(blob(head)))
    except CryptoError:
        raise BadNode(f"{mark.name}: not what this node has written there") from None
