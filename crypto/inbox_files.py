"""A service inbox's seeds, sealed for the people who are eligible to answer it (protocol §3).

A file is the CBOR array [1, deployment, inbox, generation, hash of the file it replaces or null, seats, ciphertext]. A
seat is [person, key version, sealed file key], sorted by person; under the file key, fresh for each file, lie [version,
seed]…. Nothing here says who wrote it: a seed counts because its public half is the key that the inbox's signed key
stream names, and for nothing else. Whoever swaps, invents or mixes seeds gives the reader some that count for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from crypto import labels
from crypto.boxes import ONLY_NONCE, TAG_LENGTH, open_box, seal_box
from crypto.cbor import CborInput, CborValue, decode, encode
from crypto.errors import CannotOpen, Malformed
from crypto.hashing import Digest, hash_with
from crypto.kem import OVERHEAD, KemKey, hpke_open, hpke_seal
from crypto.labels import labelled
from crypto.layers import kem_hash
from crypto.shapes import (
    KEY_LENGTH,
    Id,
    SecretKey,
    array,
    blob,
    digest,
    exactly,
    identifier,
    secret,
    strictly_rising,
    whole,
)

FORMAT: Final = 1
MAX_SEATS: Final = 512
MAX_INBOX_SEEDS: Final = 2048
MAX_INBOX_FILE: Final = 1024 * 1024
MAX_UNCERTIFIED: Final = 8
"""Seeds that no key stream names (yet), which a file carries on."""
_SEALED_LENGTH: Final = KEY_LENGTH + OVERHEAD


@dataclass(frozen=True, slots=True)
class InboxSeed:
    """A 32-byte KEM seed, and the version of the inbox's key that it was made for."""

    version: int
    seed: SecretKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody eligible: the person, and the version and public half of the key to seal to."""

    person: Id
    version: int
    public: bytes


@dataclass(frozen=True, slots=True)
class Seat:
    """The file key, sealed for one person's key version."""

    person: Id
    version: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class InboxPlace:
    """Which file: of which inbox, the how-manieth from 1 on, and the hash of the one before (None for the first)."""

    deployment: Id
    inbox: Id
    generation: int
    replaces: Digest | None


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file, parsed but not opened."""

    place: InboxPlace
    seats: tuple[Seat, ...]
    ciphertext: bytes

    def seat_of(self, person: Id) -> Seat | None:
        """The person's seat, if there is one."""
        return next((seat for seat in self.seats if seat.person == person), None)


def seal_inbox(
    place: InboxPlace, seeds: Sequence[InboxSeed], recipients: Sequence[Recipient], *, file_key: SecretKey
) -> bytes:
    """The file. `file_key` is 32 fresh random bytes. Raises `Malformed`, `BadKey`."""
    among = sorted(recipients, key=lambda one: one.person)
    bound = _bound(place, [(one.person, one.version) for one in among])
    seats: list[list[CborInput]] = [
        [one.person, one.version, hpke_seal(one.public, _info(bound, one.person, one.version), secret(file_key))]
        for one in among
    ]
    # The nonce may be constant because `file_key` seals this one file.
    ciphertext = seal_box(file_key, ONLY_NONCE, labelled(labels.INBOX_SEEDS, bound), _encode(seeds))
    p = place
    data = encode([FORMAT, p.deployment, p.inbox, p.generation, p.replaces, seats, ciphertext])
    parse_inbox_file(data)
    return data


def parse_inbox_file(data: bytes) -> InboxFile:
    """The file's place and seats. Raises `Malformed`."""
    items = array(decode(data, max_size=MAX_INBOX_FILE, max_depth=3), 7)
    form, deployment, inbox, generation, replaces, rows, ciphertext = items
    whole(form, FORMAT, FORMAT)
    before = None if replaces is None else digest(replaces)
    place = InboxPlace(identifier(deployment), identifier(inbox), whole(generation, 1), before)
    if (place.generation == 1) is not (before is None):
        raise Malformed("the first file replaces none, every other one does")
    seats = tuple(_seat(row) for row in array(rows))
    if not 0 < len(seats) <= MAX_SEATS:
        raise Malformed("for nobody, or for too many")
    strictly_rising(seat.person for seat in seats)
    if len(blob(ciphertext)) < TAG_LENGTH:
        raise Malformed("no sealed bytes")
    return InboxFile(place, seats, blob(ciphertext))


def open_inbox(file: InboxFile, person: Id, keys: Mapping[int, KemKey]) -> tuple[InboxSeed, ...]:
    """What lies in the file, for one of those it is sealed for; which of it counts, `certified_seeds` says.

    Raises:
        CannotOpen: no seat of that person, none for these key versions, or not sealed so.
        Malformed: it opens, and holds no seeds.

    """
    seat = file.seat_of(person)
    key = None if seat is None else keys.get(seat.version)
    if seat is None or key is None:
        raise CannotOpen("no seat for this key")
    bound = _bound(file.place, [(one.person, one.version) for one in file.seats])
    file_key = hpke_open(key, _info(bound, person, seat.version), seat.sealed)
    if len(file_key) != KEY_LENGTH:
        raise CannotOpen("not a file key")
    return _decode(open_box(SecretKey(file_key), ONLY_NONCE, labelled(labels.INBOX_SEEDS, bound), file.ciphertext))


def certified_seeds(seeds: Sequence[InboxSeed], certified: Mapping[int, Digest]) -> dict[int, SecretKey]:
    """The seeds that count: by version, those whose public half has the hash that the key stream names for it."""
    found: dict[int, SecretKey] = {}
    for one in seeds:
        named = certified.get(one.version)
        if named is not None and kem_hash([KemKey.from_seed(one.seed).public]) == named:
            found[one.version] = one.seed
    return found


def carried_on(seeds: Sequence[InboxSeed], certified: Mapping[int, Digest]) -> tuple[InboxSeed, ...]:
    """What the next file holds of these: all that count, and the newest of those that may still come to count.

    Whoever left a file and has not been heard by the node yet would lose a key if the next file went without its seed.
    A seed for a version that is certified by now as another one never counts.
    """
    good = certified_seeds(seeds, certified)
    newest = max(certified, default=0)
    waiting = [one for one in seeds if one.version > newest][-MAX_UNCERTIFIED:]
    return (*(InboxSeed(version, seed) for version, seed in sorted(good.items())), *waiting)


def inbox_file_hash(data: bytes) -> Digest:
    """The hash of a file: what a device signs for, and what the next file says it replaces."""
    return hash_with(labels.INBOX_FILE, data)


def _bound(place: InboxPlace, readers: list[tuple[Id, int]]) -> bytes:
    """What seats and content are bound to: this file of this inbox, and everybody who reads it."""
    listed = hash_with(labels.INBOX_READERS, encode([[identifier(who), whole(version, 1)] for who, version in readers]))
    p = place
    return encode([FORMAT, identifier(p.deployment), identifier(p.inbox), whole(p.generation, 1), p.replaces, listed])


def _info(bound: bytes, person: Id, version: int) -> bytes:
    return labelled(labels.INBOX_SEAT, encode([bound, person, version]))


def _seat(row: CborValue) -> Seat:
    person, version, sealed = array(row, 3)
    return Seat(identifier(person), whole(version, 1), exactly(sealed, _SEALED_LENGTH))


def _encode(seeds: Sequence[InboxSeed]) -> bytes:
    content = encode([[one.version, one.seed] for one in seeds])
    _decode(content)
    return content


def _decode(content: bytes) -> tuple[InboxSeed, ...]:
    rows = array(decode(content, max_size=MAX_INBOX_FILE, max_depth=2))
    seeds = tuple(_seed(row) for row in rows)
    if len(seeds) > MAX_INBOX_SEEDS or len({one.seed for one in seeds}) != len(seeds):
        raise Malformed("too many seeds, or one twice")
    if any(earlier.version > later.version for earlier, later in pairwise(seeds)):
        raise Malformed("seeds out of order")
    return seeds


def _seed(row: CborValue) -> InboxSeed:
    version, seed = array(row, 2)
    return InboxSeed(whole(version, 1), secret(seed))
