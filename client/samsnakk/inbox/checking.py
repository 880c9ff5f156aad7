"""What a service inbox's file is worth, judged by the inbox's signed key stream: the hub is believed in nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.inbox_files import (
    InboxFile,
    InboxPlace,
    InboxSeed,
    carried_on,
    certified_seeds,
    inbox_file_hash,
    open_inbox,
    parse_inbox_file,
)
from crypto.kem import KemKey
from crypto.key_stream_states import KeyStreamState
from crypto.shapes import SecretKey
from domain.ids import DeploymentId, PrincipalId
from protocol.inbox_keys import States, certified, needed, recipients
from samsnakk.errors import InboxFileForeign, InboxFileNotBelieved, InboxFileOld, InboxFileWithheld, NoSeatYet

FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class Stand:
    """What the reader knows before looking into the file: the verified key stream, and the own keys and seeds."""

    deployment: DeploymentId
    inbox: KeyStreamState
    person: PrincipalId
    keys: Mapping[int, KemKey]
    """The person's own KEM keys by version."""
    kept: Mapping[int, bytes] = field(repr=False)
    """Seeds of the inbox that this profile holds already, by version."""

    def good(self, seeds: Sequence[InboxSeed]) -> dict[int, SecretKey]:
        """Which of these seeds, and of those held already, the key stream names."""
        mine = [InboxSeed(version, SecretKey(seed)) for version, seed in sorted(self.kept.items())]
        return certified_seeds([*mine, *seeds], certified(self.inbox))


@dataclass(frozen=True, slots=True)
class Found:
    """A file that holds, or none where there is none yet; `seeds` is what the next file carries on."""

    file: InboxFile | None
    hash: Digest | None
    seeds: tuple[InboxSeed, ...] = field(repr=False)
    good: Mapping[int, SecretKey] = field(repr=False)
    problem: InboxFileNotBelieved | None = None
    """What the hub is at fault for if it does not take in the next file: then it did not just lose this one."""

    def next_place(self, stand: Stand) -> InboxPlace:
        """Where the next file belongs."""
        generation = FIRST if self.file is None else self.file.place.generation + 1
        return InboxPlace(stand.deployment, stand.inbox.principal, generation, self.hash)

    def lacks(self, stand: Stand, people: States) -> bool:
        """Whether the file must be sealed anew: for others than it is, or with seeds that it has lost."""
        if self.file is None:
            return bool(self.good)
        seats = {(seat.person, seat.version) for seat in self.file.seats}
        wanted = {(one.person, one.version) for one in recipients(stand.inbox, people)}
        return seats != wanted or not self.good.keys() <= certified_seeds(self.seeds, certified(stand.inbox)).keys()


def own_version_missing(data: bytes | None, stand: Stand) -> bool:
    """Whether the file is sealed for a newer key of the person than this device has: another device made that one."""
    try:
        seat = None if data is None else parse_inbox_file(data).seat_of(stand.person)
    except CryptoError:
        return False
    return seat is not None and seat.version not in stand.keys


def checked(data: bytes | None, stand: Stand, *, begin_anew: bool = False) -> Found:
    """The file, if it is the inbox's and as new as its key stream says.

    Who holds the seeds already gets another one too, with what is wrong with it, and puts the next one in its place:
    the hub may have lost something, and a colleague may have left a file that is good for nobody.
    `begin_anew`: go on without a file's seeds where nobody who could open it is eligible any more.

    Raises:
        InboxFileWithheld: the hub says that there is none, but there must be one.
        InboxFileForeign, InboxFileOld, InboxFileNotBelieved: it served another one, and the seeds are not here.
        NoSeatYet: the file is sealed for others only, and this person holds nothing to go on with.

    """
    must = needed(stand.inbox, stand.person)
    if data is None:
        good = stand.good(())
        withheld = InboxFileWithheld() if must else None
        if withheld is not None and not must <= good.keys():
            raise withheld
        return Found(None, None, (), good, withheld)
    file = _parsed(data, stand)
    if file.seat_of(stand.person) is None:
        return _from_outside(file, data, stand, begin_anew=begin_anew)
    seeds, problem = _inside(file, stand, must)
    good = stand.good(seeds)
    if problem is not None and not must <= good.keys():
        raise problem
    return Found(file, inbox_file_hash(data), carried_on(seeds, certified(stand.inbox)), good, problem)


def _inside(
    file: InboxFile, stand: Stand, must: frozenset[int]
) -> tuple[tuple[InboxSeed, ...], InboxFileNotBelieved | None]:
    """What lies in a file with a seat for this person, and what is wrong with it."""
    try:
        seeds = open_inbox(file, stand.person, stand.keys)
    except CryptoError:
        return (), InboxFileNotBelieved()
    named = certified(stand.inbox)
    inside = certified_seeds(seeds, named)
    if must <= inside.keys():
        return seeds, None
    # Not one seed that this inbox's stream names: it never was a file of this inbox.
    return seeds, InboxFileForeign() if seeds and named and not inside else InboxFileOld()


def _parsed(data: bytes, stand: Stand) -> InboxFile:
    try:
        file = parse_inbox_file(data)
    except CryptoError:
        raise InboxFileNotBelieved from None
    if (file.place.deployment, file.place.inbox) != (stand.deployment, stand.inbox.principal):
        raise InboxFileForeign
    return file


def _from_outside(file: InboxFile, data: bytes, stand: Stand, *, begin_anew: bool) -> Found:
    """The next file by somebody who cannot open this one: who holds its seeds from before, or begins anew."""
    good, must = stand.good(()), needed(stand.inbox, stand.person)
    abandoned = not {seat.person for seat in file.seats} & set(stand.inbox.eligible)
    if not (must and must <= good.keys()) and not (abandoned and begin_anew):
        raise NoSeatYet
    return Found(file, inbox_file_hash(data), (), good)
