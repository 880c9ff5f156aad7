"""Every crypto vector replayed; TypeScript replays the same files."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crypto import errors
from tests.vectors.crypto_replay import REPLAY

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def _cases() -> list[Any]:
    return [
        pytest.param(file, case, id=f"{file}: {case['name']}")
        for file in REPLAY
        for case in json.loads((VECTORS / file).read_text("utf-8"))["cases"]
    ]


@pytest.mark.parametrize(("file", "case"), _cases())
def test_a_vector_gives_what_it_says(file: str, case: dict[str, Any]) -> None:
    if "expect" in case:
        with pytest.raises(getattr(errors, case["expect"])):
            REPLAY[file](case)
    else:
        assert REPLAY[file](case) == case["output"]


def test_every_case_has_a_name_of_its_own_and_one_outcome() -> None:
    for file in REPLAY:
        cases = json.loads((VECTORS / file).read_text("utf-8"))["cases"]
        assert len({case["name"] for case in cases}) == len(cases)
        assert all(("output" in case) != ("expect" in case) for case in cases)


def test_each_file_shows_what_is_accepted_and_what_is_refused() -> None:
    for file in REPLAY.keys() - {"hashing.json"}:
        cases = json.loads((VECTORS / file).read_text("utf-8"))["cases"]
        assert {"output" in case for case in cases} == {True, False}


def test_the_files_are_as_they_would_be_written_today() -> None:
    checked = subprocess.run(
        [sys.executable, str(VECTORS / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_a_file_name_is_registered_once() -> None:
    names = [name for part in VECTORS.glob("*_vectors.py") for name in runpy.run_path(str(part))["FILES"]]
    assert len(names) == len(set(names))
