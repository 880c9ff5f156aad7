"""A service inbox's keys as its signed key stream tells them: who may have the seeds, which, and when a new one is due.

Node and clients ask the same questions here and get the same answers, because all of it stands in key streams.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeAlias

from crypto.hashing import Digest
from crypto.inbox_files import Recipient
from crypto.key_stream_states import Eligibility, KeyStreamState, KeyVersion
from domain.ids import PrincipalId
from protocol.errors import UnknownKey

States: TypeAlias = Mapping[PrincipalId, KeyStreamState]
"""Key streams of people by their ids."""
Seen: TypeAlias = tuple[tuple[bytes, int], ...]
"""Everybody eligible, sorted, and how far each one's key stream was read."""
FIRST_KEY_VERSION: Final = 1


class Due(StrEnum):
    """Why an inbox needs a new key."""

    FIRST_KEY = "first-key"
    SOMEBODY_LEFT = "somebody-left"
    KEYS_LOST = "keys-lost"
    """A device of somebody eligible was revoked, or they have a newer key, or ended."""


def certified(inbox: KeyStreamState) -> dict[int, Digest]:
    """The hash of each key version. One that a new root struck stays among them: old messages are sealed under it."""
    return {key.version: key.kem_hash for key in inbox.key_versions}


def newest_good(inbox: KeyStreamState) -> KeyVersion | None:
    """The key that is sealed for now, if there is one."""
    return next((key for key in reversed(inbox.key_versions) if not key.struck), None)


def eligible_since(inbox: KeyStreamState, person: PrincipalId) -> Eligibility | None:
    """The statement from which on the person has been eligible without a break; None for who is not."""
    first: Eligibility | None = None
    for one in reversed(inbox.eligibilities):
        if person not in one.people:
            break
        first = one
    return first


def needed(inbox: KeyStreamState, person: PrincipalId) -> frozenset[int]:
    """The versions whose seeds a file for this person must hold: the newest, and all since the person is eligible.

    A file without one of them is an older file, another inbox's, or made by somebody who holds no seed at all. Earlier
    ones belong in it too, but a hub cannot be blamed where nobody is left who had them.
    """
    newest, since = newest_good(inbox), eligible_since(inbox, person)
    if newest is None or since is None:
        return frozenset()
    good = (key for key in inbox.key_versions if not key.struck)
    return frozenset(key.version for key in good if key is newest or key.issued_at >= since.issued_at)


def what_is_due(inbox: KeyStreamState, people: States) -> Due | None:
    """Why a new key is due, if it is: somebody who could open the newest one should not any more.

    People whose streams are not known here are passed over.
    """
    newest = newest_good(inbox)
    if newest is None:
        return Due.FIRST_KEY
    later = (
        set(before.people) - set(after.people)
        for before, after in pairwise(inbox.eligibilities)
        if after.issued_at >= newest.issued_at
    )
    if any(later):
        return Due.SOMEBODY_LEFT
    for person in inbox.eligible:
        since, state = eligible_since(inbox, PrincipalId(person)), people.get(PrincipalId(person))
        if since is None or state is None:
            continue
        # Both clocks are the organisation's own. What happened in the same millisecond counts as later.
        if any(at >= max(newest.issued_at, since.issued_at) for at in _losses(state)):
            return Due.KEYS_LOST
    return None


def recipients(inbox: KeyStreamState, people: States) -> tuple[Recipient, ...]:
    """Whom the next file is sealed for: everybody eligible, each under the newest key. Raises `UnknownKey`."""
    return tuple(_recipient(PrincipalId(person), people) for person in inbox.eligible)


def seen(inbox: KeyStreamState, people: States) -> Seen:
    """What a wish for a new key tells its node about who got the seed. Raises `UnknownKey`."""
    try:
        return tuple((person, people[PrincipalId(person)].n) for person in inbox.eligible)
    except KeyError:
        raise UnknownKey from None


def _recipient(person: PrincipalId, people: States) -> Recipient:
    state = people.get(person)
    newest = None if state is None or state.ended_at is not None else newest_good(state)
    if newest is None:
        raise UnknownKey
    return Recipient(person, newest.version, newest.kem[0])


def _losses(person: KeyStreamState) -> Iterator[int]:
    """When keys of the person came, or may have come, into other hands."""
    yield from (one.revoked_at for one in person.certificates if one.revoked_at is not None)
    yield from (key.issued_at for key in person.key_versions if key.version > FIRST_KEY_VERSION)
    if person.ended_at is not None:
        yield person.ended_at
