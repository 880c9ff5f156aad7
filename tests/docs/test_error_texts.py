"""Whatever goes wrong, people read in their own language what to do."""

import inspect

import pytest

from domain.errors import Refusal
from protocol import errors as protocol_errors
from protocol.errors import Attack
from protocol.table import REFUSALS, TABLE, Retry
from samsnakk import errors as sdk_errors
from samsnakk.cli import arrival_texts
from samsnakk.cli.error_texts import ATTACKS, BY_RETRY, CODES, ERRORS, STOP, told
from samsnakk.errors import HistoryBroken, Refused, SamsnakkError
from samsnakk.listings import TEXTS, ListingNotBelieved

ABOUT_PROGRAMS = {
    "passkey_cloned",  # the page says these four itself
    "passkey_not_added",
    "passkey_refused",
    "prf_output_sent",
    "malformed_frame",
    "malformed_act",
    "wrong_place",
    "forged_record",
    "unknown_interval",
    "origin_not_allowed",
    "cross_site",
    "ticket_refused",
    "command_reused",
    "record_rejected",
    "malformed_listing",
    "forged_listing",
    "foreign_entry",
    "withheld_entry",
    "listing_out_of_step",
}
"""Codes of a faulty program: a person who meets one is told what helps, not what the program did wrong."""


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_every_refusal_of_the_rules_has_a_text_of_its_own(refusal: type[Refusal]) -> None:
    assert refusal.code in CODES


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_code_tells_what_to_do_and_never_in_english(code: str) -> None:
    text = told(Refused(code))
    assert text == CODES.get(code, BY_RETRY[TABLE[code].retry])
    assert text != TABLE[code].advice
    assert text[0].isupper()
    assert text.endswith(".")


def test_every_code_has_a_text_or_is_about_programs_only() -> None:
    """A new code of the table: say in `samsnakk/cli/error_texts.py` what a person does about it."""
    assert set(TABLE) == set(CODES) | ABOUT_PROGRAMS
    assert not set(CODES) & ABOUT_PROGRAMS
    assert set(BY_RETRY) == set(Retry)


def test_every_error_of_the_sdk_has_its_text() -> None:
    classes = [c for _, c in inspect.getmembers(sdk_errors, inspect.isclass) if c.__module__ == sdk_errors.__name__]
    named = {c.__name__ for c in classes if issubclass(c, SamsnakkError)}
    assert named - {"SamsnakkError", "Refused", "SignInRefused", "HistoryBroken", "LogBroken"} == set(ERRORS)


@pytest.mark.parametrize(
    "error",
    [c for c in vars(protocol_errors).values() if inspect.isclass(c) and issubclass(c, protocol_errors.ProtocolError)],
    ids=lambda c: c.__name__,
)
def test_every_error_about_bytes_has_norwegian_advice(error: type[protocol_errors.ProtocolError]) -> None:
    text = told(error())
    assert text
    assert text != str(error.__doc__)
    if issubclass(error, protocol_errors.Attack) and error is not protocol_errors.Attack:
        assert text.startswith(f"STOPP: {ATTACKS[error.code]} ")
        assert text == told(HistoryBroken(error(), None))


@pytest.mark.parametrize("code", sorted(TABLE))
def test_arriving_and_inviting_tell_every_code_in_norwegian_too(code: str) -> None:
    assert arrival_texts.told(Refused(code)) == arrival_texts.CODES.get(code, told(Refused(code)))


def test_what_a_hub_was_caught_at_is_said_in_words_that_differ() -> None:
    assert set(ATTACKS) == {attack.code for attack in Attack.__subclasses__() if attack.__module__ == Attack.__module__}
    assert len(set(ATTACKS.values())) == len(ATTACKS)


@pytest.mark.parametrize("problem", TEXTS, ids=lambda problem: problem.code)
def test_what_a_hub_was_caught_at_in_the_directory_is_said_everywhere(
    problem: type[protocol_errors.ProtocolError],
) -> None:
    assert TEXTS[problem].removesuffix(".") in told(ListingNotBelieved(problem()))


def test_a_history_that_cannot_be_trusted_says_stop() -> None:
    assert told(HistoryBroken(protocol_errors.UnknownKind(), None)) == STOP
    assert told(Refused("a_code_of_tomorrow")) == "Programmet kjenner ikke svaret fra huben. Oppdater det."
