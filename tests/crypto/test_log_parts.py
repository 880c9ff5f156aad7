"""A log that is checked in parts is the log that is checked as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.checkpoints import Checkpoint
from crypto.errors import BadProof, Malformed
from crypto.growing_log import GrowingLog
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_parts import JoinedLog, read_part
from crypto.log_tiles import TILE_WIDTH, encode_bundle
from tests.crypto.fixed import some_digest

STREAMS = 7
ENTRIES = [
    LogEntry(some_digest(f"s{n % STREAMS}"), n // STREAMS + 1, some_digest(f"{n}")) for n in range(5 * TILE_WIDTH)
]


def bundles(entries: list[LogEntry]) -> list[bytes]:
    cut = (entries[at : at + TILE_WIDTH] for at in range(0, len(entries), TILE_WIDTH))
    return [encode_bundle([entry_bytes(one) for one in some]) for some in cut]


def signed(entries: list[LogEntry]) -> Checkpoint:
    log = GrowingLog()
    log.append(entries)
    return Checkpoint("log", log.size, log.frontier.root, log.heads.root)


def joined(entries: list[LogEntry], together: int = 2) -> JoinedLog:
    made, log = bundles(entries), JoinedLog()
    for at in range(0, len(made), together):
        log.add(read_part(made[at : at + together]))
    return log


@given(st.integers(0, len(ENTRIES)), st.integers(1, 6))
def test_parts_joined_are_the_whole(size: int, together: int) -> None:
    log = joined(ENTRIES[:size], together)
    assert log.size == size
    log.verify(signed(ENTRIES[:size]))


@pytest.mark.parametrize("at", [3, TILE_WIDTH, 2 * TILE_WIDTH + 1, len(ENTRIES) - 1])
@pytest.mark.parametrize("what", ["left out", "repeated", "turned round"])
def test_streams_with_gaps_or_repeats_are_refused_within_and_across_parts(at: int, what: str) -> None:
    entries = list(ENTRIES)
    if what == "left out":
        del entries[at - STREAMS if at > STREAMS else at]
    elif what == "repeated":
        entries.insert(at, entries[at - 1])
    else:
        entries[at], entries[at - STREAMS] = entries[at - STREAMS], entries[at]
    with pytest.raises(BadProof):
        joined(entries)


def test_other_entries_than_those_signed_are_refused() -> None:
    other = [*ENTRIES[:-1], LogEntry(ENTRIES[-1].name, ENTRIES[-1].n, some_digest("other"))]
    good = signed(ENTRIES)
    for wrong, checkpoint in (
        (other, good),
        (ENTRIES[:-1], good),
        (ENTRIES, Checkpoint("log", good.size, good.root, Digest(bytes(32)))),
    ):
        with pytest.raises(BadProof):
            joined(wrong).verify(checkpoint)


def test_a_bundle_that_is_not_full_is_the_last_one() -> None:
    made = bundles(ENTRIES)
    short = encode_bundle([entry_bytes(one) for one in ENTRIES[:9]])
    with pytest.raises(BadProof):
        read_part([short, made[1]])
    log = JoinedLog()
    log.add(read_part([short]))
    with pytest.raises(BadProof):
        log.add(read_part([made[1]]))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_part_or_refused(data: bytes) -> None:
    for candidate in ([data], [bundles(ENTRIES)[0], data], [bundles(ENTRIES[:3])[0] + data]):
        try:
            read_part(candidate)
        except (Malformed, BadProof):
            continue
