"""One of a vault's two keys, in the hands of one group of key officers (protocol §3).

A group's file is the CBOR array [1, deployment, vault, group, officers, seeds]. An officer is [id, public KEM key,
name], a seed [public KEM key, [[officer, sealed seed]…]], oldest first: what was sealed to an older key stays sealed.
Any one officer of a group opens its seeds, and with them one layer of a wrap: nobody alone opens both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from crypto import labels
from crypto.cbor import CborInput, CborValue, decode, encode
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.kem import OVERHEAD, PUBLIC_LENGTH, SEED_LENGTH, KemKey, KemPublic, hpke_open, hpke_seal, verify_kem_public
from crypto.labels import labelled
from crypto.layers import Layer, kem_hash
from crypto.shapes import Id, SecretKey, array, exactly, identifier, secret, short_text, strictly_rising, whole

FORMAT: Final = 1
MAX_OFFICERS: Final = 16
MAX_SEEDS: Final = 256
MAX_OFFICER_NAME: Final = 100
MAX_GROUP: Final = 8 * 1024 * 1024
_SEALED_LENGTH: Final = SEED_LENGTH + OVERHEAD


class Group(StrEnum):
    """Which of a vault's two keys a group holds; it says which layer of a wrap the group opens."""

    A = "a"
    B = "b"

    @property
    def layer(self) -> Layer:
        """A opens the outer layer, B what then remains."""
        return Layer.OUTER if self is Group.A else Layer.INNER


@dataclass(frozen=True, slots=True)
class Officer:
    """A key officer by the public half of their card. The name is for the others in the room to read."""

    id: Id
    public: KemPublic
    name: str

    def items(self) -> list[CborInput]:
        """The officer as it stands in a file."""
        return [self.id, self.public, self.name]


@dataclass(frozen=True, slots=True)
class SharedSeed:
    """A seed by its public key, sealed once for each officer of the group, sorted by officer."""

    public: KemPublic
    shares: tuple[tuple[Id, bytes], ...]


@dataclass(frozen=True, slots=True)
class GroupFile:
    """A group, its officers sorted by id, and its seeds, oldest first. Holds nothing that opens without a card."""

    deployment: Id
    vault: Id
    group: Group
    officers: tuple[Officer, ...]
    seeds: tuple[SharedSeed, ...]

    @property
    def newest(self) -> KemPublic:
        """The public key that the vault's next key version names for this group."""
        return self.seeds[-1].public


def found_group(deployment: Id, vault: Id, group: Group, officers: Sequence[Officer], seed: SecretKey) -> GroupFile:
    """A new group with its first seed, 32 fresh random bytes. Raises `Malformed`, `BadKey`."""
    among = tuple(sorted(officers, key=lambda officer: officer.id))
    return _checked(_with_seeds(GroupFile(deployment, vault, group, among, ()), [seed]))


def reshare(file: GroupFile, seeds: Sequence[SecretKey], officers: Sequence[Officer]) -> GroupFile:
    """The group with other officers; `seeds` are those it has and, behind them, a fresh one if somebody left.

    Who leaves keeps what they may have copied: it opens one layer of what was sealed before, and nothing after.

    Raises:
        CannotOpen: these are not the group's seeds.
        Malformed, BadKey: the group would be empty, too large, or hold one key twice.

    """
    known = [shared.public for shared in file.seeds]
    if [KemKey.from_seed(seed).public for seed in seeds[: len(known)]] != known:
        raise CannotOpen("not the seeds of this group")
    among = tuple(sorted(officers, key=lambda officer: officer.id))
    left = {officer.id for officer in file.officers} - {officer.id for officer in among}
    if left and len(seeds) == len(known):
        raise BadKey("an officer left, so the group needs a fresh seed")
    return _checked(_with_seeds(replace(file, officers=among, seeds=()), seeds))


def open_seeds(file: GroupFile, officer: Id, card: KemKey) -> tuple[SecretKey, ...]:
    """All seeds of the group, for one of its officers. Raises `CannotOpen`."""
    return tuple(_open_share(file, shared, officer, card) for shared in file.seeds)


def verify_apart(a: GroupFile, b: GroupFile) -> None:
    """Raises `BadKey` unless these are groups A and B of one vault, and nobody holds a card in both."""
    if (a.group, b.group) != (Group.A, Group.B) or (a.deployment, a.vault) != (b.deployment, b.vault):
        raise BadKey("not the two groups of one vault")
    if {officer.id for officer in a.officers} & {officer.id for officer in b.officers}:
        raise BadKey("an officer stands in both groups")
    if {officer.public for officer in a.officers} & {officer.public for officer in b.officers}:
        raise BadKey("a card stands in both groups")
    if {shared.public for shared in a.seeds} & {shared.public for shared in b.seeds}:
        raise BadKey("both groups hold one key")


def encode_group(file: GroupFile) -> bytes:
    """The file's bytes. Raises `Malformed`, `BadKey`."""
    data = encode(
        [
            FORMAT,
            file.deployment,
            file.vault,
            file.group.value,
            [officer.items() for officer in file.officers],
            [[shared.public, [[officer, sealed] for officer, sealed in shared.shares]] for shared in file.seeds],
        ]
    )
    parse_group(data)
    return data


def parse_group(data: bytes) -> GroupFile:
    """The group in a file. Raises `Malformed`."""
    form, deployment, vault, group, officers, seeds = array(decode(data, max_size=MAX_GROUP, max_depth=5), 6)
    whole(form, FORMAT, FORMAT)
    try:
        file = GroupFile(
            identifier(deployment),
            identifier(vault),
            Group(short_text(group, 1)),
            tuple(parse_officer(officer) for officer in array(officers)),
            tuple(_parse_seed(seed) for seed in array(seeds)),
        )
        return _checked(file)
    except (BadKey, ValueError):
        raise Malformed("not a group of key officers") from None


def parse_officer(value: CborValue) -> Officer:
    """An officer from a decoded array [id, public key, name]. Raises `Malformed`."""
    officer, public, name = array(value, 3)
    try:
        checked = verify_kem_public(exactly(public, PUBLIC_LENGTH))
    except BadKey:
        raise Malformed("not a public KEM key") from None
    return Officer(identifier(officer), checked, short_text(name, MAX_OFFICER_NAME))


def _parse_seed(value: CborValue) -> SharedSeed:
    public, shares = array(value, 2)
    pairs = [array(share, 2) for share in array(shares)]
    return SharedSeed(
        verify_kem_public(exactly(public, PUBLIC_LENGTH)),
        tuple((identifier(officer), exactly(sealed, _SEALED_LENGTH)) for officer, sealed in pairs),
    )


def _checked(file: GroupFile) -> GroupFile:
    ids = [officer.id for officer in file.officers]
    strictly_rising(ids)
    if not 0 < len(ids) <= MAX_OFFICERS or not 0 < len(file.seeds) <= MAX_SEEDS:
        raise Malformed("no officers or seeds, or too many")
    if len({officer.public for officer in file.officers}) != len(ids):
        raise BadKey("a card stands twice in the group")
    if len({shared.public for shared in file.seeds}) != len(file.seeds):
        raise BadKey("a seed that the group has already")
    if any([officer for officer, _ in shared.shares] != ids for shared in file.seeds):
        raise Malformed("a seed that is not shared by exactly the officers")
    return file


def _with_seeds(file: GroupFile, seeds: Sequence[SecretKey]) -> GroupFile:
    return replace(file, seeds=tuple(_share(file, seed) for seed in seeds))


def _share(file: GroupFile, seed: SecretKey) -> SharedSeed:
    public = KemKey.from_seed(secret(seed)).public
    shares = (
        (officer.id, hpke_seal(officer.public, _info(file, public, officer.id), seed)) for officer in file.officers
    )
    return SharedSeed(public, tuple(shares))


def _open_share(file: GroupFile, shared: SharedSeed, officer: Id, card: KemKey) -> SecretKey:
    for holder, sealed in shared.shares:
        if holder == officer:
            seed = hpke_open(card, _info(file, shared.public, officer), sealed)
            # Anybody can seal to a card: only the seed behind the public key is the group's.
            if len(seed) != SEED_LENGTH or not compare_digest(KemKey.from_seed(seed).public, shared.public):
                raise CannotOpen("not the seed of this key")
            return SecretKey(seed)
    raise CannotOpen("no officer of this group")


def _info(file: GroupFile, public: KemPublic, officer: Id) -> bytes:
    bound: list[CborInput] = [file.deployment, file.vault, file.group.value, kem_hash([public]), officer]
    return labelled(labels.OFFICER_SHARE, encode(bound))
