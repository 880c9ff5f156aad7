"""Every vector of the arrival replayed; TypeScript replays the same files."""

import json
from pathlib import Path
from typing import Any

import pytest

import protocol.errors
from protocol.arrival import errors
from tests.vectors.arrival_replay import REPLAY

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
ERRORS = {**vars(protocol.errors), **vars(errors)}


def _cases(file: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((VECTORS / file).read_text("utf-8"))["cases"]
    return cases


@pytest.mark.parametrize(
    ("file", "case"),
    [pytest.param(file, case, id=f"{file}: {case['name']}") for file in REPLAY for case in _cases(file)],
)
def test_a_vector_gives_what_it_says(file: str, case: dict[str, Any]) -> None:
    if "expect" in case:
        with pytest.raises(ERRORS[case["expect"]]) as caught:
            REPLAY[file](case)
        assert type(caught.value).__name__ == case["expect"]
    else:
        assert REPLAY[file](case) == case["output"]


@pytest.mark.parametrize("file", REPLAY)
def test_each_file_shows_both_outcomes(file: str) -> None:
    assert {("output" in case, "expect" in case) for case in _cases(file)} == {(True, False), (False, True)}
