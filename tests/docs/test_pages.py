"""What a reader of the documentation may rely on: links lead somewhere, names exist, examples run, tables are fresh."""

import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.generate import MARKED, PARTS, ROOT, made
from tests.docs.limits import LIMITS

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "deploy/README.md"])
FOLDERS = (
    "client",
    "crypto",
    "deploy",
    "docs",
    "domain",
    "newsfragments",
    "protocol",
    "requirements",
    "service",
    "tests",
)
MADE_BY_COMMANDS = ("deploy/secrets",)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)

page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


@page
def test_links_lead_somewhere(path: Path) -> None:
    broken = [target for target in LINK.findall(_prose(path)) if not _leads_somewhere(path, target)]
    assert broken == []


@page
def test_files_that_are_mentioned_exist(path: Path) -> None:
    named = [span for span in SPAN.findall(_prose(path)) if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./-]*", span)]
    missing = [span for span in named if not span.startswith(MADE_BY_COMMANDS) and not (ROOT / span).exists()]
    assert missing == []


@page
def test_make_targets_that_are_mentioned_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    spans = "\n".join([*SPAN.findall(path.read_text("utf-8")), *_indented(path)])
    assert set(re.findall(r"(?:^|\s)make ([a-z]+)\b", spans, re.MULTILINE)) - targets == set()


@page
def test_settings_and_names_of_the_running_hub_exist(path: Path) -> None:
    code = "".join(file.read_text("utf-8") for folder in ("service", "deploy") for file in _sources(ROOT / folder))
    named = {name for span in SPAN.findall(_prose(path)) for name in re.findall(r"(?i)\bsamsnakk_\w+", span)}
    assert {name for name in named if name not in code} == set()


def test_tests_that_are_named_exist() -> None:
    written = {name for file in ROOT.glob("tests/**/test_*.py") for name in _tests_of(file)}
    spans = {span for path in ROOT.glob("docs/**/*.md") for span in SPAN.findall(_prose(path))}
    assert {span for span in spans if re.fullmatch(r"test_\w+", span)} - written == set()


@page
def test_parts_made_from_the_code_are_fresh(path: Path) -> None:
    text = path.read_text("utf-8")
    assert made(text) == text, "run `make docs`"


@page
def test_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    known: dict[str, object] = {}  # what one example of a page defines, the next may use
    for number, example in enumerate(PYTHON.findall(path.read_text("utf-8"))):
        exec(compile(example, f"{path.name}, example {number}", "exec"), known)  # noqa: S102 - our own pages


def test_every_part_is_shown_once() -> None:
    shown = [name for path in PAGES for _, name, _ in MARKED.findall(path.read_text("utf-8"))]
    assert sorted(shown) == sorted(PARTS)


def test_every_page_can_be_reached_from_another() -> None:
    reached = {
        (path.parent / target.split("#")[0]).resolve() for path in PAGES for target in LINK.findall(_prose(path))
    }
    start = {ROOT / "README.md"}
    assert {path.relative_to(ROOT).as_posix() for path in PAGES if path not in reached | start} == set()


def test_every_attack_has_a_test_or_is_said_to_be_open() -> None:
    attacks = (ROOT / "docs/threat-model.md").read_text("utf-8").split("## Attacks")[1].split("\n## ")[0]
    rows = [line for line in attacks.splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if "`test_" not in row and "| open: " not in row] == []


def test_every_limit_that_is_asked_for_is_listed() -> None:
    sources = {file: file.read_text("utf-8") for folder in FOLDERS for file in _python(folder)}
    everything = "".join(sources.values())
    found = {
        (file.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."), name)
        for file, text in sources.items()
        for name in re.findall(r"^(MAX_\w+)", text, re.MULTILINE)
        if len(re.findall(rf"\b{name}\b", everything)) > 1
    }
    assert found - {(module, name) for module, name, _, _ in LIMITS} == set()


def test_decisions_are_numbered_without_gaps_and_say_context_decision_consequences() -> None:
    decisions = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. ")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), path.name


def test_pictures_say_in_words_what_they_show() -> None:
    for path in (ROOT / "docs/pictures").glob("*.svg"):
        shown = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in ET.parse(path).getroot()}  # noqa: S314
        assert shown["title"], path.name
        assert shown["desc"], path.name


def _prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def _indented(path: Path) -> list[str]:
    return [line.split("#")[0] for line in path.read_text("utf-8").splitlines() if line.startswith("    ")]


def _leads_somewhere(path: Path, target: str) -> bool:
    if re.match(r"https?:", target):
        return True
    file, _, anchor = target.partition("#")
    found = (path.parent / file).resolve() if file else path
    return found.exists() and (not anchor or anchor in _anchors(found))


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _tests_of(file: Path) -> list[str]:
    return re.findall(r"^\s*(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)


def _sources(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and file.suffix in {".py", ".sql", ".sh", ".yaml", ""}]


def _python(folder: str) -> list[Path]:
    return list((ROOT / folder).rglob("*.py")) if folder in {"domain", "crypto", "protocol", "service"} else []
