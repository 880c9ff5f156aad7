"""A report on a phone, on paper and as PDF, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from samsnakk.report import as_html
from samsnakk.report.as_pdf import NAMED, CannotPrint, find_printer, print_page
from samsnakk.report.whole import whole_report
from samsnakk.report.words_nb import BOKMAL
from tests.browsing import browser, find_chromium
from tests.client.report.a_story import names, sources, story

__all__ = ["browser"]


def page_of_the_story() -> str:
    world = story()
    return as_html.render(whole_report(sources(world), names(), world.story.at), BOKMAL)


@pytest.mark.parametrize("width", [320, 768, 1280])
async def test_nothing_is_wider_than_the_screen_and_the_page_keeps_its_own_rules(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "rapport.html"
    file.write_text(page_of_the_story(), encoding="utf-8")
    said: list[str] = []
    page = await browser.new_page(viewport={"width": width, "height": 800})
    page.on("console", lambda message: said.append(message.text))
    await page.goto(file.as_uri())
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []  # a style that the policy does not let in would be told here
    assert await page.get_by_role("table").count() > 5
    assert await page.get_by_role("img").count() == 3
    assert await page.get_by_role("rowheader").count() > 30


def test_the_page_becomes_a_pdf_and_what_is_there_already_stays(tmp_path: Path) -> None:
    target = tmp_path / "rapport.pdf"
    print_page(page_of_the_story(), target, find_chromium())
    made = target.read_bytes()
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made  # tagged: it can be listened to
    with pytest.raises(FileExistsError):
        print_page("<p>en annen", target, find_chromium())
    assert target.read_bytes() == made


def test_without_a_printer_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CannotPrint, match="no Chromium here"):
        find_printer({}, lambda _: None)
    assert find_printer({NAMED: "/opt/chromium"}, lambda name: name) == "/opt/chromium"
    with pytest.raises(CannotPrint, match="did not print"):
        print_page("<p>", tmp_path / "r.pdf", str(tmp_path / "finnes-ikke"))
