"""Where no browser can be had the tests of pages fail, and say what to do."""

import re

import pytest

from tests.architecture.conftest import ROOT
from tests.browsing import CHROMIUM, WITHOUT, find_chromium


def nowhere(_: str) -> str | None:
    return None


def test_a_missing_browser_fails_the_test_and_says_what_to_install() -> None:
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        find_chromium({}, nowhere)


@pytest.mark.parametrize("said", ["", "1", "yes", "true"])
def test_only_somebody_who_means_it_leaves_these_tests_out(said: str) -> None:
    with pytest.raises(pytest.fail.Exception):
        find_chromium({WITHOUT: said}, nowhere)
    with pytest.raises(pytest.skip.Exception):
        find_chromium({WITHOUT: "on-purpose"}, nowhere)


def test_in_ci_nothing_leaves_them_out() -> None:
    with pytest.raises(pytest.fail.Exception):
        find_chromium({WITHOUT: "on-purpose", "CI": "true"}, nowhere)


def test_a_named_browser_is_taken_and_one_that_is_not_there_is_not_replaced() -> None:
    assert find_chromium({CHROMIUM: "/opt/chromium"}, lambda name: name) == "/opt/chromium"
    with pytest.raises(pytest.fail.Exception):
        find_chromium({CHROMIUM: "/opt/chromium"}, lambda name: "/usr/bin/chromium" if name == "chromium" else None)


def test_no_other_test_looks_for_a_browser_itself() -> None:
    launching = re.compile(r"chromium\.launch|async_playwright\(|which\(.chrom")
    found = {path.name for path in (ROOT / "tests").rglob("*.py") if launching.search(path.read_text("utf-8"))}
    assert found == {"browsing.py"}
