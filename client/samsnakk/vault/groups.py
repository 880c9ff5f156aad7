"""A group's file on disk, and the key file that both groups' public keys make together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crypto import cbor
from crypto.errors import Malformed
from crypto.kem import PUBLIC_LENGTH, verify_kem_public
from crypto.key_statements import KeyVersionAdded
from crypto.officer_shares import GroupFile, Officer, encode_group, open_seeds, parse_group, reshare, verify_apart
from crypto.random import random_bytes
from crypto.shapes import SecretKey, array, exactly, identifier, whole
from domain.ids import DeploymentId, PrincipalId
from samsnakk.private_files import write_private
from samsnakk.vault.cards import open_card

FORMAT: Final = 1
OLD: Final = ".forrige"


def change(path: Path, card: Path, passphrase: str, *, add: Sequence[Officer], remove: Sequence[str]) -> GroupFile:
    """The group with others in it, written over the old file, which is kept beside it.

    Who leaves costs the group a fresh seed, so that the next key version of the vault is closed to them.

    Raises:
        BadCard, CannotOpen: the card is none of this group.
        BadKey, Malformed: the group would be empty or hold somebody twice.

    """
    data = path.read_bytes()
    before = parse_group(data)
    who, key = open_card(card, passphrase)
    seeds = list(open_seeds(before, who, key))
    stay = [officer for officer in before.officers if officer.name not in remove]
    if len(stay) < len(before.officers):
        seeds.append(SecretKey(random_bytes(32)))
    after = reshare(before, seeds, [*stay, *add])
    write_private(path.with_name(path.name + OLD), data)
    write_private(path, encode_group(after))
    return after


def encode_keys(a: GroupFile, b: GroupFile) -> bytes:
    """What the organisation's root signs: [1, deployment, vault, key A, key B]. Raises `BadKey` unless apart."""
    verify_apart(a, b)
    return cbor.encode([FORMAT, a.deployment, a.vault, a.newest, b.newest])


def parse_keys(data: bytes) -> tuple[DeploymentId, PrincipalId, tuple[bytes, bytes]]:
    """Deployment, vault and its two next public keys. Raises `Malformed`, `BadKey`."""
    form, deployment, vault, *keys = array(cbor.decode(data, max_size=8192, max_depth=1), 5)
    whole(form, FORMAT, FORMAT)
    a, b = (verify_kem_public(exactly(key, PUBLIC_LENGTH)) for key in keys)
    if a == b:
        raise Malformed("one key twice")
    return DeploymentId(identifier(deployment)), PrincipalId(identifier(vault)), (a, b)


def next_version(keys: tuple[bytes, bytes], known: int) -> KeyVersionAdded:
    """The statement for the vault's key stream, which has `known` key versions so far."""
    a, b = (verify_kem_public(key) for key in keys)
    return KeyVersionAdded(known + 1, (a, b))
