"""Writes the vectors that Python and TypeScript are both held to: `python tests/vectors/generate.py [--check]`.

Every `*_vectors.py` beside this file has a table FILES: file name → (what it shows, function from the cases that stand
in the file now, by name, to the cases that shall stand there). A case is a flat JSON object: `name`, inputs, and either
`output` or `expect`, the name of the error. Bytes are hex. Sealing to a public key is randomised: such outputs are kept
as long as they still open, so that running this twice changes nothing.

With --check nothing is written; it exits with 1 if any file is not as it would be written.
"""

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

Case = dict[str, Any]
Make = Callable[[dict[str, Case]], list[Case]]


def registered() -> dict[str, tuple[str, Make]]:
    """All files with what they show and the functions that make them."""
    found: dict[str, tuple[str, Make]] = {}
    for part in sorted(HERE.glob("*_vectors.py")):
        found |= runpy.run_path(str(part))["FILES"]
    return found


def text_of(path: Path, about: str, make: Make) -> str:
    """The file as it shall be."""
    standing = json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []
    cases = make({case["name"]: case for case in standing})
    return json.dumps({"about": about, "cases": cases}, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Writes or checks every file, and says which ones changed."""
    checking = arguments == ["--check"]
    stale = 0
    for name, (about, make) in sorted(registered().items()):
        path = HERE / name
        text = text_of(path, about, make)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale += 1
        print(f"{'stale' if checking else 'written'}: {name}")
        if not checking:
            path.write_text(text, "utf-8")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
