"""The log's name and key, and whose nodes are its witnesses where no policy file says otherwise.

A node cosigns with the key that it reads with: the organisation's root has certified it in the vault's key stream, so
witnesses come, go and are revoked as nodes do. An organisation counts once, however many nodes it has.
"""

from collections.abc import Mapping
from typing import Final

from crypto.key_streams import in_force
from crypto.log_policies import Policy, organisations_policy
from crypto.notes import NoteKey, NoteKind, note_key
from domain.ids import DeploymentId, Millis, OrganisationId, PrincipalId
from protocol.directory import Directory
from protocol.errors import UnknownKey
from protocol.trust import Trust

SECOND: Final = 1000


def log_origin(deployment: DeploymentId) -> str:
    """The log's name, which is also its key's."""
    return f"log.samsnakk/{deployment.hex()}"


def log_key(trust: Trust) -> NoteKey:
    """The log's key: the hub's, which the trust file pins."""
    return note_key(log_origin(trust.deployment_id), NoteKind.LOG, trust.hub.public_key)


def witness_name(organisation: bytes) -> str:
    """The name in an organisation's cosignatures."""
    return f"witness.samsnakk/{organisation.hex()}"


def standing_witnesses(trust: Trust, directory: Directory, at: Millis) -> dict[OrganisationId, tuple[NoteKey, ...]]:
    """For every pinned organisation the keys of its nodes that are certified at `at`; none where none is known."""
    return {
        OrganisationId(pin.id): _nodes_of(directory, pin.id, PrincipalId(pin.vault), at) for pin in trust.organisations
    }


def _nodes_of(directory: Directory, organisation: bytes, vault: PrincipalId, at: Millis) -> tuple[NoteKey, ...]:
    try:
        state = directory.state(vault)
    except UnknownKey:
        return ()
    # What an organisation's replaced root certified speaks for it again once the new root has said so.
    if state.owner != organisation or state.ended_at is not None:
        return ()
    if not in_force(state, organisation, directory.roots.lines):
        return ()
    keys = {node.public_key: None for node in state.nodes if node.holds_at(at)}
    return tuple(note_key(witness_name(organisation), NoteKind.WITNESS, public) for public in keys)


def standing_policy(trust: Trust, witnesses: Mapping[OrganisationId, tuple[NoteKey, ...]]) -> Policy:
    """The policy where no file says otherwise: more than two thirds of the pinned organisations. Raises `Malformed`."""
    return organisations_policy(log_key(trust), {who.hex(): keys for who, keys in witnesses.items()})
