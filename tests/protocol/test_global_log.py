"""What an end believes about the log, and what it calls a lie."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.hashing import DIGEST_LENGTH, Digest
from crypto.log_entries import LogEntry, entry_bytes
from crypto.notes import NoteKind, note_key, sign_note
from crypto.signing import SigningKey
from domain.ids import DeploymentId
from protocol.errors import FalseLogProof, ForgedCheckpoint, ForkedLog
from protocol.global_log import empty_log, logged_head, read_checkpoint, verify_goes_on
from protocol.witnesses import log_origin
from tests.made_log import MadeLog

DEPLOYMENT = DeploymentId(bytes(range(16)))
HUB, SOMEBODY = SigningKey.from_seed(bytes([1]) * 32), SigningKey.from_seed(bytes([2]) * 32)
KEY = note_key(log_origin(DEPLOYMENT), NoteKind.LOG, HUB.public)
STREAMS = 5


def entry(n: int, salt: int = 0) -> LogEntry:
    name = Digest(sha256(bytes([n % STREAMS])).digest())
    return LogEntry(name, n // STREAMS + 1, Digest((n + (salt << 32)).to_bytes(DIGEST_LENGTH, "big")))


class Log(MadeLog):
    """A log of so many records; `salt` makes another one of every record from `since` on."""

    def __init__(self, size: int, salt: int = 0, since: int = 0) -> None:
        super().__init__(log_origin(DEPLOYMENT), [entry(n, salt if n >= since else 0) for n in range(size)])


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_log_goes_on_from_every_earlier_one(first: int, second: int) -> None:
    old, new = sorted((first, second))
    verify_goes_on(Log(old).checkpoint, Log(new).checkpoint, Log(new).since(old))


@given(st.integers(1, 40), st.integers(0, 20))
def test_a_log_in_which_anything_old_is_another_never_goes_on(old: int, more: int) -> None:
    new = Log(old + more, salt=1, since=old - 1)
    with pytest.raises(ForkedLog):
        verify_goes_on(Log(old).checkpoint, new.checkpoint, new.since(old))


@given(st.integers(1, 40))
def test_a_log_never_goes_back(size: int) -> None:
    with pytest.raises(ForkedLog, match="shorter"):
        verify_goes_on(Log(size).checkpoint, Log(size - 1).checkpoint, ())


def test_two_trees_of_heads_over_one_log_are_a_fork() -> None:
    one = Log(7).checkpoint
    other = Checkpoint(one.origin, one.size, one.root, Digest(bytes(32)))
    with pytest.raises(ForkedLog, match="two trees"):
        verify_goes_on(one, other, ())


def test_everything_goes_on_from_the_empty_log() -> None:
    verify_goes_on(empty_log(DEPLOYMENT).checkpoint, Log(9).checkpoint, ())


def test_only_the_pinned_key_signs_checkpoints() -> None:
    text = checkpoint_text(Log(3).checkpoint)
    assert read_checkpoint(sign_note(text, KEY.name, HUB), KEY).checkpoint == Log(3).checkpoint
    for note in (sign_note(text, KEY.name, SOMEBODY), text, "", sign_note("no checkpoint\n", KEY.name, HUB)):
        with pytest.raises(ForgedCheckpoint):
            read_checkpoint(note, KEY)


def test_a_checkpoint_of_another_log_is_none_of_this_one() -> None:
    other = log_origin(DeploymentId(bytes(16)))
    text = checkpoint_text(Checkpoint(other, 0, Log(0).checkpoint.root, Log(0).checkpoint.heads))
    with pytest.raises(ForgedCheckpoint, match="another log"):
        read_checkpoint(sign_note(text, KEY.name, HUB), KEY)


@given(st.integers(1, 40))
def test_the_newest_head_of_every_stream_is_shown(size: int) -> None:
    log = Log(size)
    for one in log.entries:
        stands, siblings = log.heads.proof(one.name)
        assert stands is not None
        assert logged_head(log.checkpoint, one.name, entry_bytes(stands), siblings) == stands


def test_a_stream_that_is_not_there_is_shown_not_to_be() -> None:
    log, nobody = Log(9), Digest(bytes(32))
    stands, siblings = log.heads.proof(nobody)
    assert logged_head(log.checkpoint, nobody, None if stands is None else entry_bytes(stands), siblings) is None


def test_a_head_of_another_checkpoint_or_stream_is_no_proof() -> None:
    log = Log(9)
    mine, other = log.entries[-1], log.entries[-2]
    stands, siblings = log.heads.proof(mine.name)
    assert stands is not None
    for name, leaf, path in (
        (mine.name, entry_bytes(stands), siblings[:-1]),
        (mine.name, None, siblings),
        (mine.name, b"", siblings),
        (other.name, entry_bytes(stands), siblings),
        (mine.name, entry_bytes(LogEntry(mine.name, mine.n + 1, mine.head)), siblings),
    ):
        with pytest.raises(FalseLogProof):
            logged_head(log.checkpoint, name, leaf, path)
