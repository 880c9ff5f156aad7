"""What a report says: built from the domain alone, asked in both languages, rendered in every form."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from domain.channel import events as e
from domain.channel.kinds import KINDS
from domain.ids import Millis, OrganisationId, ThreadNo
from samsnakk.report import as_csv, as_html, as_json, as_text
from samsnakk.report.deeds import deed
from samsnakk.report.filters import Filter
from samsnakk.report.matters import deviations
from samsnakk.report.members import present_at
from samsnakk.report.questions import buckets, questions, waiting
from samsnakk.report.tables import Report, Section
from samsnakk.report.whole import whole_report
from samsnakk.report.words import Words
from samsnakk.report.words_en import ENGLISH
from samsnakk.report.words_nb import BOKMAL
from tests.client.report.a_story import HOUR, names, sources, story
from tests.domain.anything import attempt
from tests.domain.anything_drawn import CAST, Draw, draws
from tests.domain.cast import ANNA, BERIT, IDA, NILS, ROLF, named
from tests.domain.channel_builder import DAY, around_ida
from tests.domain.reading_world import ReadingWorld

LANGUAGES = (BOKMAL, ENGLISH)
both = pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.language)


def report(words: Words = BOKMAL, kept: Filter | None = None) -> Report:
    world = story()
    return whole_report(sources(world), names(words), world.story.at, kept or Filter())


def section(key: str, found: Report) -> Section:
    return next(one for one in found.sections if one.key == key)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("field", ["columns", "headings", "empty", "said", "deeds", "codes"])
def test_both_languages_have_the_same_words_and_fill_in_the_same(field: str) -> None:
    one, other = getattr(BOKMAL, field), getattr(ENGLISH, field)
    assert set(one) == set(other)
    assert {key for key in one if _holes(one[key]) != _holes(other[key])} == set()


def _holes(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@both
def test_every_kind_of_act_has_a_sentence(words: Words) -> None:
    assert {kind.name for kind in KINDS} - set(words.deeds) == set()


@both
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draws)
def test_whatever_people_do_can_be_told(words: Words, attempts: list[Draw]) -> None:
    world = ReadingWorld(around_ida())
    for number, one in enumerate(attempts):
        world.subscribe(CAST[number % len(CAST)])
        attempt(world.story, one)
        world.grew()
    mine = names(words)
    told = [deed(place, mine) for place in world.history(IDA.principal, all_seeing=False).places]
    assert all(told)
    assert not [text for text in told if "{" in text or "None" in text]
    whole = whole_report(sources(world), mine, world.story.at)
    assert as_html.render(whole, words)
    assert as_text.render(whole, words)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_had_access_on_a_day_and_why() -> None:
    world = story()
    history, then = world.history(IDA.principal), Millis(world.story.at - 1)
    there = {(one.principal, one.thread) for one in present_at(history, then)}
    assert (NILS.principal, 0) in there
    assert (NILS.principal, 0) not in {(one.principal, one.thread) for one in present_at(history, world.story.at)}
    (nils,) = [one for one in present_at(history, then) if one.principal == NILS.principal]
    assert nils.legal_basis == "consent"
    assert nils.brought_in is not None
    assert deed(nils.brought_in, names()).startswith("Du la til Nils Åsen")
    assert (ROLF.principal, 0) not in there
    assert present_at(history, Millis(0)) == []


def test_the_user_and_the_archives_are_there_too_each_on_its_own_basis() -> None:
    world = story()
    found = {(one.principal, one.legal_basis) for one in present_at(world.history(IDA.principal), world.story.at)}
    assert (IDA.principal, "own-record") in found
    assert (named("vault clinic"), "archive") in found


def test_questions_are_timed_from_asking_to_taking_to_done() -> None:
    world = story()
    answered, open_ = questions(world.history(IDA.principal))
    assert (answered.waited, answered.lasted, answered.holder) == (2 * HOUR, 3 * HOUR, BERIT.principal)
    assert (open_.waited, open_.lasted) == (None, None)
    counted = waiting([answered, open_], world.story.at)
    assert (counted.asked, counted.untaken, counted.undone, counted.to_taken) == (2, 1, 1, 2 * HOUR)
    assert sum(number for _, number in buckets([answered, open_])) == 2
    assert dict(buckets([answered, open_]))["within_four_hours"] == 1


def test_a_question_is_overdue_when_what_was_promised_is_over() -> None:
    world = story()
    answered, _ = questions(world.history(IDA.principal))
    assert answered.until is not None
    assert not answered.overdue(Millis(answered.until + DAY))  # done in time
    late = ReadingWorld(around_ida())
    asked = late.story.unit(ANNA, (0, e.MessagePosted(asks=True, due=Millis(late.story.at + HOUR))))
    (one,) = questions(late.history(IDA.principal))
    assert one.version == asked
    assert not one.overdue(late.story.at)
    assert one.overdue(Millis(late.story.at + 2 * HOUR))


def test_open_deviations_stand_first_and_closed_ones_say_by_whom() -> None:
    world = story()
    (still,) = deviations(world.history(IDA.principal))
    assert (still.organisation, still.closed_at) == (named("town"), None)
    assert section("deviations", report()).warning


@both
def test_a_report_answers_literally(words: Words) -> None:
    said = {
        "nb": (
            "Ingenting mangler fram til nr.",
            "hadde tilgang",
            "1 avvik er meldt, 1 er ikke lukket",
            "2 spørsmål:",
        ),
        "en": ("Nothing is missing up to no.", "had access on", "1 deviations were reported, 1 are", "2 questions:"),
    }
    text = " ".join(as_text.render(report(words), words).split())
    assert [sentence for sentence in said[words.language] if sentence not in text] == []


# ── filters ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _numbers(key: str, kept: Filter) -> set[object]:
    return {row[0] for row in section(key, report(kept=kept)).tables[-1].rows}


def test_a_report_can_be_narrowed_to_a_thread_a_person_an_organisation_and_a_period() -> None:
    everything = _numbers("timeline", Filter())
    world = story()
    for kept in (
        Filter(thread=ThreadNo(1)),
        Filter(person=NILS.principal),
        Filter(organisation=OrganisationId(named("welfare"))),
        Filter(since=world.story.at),
        Filter(until=world.story.at),
    ):
        some = _numbers("timeline", kept)
        assert set() < some < everything
    assert _numbers("timeline", Filter(since=world.story.at)) | _numbers("timeline", Filter(until=world.story.at)) == (
        everything
    )


def test_what_it_was_narrowed_to_is_said() -> None:
    rows = report(kept=Filter(person=NILS.principal, thread=ThreadNo(1))).made_from.rows
    assert {("Bare", "Nils Åsen"), ("Bare", "Bolig")} <= set(rows)


# ── renderings ───────────────────────────────────────────────────────────────────────────────────────────────────────
class Strict(HTMLParser):
    """Counts what opens and closes, and what may never be there."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "link", "b"}
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "style"}]
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@both
def test_the_page_is_whole_runs_nothing_fetches_nothing_and_takes_no_name_for_markup(words: Words) -> None:
    page, seen = as_html.render(report(words), words), Strict()
    seen.feed(page)
    assert seen.open == []
    assert all(link.removeprefix("#") in seen.ids for link in seen.links)
    assert len(seen.ids) == len(set(seen.ids))
    assert "&lt;b&gt;Rolf&lt;/b&gt;" in page
    assert f'<html lang="{words.language}">' in page


def test_every_chart_has_a_text_and_stands_beside_its_table() -> None:
    found = [one for one in report().sections if one.charts]
    assert {chart.key for one in found for chart in one.charts} == {"read_by", "taken_within", "written_by"}
    for one in found:
        assert one.tables
        assert all(str(number) in chart.alt for chart in one.charts for _, number in chart.bars)


def test_tables_are_the_same_for_programs() -> None:
    whole = report()
    told = json.loads(as_json.render(whole))
    rows = list(csv.reader(io.StringIO(as_csv.render(whole).removeprefix("\ufeff"))))
    for table in [told["made_from"], *(t for s in told["sections"] for t in s["tables"])]:
        start = next(n for n, row in enumerate(rows) if row[:2] == ["#", table["key"]])
        assert rows[start + 1] == [column["key"] for column in table["columns"]]
        assert [row for row in rows[start + 2 : start + 2 + len(table["rows"])] if not row] == []
    asked = next(s for s in told["sections"] if s["key"] == "questions")["tables"][0]["rows"][0]
    assert (asked["waited"], asked["lasted"]) == (7200, 10800)
    assert asked["asked_at"].endswith("Z")


@pytest.mark.parametrize("name", ["=1+1", "+47", "-1", "@SUM(A1)"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name: str) -> None:
    whole = report()
    table = whole.made_from
    hostile = type(table)(table.key, name, "", table.columns, ((name, name),))
    rows = list(csv.reader(io.StringIO(as_csv.render(Report("", "nb", hostile)))))
    assert rows[2] == ["'" + name, "'" + name]
