"""A report as PDF: the page, printed by the Chromium that is on this machine. Tagged, so that it can be listened to."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from samsnakk.errors import SamsnakkError

NAMED: Final = "SAMSNAKK_CHROMIUM"
"""Variable with the path of a Chromium that is not on PATH."""
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEADLINE: Final = 120.0


class CannotPrint(SamsnakkError):
    """There is no Chromium, or it did not print."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the PDF was not made: {why}", "Write an .html file and print that from any browser.")


def find_printer(environment: Mapping[str, str] = os.environ, which: Callable[[str], str | None] = shutil.which) -> str:
    """Where Chromium is. Raises `CannotPrint`."""
    named = environment.get(NAMED)
    found = which(named) if named else next((path for name in _NAMES if (path := which(name))), None)
    if found is None:
        raise CannotPrint(f"no Chromium here; install one, or name it in {NAMED}")
    return found


def print_page(page: str, target: Path, printer: str) -> None:
    """Print the page to `target`, where nothing may be yet.

    Raises:
        FileExistsError: there is something already.
        CannotPrint: Chromium did not print.

    """
    with TemporaryDirectory(prefix="samsnakk-report-") as folder:  # readable by its owner only
        source, made = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_text(page, encoding="utf-8")
        try:
            subprocess.run(
                _command(printer, Path(folder), source, made), check=True, capture_output=True, timeout=DEADLINE
            )
        except (OSError, subprocess.SubprocessError):
            raise CannotPrint("Chromium did not print it") from None
        if not made.exists():
            raise CannotPrint("Chromium printed nothing")
        with target.open("xb") as file:
            file.write(made.read_bytes())


def _command(printer: str, folder: Path, source: Path, made: Path) -> list[str]:
    # Chromium refuses to sandbox itself as root. The page is ours, has no script and may fetch nothing.
    unboxed = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        printer,
        "--headless",
        *unboxed,
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        f"--user-data-dir={folder / 'profile'}",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        f"--print-to-pdf={made}",
        source.as_uri(),
    ]
