"""The node as a witness of other people's logs: every answer is the one that C2SP tlog-witness asks for."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from crypto.hashing import Digest
from crypto.log_proofs import consistency_proof, root_at
from crypto.log_tree import EMPTY_ROOT, leaf_hash, node_hash
from crypto.notes import NoteKind, note_key, parse_note, sign_note, verify_cosignature, verify_note
from crypto.signing import SigningKey
from crypto.witness_requests import AddCheckpoint, encode_add_checkpoint
from domain.ids import Millis
from samsnakk.node.witness.any_log import Answer, LogsSeen, LogWitness
from tests.crypto.fixed import signing_key

AT = Millis(1_795_000_000_000)
ORIGIN = "example.com/somebody's"
LOG = signing_key("somebody's log")
KEY = note_key(ORIGIN, NoteKind.LOG, LOG.public)
NAME = "witness.example/w"
WITNESS = signing_key("witness of logs")


def subtree(level: int, index: int) -> Digest:
    if level == 0:
        return leaf_hash(b"leaf %d" % index)
    return node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))


def note(size: int, root: Digest | None = None, key: SigningKey = LOG, origin: str = ORIGIN) -> str:
    there = (root_at(size, subtree) if size else EMPTY_ROOT) if root is None else root
    return sign_note(f"{origin}\n{size}\n{b64encode(there).decode()}\n", origin, key)


def asked(old: int, size: int, proof: Sequence[Digest] | None = None, given: str | None = None) -> bytes:
    made = consistency_proof(old, size, subtree) if proof is None else tuple(proof)
    return encode_add_checkpoint(AddCheckpoint(old, made, note(size) if given is None else given))


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[LogsSeen]:
    with closing(LogsSeen(tmp_path / "seen.db")) as book:
        yield book


@pytest.fixture
def witness(seen: LogsSeen) -> LogWitness:
    return LogWitness(NAME, WITNESS, {ORIGIN: KEY}, seen)


def test_a_log_is_cosigned_from_its_beginning_on(witness: LogWitness) -> None:
    for old, size in ((0, 5), (5, 5), (5, 8), (8, 1000), (1000, 1001)):
        answer = witness.add_checkpoint(asked(old, size), AT)
        assert answer.status == 200
        cosigned = parse_note(note(size) + answer.body)
        assert verify_cosignature(cosigned, note_key(NAME, NoteKind.WITNESS, WITNESS.public)) == AT // 1000


def test_the_newest_is_shown_with_both_signatures(witness: LogWitness) -> None:
    name = sha256(ORIGIN.encode()).hexdigest()
    assert witness.newest(name).status == 404
    witness.add_checkpoint(asked(0, 5), AT)
    shown = parse_note(witness.newest(name).body)
    verify_note(shown, KEY)
    verify_cosignature(shown, witness.vkey)
    assert witness.newest(sha256(b"another").hexdigest()).status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 5\n\nnothing", 400),
        (asked(5, 9, given=note(4)), 400),
        (asked(0, 9, given=note(9, origin="example.com/other", key=LOG)), 404),
        (asked(5, 9, given=note(9, key=WITNESS)), 403),
        (asked(5, 9, given=note(9).replace("9\n", "8\n", 1)), 403),
        (asked(0, 9), 409),
        (asked(4, 9), 409),
        (asked(6, 9), 409),
        (asked(5, 9, proof=()), 422),
        (asked(5, 9, proof=consistency_proof(5, 8, subtree)), 422),
        (asked(5, 5, given=note(5, root=Digest(bytes(32)))), 422),
        (asked(5, 9, given=note(9, root=Digest(bytes(32)))), 422),
        (asked(5, 5, proof=[Digest(bytes(32))]), 422),
    ],
)
def test_what_does_not_hold_gets_the_status_that_the_format_gives_it(
    body: bytes, status: int, witness: LogWitness
) -> None:
    witness.add_checkpoint(asked(0, 5), AT)
    answer = witness.add_checkpoint(body, AT)
    assert answer.status == status
    if status == 409:
        assert answer == Answer(answer.status, "5\n", "text/x.tlog.size")
    assert witness.add_checkpoint(asked(5, 9), AT).status == 200


@pytest.mark.parametrize(
    "body",
    [
        asked(0, 3, proof=[Digest(bytes(32))]),
        asked(0, 0, given=note(0, root=Digest(bytes(32)))),
    ],
)
def test_the_first_checkpoint_needs_no_proof_and_nothing_is_nothing(body: bytes, witness: LogWitness) -> None:
    assert witness.add_checkpoint(body, AT).status == 422
    assert witness.add_checkpoint(asked(0, 0), AT).status == 200


def test_what_was_cosigned_is_remembered_over_a_restart(seen: LogsSeen, tmp_path: Path) -> None:
    LogWitness(NAME, WITNESS, {ORIGIN: KEY}, seen).add_checkpoint(asked(0, 7), AT)
    with closing(LogsSeen(tmp_path / "seen.db")) as again:
        witness = LogWitness(NAME, WITNESS, {ORIGIN: KEY}, again)
        assert witness.add_checkpoint(asked(0, 9), AT).body == "7\n"
        assert witness.add_checkpoint(asked(7, 7, given=note(7, root=Digest(bytes(32)))), AT).status == 422


def test_two_that_ask_at_once_are_not_both_right(seen: LogsSeen, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (LogWitness(NAME, WITNESS, {ORIGIN: KEY}, seen) for _ in range(2))
    newest = seen.newest

    def meanwhile(origin: str) -> tuple[int, Digest]:
        found = newest(origin)
        monkeypatch.undo()
        assert second.add_checkpoint(asked(0, 9), AT).status == 200
        return found

    monkeypatch.setattr(seen, "newest", meanwhile)
    answer = first.add_checkpoint(asked(0, 4), AT)
    assert (answer.status, answer.body) == (409, "9\n")
    assert seen.newest(ORIGIN)[0] == 9
