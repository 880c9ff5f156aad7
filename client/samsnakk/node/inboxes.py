"""The register of service inboxes, and what a node lets an eligible person's device do with an inbox's key.

`ID.inboxes.csv` says who may answer which inbox, one person a line; whoever is removed reads nothing that follows:

inbox,person
(32 hexadecimal digits),(32 hexadecimal digits)
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from crypto.inbox_files import MAX_SEATS
from crypto.key_statements import PrincipalKind
from crypto.key_stream_states import KeyStreamState
from domain.ids import PrincipalId
from protocol.errors import UnknownKey
from protocol.inbox_keys import States, seen
from protocol.node_requests import RenewInbox
from samsnakk.node.configuration import BadNode
from samsnakk.node.registers import read_rows

_HEADER: Final = ["inbox", "person"]
_ID: Final = 16


def read_inboxes(path: Path) -> Mapping[PrincipalId, frozenset[PrincipalId]]:
    """Who may answer which inbox; empty where there is no register. Raises `BadNode`, naming the line."""
    try:
        rows = read_rows(path, _HEADER)
    except FileNotFoundError:
        return {}
    found: dict[PrincipalId, set[PrincipalId]] = {}
    for number, row in enumerate(rows, 2):
        inbox, person = _row(f"{path}:{number}", row)
        people = found.setdefault(inbox, set())
        if person is not None:
            people.add(person)
        if len(people) > MAX_SEATS:
            raise BadNode(f"{path}:{number}: more than {MAX_SEATS} people for one inbox")
    return {inbox: frozenset(people) for inbox, people in found.items()}


def write_inboxes(inboxes: Mapping[PrincipalId, frozenset[PrincipalId]]) -> str:
    """The register as it stands in its file."""
    rows = [f"{inbox.hex()},{person.hex()}" for inbox in sorted(inboxes) for person in sorted(inboxes[inbox])]
    rows += [f"{inbox.hex()}," for inbox in sorted(inboxes) if not inboxes[inbox]]
    return "\n".join([",".join(_HEADER), *rows]) + "\n"


def why_not(wish: RenewInbox, asker: PrincipalId, inbox: KeyStreamState, people: States) -> str | None:
    """Why the node does not state this key; None where it does. `people`: the streams of everybody eligible."""
    if inbox.kind is not PrincipalKind.ROLE or inbox.ended_at is not None:
        return "unknown_inbox"
    if asker not in inbox.eligible:
        return "not_eligible"
    if wish.version != len(inbox.key_versions) + 1:
        return "inbox_key_moved"
    try:
        known = seen(inbox, people)
    except UnknownKey:
        return "inbox_readers_moved"
    # Whoever left, came, or lost a device after the seeds were sealed makes this a key for the wrong people.
    return None if wish.after == known else "inbox_readers_moved"


def _row(where: str, row: list[str]) -> tuple[PrincipalId, PrincipalId | None]:
    if len(row) != len(_HEADER):
        raise BadNode(f"{where}: {len(_HEADER)} values expected")
    inbox, person = row
    return _id(where, inbox), None if not person else _id(where, person)


def _id(where: str, text: str) -> PrincipalId:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != _ID or len(text) != 2 * _ID:
        raise BadNode(f"{where}: inbox and person are 32 hexadecimal digits each")
    return PrincipalId(found)
