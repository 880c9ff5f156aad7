"""Requests to witnesses: read strictly, in the form of C2SP tlog-witness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import Malformed
from crypto.witness_requests import (
    MAX_ASKED,
    AddCheckpoint,
    encode_add_checkpoint,
    parse_add_checkpoint,
    parse_tree_head,
)
from tests.crypto.fixed import some_digest

HEAD = "log.example\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
NOTE = HEAD + "\n— log.example AAAAAA==\n"


@given(st.integers(0, 2**48), st.integers(0, 63))
def test_a_request_is_read_back(old: int, hashes: int) -> None:
    asked = AddCheckpoint(old, tuple(some_digest(str(n)) for n in range(hashes)), NOTE)
    assert parse_add_checkpoint(encode_add_checkpoint(asked)) == asked


def test_a_request_has_an_end() -> None:
    with pytest.raises(Malformed):
        parse_add_checkpoint(encode_add_checkpoint(AddCheckpoint(0, (), NOTE + "x" * MAX_ASKED)))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_in_its_one_form_or_refused(data: bytes) -> None:
    good = encode_add_checkpoint(AddCheckpoint(4, (some_digest("one"),), NOTE))
    for candidate in (data, data + good, good[:50] + data, good + data):
        try:
            assert encode_add_checkpoint(parse_add_checkpoint(candidate)) == candidate
        except Malformed:
            continue


@given(st.text(max_size=60))
def test_any_text_is_a_checkpoint_of_some_log_or_refused(text: str) -> None:
    for candidate in (text, HEAD + text, HEAD[:12] + text + HEAD[12:]):
        try:
            parse_tree_head(candidate)
        except Malformed:
            continue


@pytest.mark.parametrize(
    "text", [HEAD[:-1], HEAD + "\n", HEAD.replace("5", "05"), "\n" + HEAD, HEAD.replace("5\n", "")]
)
def test_a_checkpoint_has_three_full_lines_at_least(text: str) -> None:
    with pytest.raises(Malformed):
        parse_tree_head(text)
