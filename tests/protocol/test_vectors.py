"""Every protocol vector replayed; TypeScript replays the same files. Whether they are fresh is asked for all at once,
beside the vectors of crypto."""

import json
from pathlib import Path
from typing import Any

import pytest

import crypto.errors
import protocol.errors
import protocol.listings.errors
from domain.channel.kinds import KINDS
from protocol.case_files import BadCaseFile
from protocol.facts import KIND_NAMED
from protocol.trust import BadTrustFile
from protocol.vault_case import BadCase, OutsideTheCase
from protocol.vault_proof import NotApproved
from tests.vectors.audit_replay import AUDIT_REPLAY
from tests.vectors.protocol_replay import REPLAY as PROTOCOL_REPLAY

REPLAY = {**PROTOCOL_REPLAY, **AUDIT_REPLAY}
VECTORS = Path(__file__).resolve().parents[1] / "vectors"
ERRORS = {
    **vars(crypto.errors),
    **vars(protocol.errors),
    "BadTrustFile": BadTrustFile,
    "BadCase": BadCase,
    "BadCaseFile": BadCaseFile,
    "NotApproved": NotApproved,
    "OutsideTheCase": OutsideTheCase,
    **vars(protocol.listings.errors),
}


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
def test_every_case_has_a_name_of_its_own_and_each_file_shows_both_outcomes(file: str) -> None:
    cases = _cases(file)
    assert len({case["name"] for case in cases}) == len(cases)
    assert {("output" in case, "expect" in case) for case in cases} == {(True, False), (False, True)}


def test_every_kind_of_act_is_shown() -> None:
    shown = {case["output"]["kind"] for case in _cases("acts.json") if "output" in case}
    assert shown == KIND_NAMED.keys()


def test_the_table_is_there_for_every_kind_but_the_proposal_which_has_the_rows_of_what_it_proposes() -> None:
    shown = {case["name"] for case in _cases("permissions.json")}
    assert {kind.name for kind in KINDS} - shown == {"proposed/1"}


def test_everybody_who_may_read_all_of_a_thread_derives_the_same_of_it() -> None:
    seen = {case["name"]: case["output"] for case in _cases("channel_served.json") if "output" in case}
    member, user = seen["an honest hub, to a member"], seen["an honest hub, to the user"]
    assert member["threads"]["0"] == user["threads"]["0"]
    assert member["head"] == user["head"] == seen["an honest hub, to a relative"]["head"]
