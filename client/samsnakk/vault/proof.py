"""A proof as it is handed on: what leads from the vault's case to an approved audit case, and whose keys that takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import cbor
from crypto.errors import CryptoError
from crypto.shapes import array, blob, identifier, whole
from domain.ids import DeviceId, Millis, PrincipalId, Version
from domain.ids import Digest as Head
from protocol import records
from protocol.directory import Directory
from protocol.errors import UnknownDevice, UnknownKey
from protocol.published_keys import decode_entries, encode_entries
from protocol.records import Record
from protocol.trust import Trust
from protocol.vault_case import VerifiedCase
from protocol.vault_proof import (
    MAX_PROOF,
    Approval,
    NotApproved,
    Proof,
    collect_proof,
    encode_proof,
    parse_proof,
    verify_approved,
)
from samsnakk.vault.bundle import Bundle

FORMAT: Final = 1
MAX_PROOF_FILE: Final = MAX_PROOF + 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A proof and the key streams to check it with, by principal."""

    proof: Proof
    key_streams: tuple[tuple[PrincipalId, bytes], ...] = field(repr=False)


def make_proof_file(items: Sequence[Any], until: Version, directory: Directory) -> ProofFile:
    """The file for a vault's case that ends with version `until`, out of the channel's items from the first one on."""
    proof = collect_proof(items, until)
    found = (records.read_item(item) for item in proof.items)
    people = {directory.owner(DeviceId(one.signed.signer)) for one in found if isinstance(one, Record)}
    employers = {directory.state(who).organisation for who in people}
    vaults = {directory.vault_of(one) for one in employers if one is not None}  # type: ignore[arg-type]
    named = sorted(people | {vault for vault in vaults if vault is not None} | set(directory.roots.replaced()))
    return ProofFile(proof, tuple((who, encode_entries(directory.entries(who))) for who in named))


def encode_proof_file(file: ProofFile) -> bytes:
    """The file: [1, proof, [[principal, key stream]…]]."""
    streams: list[cbor.CborInput] = [[who, entries] for who, entries in file.key_streams]
    return cbor.encode([FORMAT, encode_proof(file.proof), streams])


def parse_proof_file(data: bytes) -> ProofFile:
    """The proof in a file, unverified. Raises `NotApproved`."""
    try:
        form, proof, streams = array(cbor.decode(data, max_size=MAX_PROOF_FILE, max_depth=3), 3)
        whole(form, FORMAT, FORMAT)
        pairs = [array(stream, 2) for stream in array(streams)]
        found = tuple((PrincipalId(identifier(who)), blob(entries)) for who, entries in pairs)
        return ProofFile(parse_proof(blob(proof)), found)
    except CryptoError as error:
        raise NotApproved(str(error)) from None


def check_approved(
    bundle: Bundle, file: ProofFile, trust: Trust, head: Head, at: Millis
) -> tuple[VerifiedCase, Approval, Directory]:
    """The case, the approval that lets the officers open it at `at`, and the keys all was verified with.

    `head` is the channel's after the proof, as the officer knows it from elsewhere. Raises as `verify_approved`.
    """
    directory = Directory(trust)
    directory.add_all({who: decode_entries(entries) for who, entries in (*bundle.key_streams, *file.key_streams)})
    try:
        verified, approval = verify_approved(bundle.case, file.proof, directory, head, at)
    except (UnknownDevice, UnknownKey):
        raise NotApproved("signed by somebody whose key stream is missing") from None
    return verified, approval, directory
