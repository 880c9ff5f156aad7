"""Quorum policies: who must cosign, how it is written down, and what a checkpoint with too few is worth."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.errors import BadSignature, Malformed, NoQuorum
from crypto.hashing import Digest
from crypto.log_policies import (
    MAX_CLOCK_AHEAD,
    MAX_POLICY,
    MAX_POLICY_LINES,
    Policy,
    fewest,
    organisations_policy,
    parse_policy,
    verify_quorum,
)
from crypto.notes import NoteKey, NoteKind, cosignature_line, note_key, parse_note, sign_note
from crypto.signing import SigningKey

ORIGIN = "log.samsnakk/00"
LOG = SigningKey.from_seed(b"\x01" * 32)
LOG_KEY = note_key(ORIGIN, NoteKind.LOG, LOG.public)
TEXT = checkpoint_text(Checkpoint(ORIGIN, 7, Digest(b"\x07" * 32), Digest(b"\x08" * 32)))
NOTE = sign_note(TEXT, ORIGIN, LOG)
NOW = 1_795_000_000
KEYS = {name: SigningKey.from_seed(bytes([16 + n]) * 32) for n, name in enumerate("ABCDEF")}


def _witness(name: str) -> NoteKey:
    return note_key(f"witness.example/{name}", NoteKind.WITNESS, KEYS[name].public)


def _cosigned(names: str, at: int = NOW) -> str:
    return NOTE + "".join(cosignature_line(TEXT, f"witness.example/{name}", KEYS[name], at) for name in names)


def _four() -> Policy:
    return organisations_policy(LOG_KEY, {name: [_witness(name)] for name in "ABCD"})


FILE = (
    "# To fra X, én fra Y\n"
    f"log {LOG_KEY} https://hub.example/log/\n"
    "\n"
    f"witness X1 {_witness('A')}\n"
    f"\twitness X2  {_witness('B')}\thttps://b.example/w \n"
    f"witness X3 {_witness('C')}\n"
    "group X 2 X1 X2 X3\n"
    f"witness Y1 {_witness('D')}\n"
    f"witness Y2 {_witness('E')}\n"
    "group Y any Y1 Y2\n"
    "group begge all X Y\n"
    "quorum begge\n"
)


@pytest.mark.parametrize("names", ["ABC", "BCD", "ABCD", "DCA"])
def test_three_of_four_organisations_make_a_quorum(names: str) -> None:
    found = verify_quorum(parse_note(_cosigned(names)), _four(), NOW)
    assert found.checkpoint.size == 7
    assert len(found.times) == len(names)
    assert set(found.times.values()) == {NOW}


@pytest.mark.parametrize("names", ["", "A", "AB", "AA", "ABEF"])
def test_fewer_are_no_quorum_and_strangers_do_not_count(names: str) -> None:
    with pytest.raises(NoQuorum):
        verify_quorum(parse_note(_cosigned(names)), _four(), NOW)


def test_many_witnesses_of_one_organisation_count_once() -> None:
    puppets = {"a": [_witness(name) for name in "ABC"], "b": [_witness("D")], "c": [_witness("E")], "d": []}
    policy = organisations_policy(LOG_KEY, puppets)
    with pytest.raises(NoQuorum):
        verify_quorum(parse_note(_cosigned("ABCD")), policy, NOW)
    verify_quorum(parse_note(_cosigned("BDE")), policy, NOW)


def test_one_key_is_no_two_witnesses() -> None:
    again = note_key("witness.example/again", NoteKind.WITNESS, KEYS["A"].public)
    with pytest.raises(Malformed):
        organisations_policy(LOG_KEY, {"a": [_witness("A")], "b": [again]})
    with pytest.raises(Malformed, match="line 4"):
        parse_policy(f"log {LOG_KEY}\nwitness a {_witness('A')}\n\nwitness b {again}\nquorum a\n".encode())


@pytest.mark.parametrize(("organisations", "asked"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7)])
def test_two_quorums_have_an_honest_organisation_in_common(organisations: int, asked: int) -> None:
    assert fewest(organisations) == asked
    liars = (organisations - 1) // 3
    assert 2 * asked - organisations > liars  # in both quorums
    assert asked <= organisations - liars  # liars alone cannot keep a quorum away


@pytest.mark.parametrize("k", [0, 5, -1])
def test_a_quorum_of_more_than_there_are_or_of_nobody_is_refused(k: int) -> None:
    with pytest.raises(Malformed):
        organisations_policy(LOG_KEY, {name: [_witness(name)] for name in "ABCD"}, k)


def test_a_wrong_cosignature_in_a_known_name_is_a_lie_and_no_missing_one() -> None:
    wrong = f"— {_witness('D').name} {b64encode(_witness('D').hash + bytes(72)).decode()}\n"
    with pytest.raises(BadSignature):
        verify_quorum(parse_note(_cosigned("ABC") + wrong), _four(), NOW)


def test_a_checkpoint_that_the_log_did_not_sign_is_none_however_many_cosigned_it() -> None:
    lines = _cosigned("ABCD").removeprefix(NOTE)
    for by in (KEYS["E"], KEYS["A"]):
        with pytest.raises(BadSignature):
            verify_quorum(parse_note(sign_note(TEXT, ORIGIN, by) + lines), _four(), NOW)


def test_no_log_speaks_for_another() -> None:
    other = note_key("log.samsnakk/01", NoteKind.LOG, KEYS["F"].public)
    policy = parse_policy(f"log {LOG_KEY}\nlog {other}\nquorum none\n".encode())
    verify_quorum(parse_note(NOTE), policy, NOW)
    with pytest.raises(BadSignature):
        verify_quorum(parse_note(sign_note(TEXT, other.name, KEYS["F"])), policy, NOW)


def test_a_cosignature_of_a_time_to_come_does_not_count() -> None:
    verify_quorum(parse_note(_cosigned("ABC", NOW + MAX_CLOCK_AHEAD)), _four(), NOW)
    with pytest.raises(NoQuorum):
        verify_quorum(parse_note(_cosigned("ABC", NOW + MAX_CLOCK_AHEAD + 1)), _four(), NOW)


def test_an_old_cosignature_does_not_count_where_a_fresh_one_is_asked_for() -> None:
    note = parse_note(_cosigned("ABC", NOW - 900))
    assert len(verify_quorum(note, _four(), NOW, NOW - 900).times) == 3
    with pytest.raises(NoQuorum):
        verify_quorum(note, _four(), NOW, NOW - 899)
    newer = parse_note(_cosigned("AB", NOW - 900) + _cosigned("ABC").removeprefix(NOTE))
    verify_quorum(newer, _four(), NOW, NOW)


@pytest.mark.parametrize(("names", "enough"), [("ABD", True), ("BCE", True), ("ABC", False), ("ADE", False)])
def test_a_file_says_how_many_of_whom(names: str, *, enough: bool) -> None:
    policy = parse_policy(FILE.encode())
    assert [one.url for one in policy.witnesses] == [None, "https://b.example/w", None, None, None]
    note = parse_note(_cosigned(names))
    if enough:
        assert len(verify_quorum(note, policy, NOW).times) == len(names)
    else:
        with pytest.raises(NoQuorum):
            verify_quorum(note, policy, NOW)


BEGUN = f"log {LOG_KEY}\nwitness A {_witness('A')}\nwitness B {_witness('B')}\n"


@pytest.mark.parametrize(
    ("rest", "says"),
    [
        ("", "no quorum line"),
        ("quorum A", "newline"),
        ("quorum C\n", "line 4"),
        ("quorum A\nquorum B\n", "line 5"),
        ("quorum\n", "too few"),
        ("quorum A B\n", "too many"),
        ("group g all\nquorum A\n", "too few"),
        ("group g 0 A\nquorum g\n", "1 to the number"),
        ("group g 3 A B\nquorum g\n", "1 to the number"),
        ("group g 99999999999 A B\nquorum g\n", "1 to the number"),
        ("group g 01 A\nquorum g\n", "1 to the number"),
        ("group g some A\nquorum g\n", "1 to the number"),
        ("group g ² A B\nquorum g\n", "1 to the number"),
        ("group g any A A\nquorum g\n", "each counts once"),
        ("group g any A\ngroup h any A B\nquorum h\n", "each counts once"),
        ("group g any g\nquorum g\n", "no line above"),
        ("group g any none\nquorum g\n", "no line above"),
        ("group A any B\nquorum A\n", "taken"),
        ("group none any B\nquorum none\n", "taken"),
        (f"witness C {_witness('B')}\nquorum A\n", "each counts once"),
        (f"witness C {LOG_KEY}\nquorum A\n", "a log's key"),
        (f"log {_witness('C')}\nquorum A\n", "a log's key"),
        ("witness C nobody+1234+AAAA\nquorum A\n", "copy it whole"),
        ("vitne C\nquorum A\n", "begins with none"),
        ("quorum A\r\n", "control"),
        ("quorum A\x7f\n", "control"),
    ],
)
def test_what_is_no_policy_is_refused_and_said_where(rest: str, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        parse_policy((BEGUN + rest).encode())


def test_a_policy_has_an_end() -> None:
    parse_policy((BEGUN + "# much said\n" * 2000 + "quorum none\n").encode())
    with pytest.raises(Malformed, match="longer than"):
        parse_policy(BEGUN.encode() + b"\n" * MAX_POLICY)
    groups = "".join(f"group g{n} any {'A' if n == 0 else f'g{n - 1}'}\n" for n in range(MAX_POLICY_LINES))
    with pytest.raises(Malformed, match="more than"):
        parse_policy((BEGUN + groups + "quorum g1\n").encode())


def test_a_long_row_of_groups_is_followed_to_its_end() -> None:
    groups = "".join(f"group g{n} any {'A' if n == 0 else f'g{n - 1}'}\n" for n in range(1000))
    verify_quorum(parse_note(_cosigned("A")), parse_policy((BEGUN + groups + "quorum g999\n").encode()), NOW)


def test_names_are_octets_that_nobody_reads() -> None:
    raw = BEGUN.encode() + b"group \xff any A\ngroup \xfe any B\nquorum \xff\n"
    verify_quorum(parse_note(_cosigned("A")), parse_policy(raw), NOW)
    with pytest.raises(NoQuorum):
        verify_quorum(parse_note(_cosigned("B")), parse_policy(raw), NOW)


@given(st.binary(max_size=200), st.sampled_from([b"", FILE.encode(), BEGUN.encode()]))
def test_any_bytes_are_a_policy_or_refused(data: bytes, before: bytes) -> None:
    for candidate in (data, before + data, before + data + b"\nquorum A\n", data + before):
        try:
            parse_policy(candidate)
        except Malformed:
            continue


@given(st.lists(st.text(alphabet="ABag01 +#\t", max_size=12), max_size=6))
def test_any_words_are_a_policy_or_refused(lines: list[str]) -> None:
    with suppress(Malformed):
        parse_policy((BEGUN + "".join(f"group {line}\n" for line in lines) + "quorum A\n").encode())
