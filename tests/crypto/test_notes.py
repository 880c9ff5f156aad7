"""Signed notes, cosignatures and checkpoints: read strictly, signed by whom they name."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.checkpoints import Checkpoint, checkpoint_text, parse_checkpoint
from crypto.errors import BadKey, BadSignature, Malformed
from crypto.hashing import Digest
from crypto.labels import PREFIX
from crypto.notes import (
    MAX_NOTE,
    MAX_NOTE_SIGNATURES,
    NoteKind,
    cosignature_line,
    note_key,
    parse_note,
    parse_note_key,
    sign_note,
    verify_cosignature,
    verify_note,
)
from crypto.signing import SigningKey

LOG = SigningKey.from_seed(b"\x01" * 32)
WITNESS = SigningKey.from_seed(b"\x02" * 32)
ORIGIN = "samsnakk.example/log"
LOG_KEY = note_key(ORIGIN, NoteKind.LOG, LOG.public)
WITNESS_KEY = note_key("dps.example/witness", NoteKind.WITNESS, WITNESS.public)
TEXT = checkpoint_text(Checkpoint(ORIGIN, 7, Digest(b"\x07" * 32), Digest(b"\x08" * 32)))
NOTE = sign_note(TEXT, ORIGIN, LOG)


def test_a_note_is_signed_by_the_log_and_cosigned_by_a_witness_at_a_time() -> None:
    note = parse_note(NOTE + cosignature_line(TEXT, WITNESS_KEY.name, WITNESS, 1_700_000_000))
    assert note.text == TEXT
    verify_note(note, LOG_KEY)
    assert verify_cosignature(note, WITNESS_KEY) == 1_700_000_000


def test_the_example_of_the_golang_package_is_read_and_holds() -> None:
    # golang.org/x/mod/sumdb/note, the example of its documentation.
    key = parse_note_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    verify_note(parse_note(note), key)
    with pytest.raises(BadSignature):
        verify_note(parse_note(note.replace("the answer", "no answer")), key)


def test_a_line_of_a_stranger_is_ignored_and_one_in_our_name_must_hold() -> None:
    stranger = f"— somebody.example {b64encode(b'1234' + bytes(64)).decode()}\n"
    verify_note(parse_note(NOTE + stranger), LOG_KEY)
    wrong = f"— {ORIGIN} {b64encode(LOG_KEY.hash + bytes(64)).decode()}\n"
    with pytest.raises(BadSignature):
        verify_note(parse_note(NOTE + wrong), LOG_KEY)


@pytest.mark.parametrize("change", [lambda t: t.replace("7", "8", 1), lambda t: "x" + t])
def test_a_signature_holds_for_no_other_text(change: object) -> None:
    other = change(TEXT)  # type: ignore[operator]
    note = parse_note(other + NOTE[len(TEXT) :])
    with pytest.raises(BadSignature):
        verify_note(note, LOG_KEY)


def test_a_cosignature_is_no_signature_and_holds_for_one_time_only() -> None:
    line = cosignature_line(TEXT, ORIGIN, LOG, 5)
    with pytest.raises(BadSignature):
        verify_note(parse_note(TEXT + "\n" + line), LOG_KEY)
    witness = note_key(ORIGIN, NoteKind.WITNESS, LOG.public)
    raw = bytearray(parse_note(TEXT + "\n" + line).lines[0][1])
    raw[11] ^= 1  # the last byte of the time
    forged = f"{TEXT}\n— {ORIGIN} {b64encode(bytes(raw)).decode()}\n"
    with pytest.raises(BadSignature):
        verify_cosignature(parse_note(forged), witness)


def test_nothing_is_signed_as_a_text_that_could_be_read_as_labelled() -> None:
    with pytest.raises(BadKey):
        LOG.sign_text(PREFIX + b"act\x00")


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there", "x" * 256, "line\nbreak"])
def test_a_name_that_the_format_forbids_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        note_key(name, NoteKind.LOG, LOG.public)


def test_a_key_is_handed_on_in_one_form() -> None:
    for key in (LOG_KEY, WITNESS_KEY):
        assert parse_note_key(str(key)) == key
    for bad in (str(LOG_KEY).replace("+", "-"), "x" + str(LOG_KEY), str(LOG_KEY)[:-4], str(LOG_KEY) + "\n"):
        with pytest.raises(Malformed):
            parse_note_key(bad)


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("— ", "- "),
        NOTE.replace("\n\n", "\n"),
        TEXT.replace("\n", "\r\n") + NOTE[len(TEXT) :],
        TEXT + "\n" + NOTE[len(TEXT) + 1 :] * (MAX_NOTE_SIGNATURES + 1),
        "x" * MAX_NOTE + NOTE,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(Malformed):
        parse_note(note)


@given(st.text(max_size=300))
def test_any_text_is_read_as_a_note_or_refused(text: str) -> None:
    for candidate in (text, text + NOTE, NOTE + text):
        try:
            parse_note(candidate)
        except Malformed:
            continue


@given(st.text(max_size=200))
def test_any_text_is_read_as_the_one_form_of_a_checkpoint_or_refused(text: str) -> None:
    for candidate in (text, TEXT + text, TEXT[:-5] + text):
        try:
            assert checkpoint_text(parse_checkpoint(candidate)) == candidate
        except Malformed:
            continue


@pytest.mark.parametrize("size", ["-1", "07", "+7", " 7", "٧", "1e3", "9" * 40, ""])
def test_a_size_has_one_form(size: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(TEXT.replace("\n7\n", f"\n{size}\n"))
