"""An audit case on its way to the approver: what is not signed by an auditor is no case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channel.audits import Duty
from domain.ids import Millis
from protocol.case_files import (
    BadCaseFile,
    CaseFile,
    OpenedCase,
    encode_case_file,
    parse_case_file,
    verify_case_file,
)
from tests.protocol.audit_story import AUDITOR, VAULT, asked, begun, duty, terms, vault_entries
from tests.protocol.keyholders import EXPIRES
from tests.protocol.stream_builder import Story


def handed_over() -> tuple[Story, CaseFile]:
    story = begun()
    ref = asked(story)
    signed = story.records[ref - 1].signed
    return story, parse_case_file(encode_case_file(CaseFile(ref, signed.header, signed.signature)))


def test_an_approver_reads_what_the_auditor_signed() -> None:
    story, file = handed_over()
    case = verify_case_file(file, story.keys, story.now)
    assert case == OpenedCase(story.place, file.ref, AUDITOR.person, case.organisation, terms())


def test_a_case_of_who_is_charged_no_more_or_whose_device_has_ended_is_none() -> None:
    story, file = handed_over()
    with pytest.raises(BadCaseFile):
        verify_case_file(file, story.keys, Millis(EXPIRES))
    story.keys.add(VAULT, vault_entries(story.keys, duty(Duty.AUDIT), at=story.now))
    with pytest.raises(BadCaseFile):
        verify_case_file(file, story.keys, story.now)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_case_file_or_refused_with_one_error(data: bytes) -> None:
    try:
        _ = parse_case_file(data).place
    except BadCaseFile:
        return
