"""What anyone who clones the repository may rely on: it names no place, pins everything, and says what it can do."""

import re
import subprocess
import tomllib
from pathlib import Path

# In two halves each: no file names them, and this is one.
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "deb.deb" + "ian.org",
    "crates" + ".io",
    "proxy.go" + "lang.org",
)
PINNED = re.compile(r"[a-z0-9.-]+==\S+( ; .+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+")


def test_no_file_names_a_registry(texts: dict[str, str]) -> None:
    naming = [
        f"{path}: {registry}"
        for path, text in texts.items()
        for registry in REGISTRIES
        if registry in text and not path.startswith(".ci/")
    ]
    assert naming == []


def test_pins_carry_hashes_and_no_addresses(root: Path) -> None:
    for pins in root.glob("requirements/*.txt"):
        unpinned = PINNED.sub("", pins.read_text())
        assert unpinned == "", f"{pins.name} holds more than versions and hashes"


def test_package_locks_carry_no_addresses(texts: dict[str, str]) -> None:
    locks = [path for path in texts if path.endswith("package-lock.json")]
    assert [path for path in locks if '"resolved": "http' in texts[path]] == []


def test_every_requirement_is_pinned(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *filter(_is_text, project["dependency-groups"]["dev"])]
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", (root / "requirements/dev.txt").read_text(), re.MULTILINE))
    assert {match[0] for line in wanted if (match := re.match(r"[a-z0-9.-]+", line))} <= pinned


def test_make_without_a_target_lists_every_target(root: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.MULTILINE))
    help_text = subprocess.run(["make", "-s"], cwd=root, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^make ([a-z]+) +\S", help_text, re.MULTILINE)) == targets


def test_every_news_fragment_has_a_type_that_the_release_notes_know(root: Path) -> None:
    towncrier = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["towncrier"]
    known = {kind["directory"] for kind in towncrier["type"]}
    fragments = [path.name for path in (root / "newsfragments").iterdir() if path.name != "README.md"]
    assert [name for name in fragments if not re.fullmatch(rf"\+?[\w-]+\.({'|'.join(known)})\.md", name)] == []


def _is_text(requirement: object) -> bool:
    return isinstance(requirement, str)
