"""The search for secrets at the end of a demonstration finds what lies there, however it is dressed."""

import os
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsnakk.demo.searching import dresses, fingerprint, found_below

SECRET = bytes(range(100, 132))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.binary(max_size=40))
def test_a_secret_shows_in_base64_wherever_it_begins(secret: bytes, before: bytes, after: bytes) -> None:
    assert any(dress in b64encode(before + secret + after) for dress in dresses(secret))


@pytest.mark.parametrize("dressed", [SECRET, SECRET.hex().encode(), SECRET.hex().upper().encode(), b64encode(SECRET)])
def test_a_secret_is_found_in_the_middle_of_a_file_far_below(dressed: bytes, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"x" * 1000 + dressed + bytes(50_000))
    (tmp_path / "empty").touch()
    assert found_below(tmp_path, {"mine": SECRET, "other": os.urandom(32)}) == {"mine"}


def test_what_goes_over_the_edge_of_a_page_of_the_databases_log_is_found(tmp_path: Path) -> None:
    (tmp_path / "pg_wal").mkdir()
    first = bytes(40) + b"x" * (8192 - 40 - 10) + SECRET[:10]
    (tmp_path / "pg_wal" / "0001").write_bytes(first + b"h" * 24 + SECRET[10:] + b"x")
    assert found_below(tmp_path, {"mine": SECRET}) == {"mine"}


def test_what_goes_from_one_file_of_the_log_into_the_next_is_found(tmp_path: Path) -> None:
    (tmp_path / "pg_wal").mkdir()
    (tmp_path / "pg_wal" / "0001").write_bytes(bytes(40) + b"x" * (8192 - 40 - 10) + SECRET[:10])
    (tmp_path / "pg_wal" / "0002").write_bytes(b"h" * 40 + SECRET[10:] + b"x")
    assert found_below(tmp_path, {"mine": SECRET, "other": os.urandom(32)}) == {"mine"}


def test_a_fingerprint_tells_two_secrets_apart_and_not_what_they_are() -> None:
    assert fingerprint(SECRET) == fingerprint(bytes(SECRET))
    assert fingerprint(SECRET) != fingerprint(os.urandom(32))
    assert SECRET.hex() not in fingerprint(SECRET)
