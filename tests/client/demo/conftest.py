"""Demonstrations as a person starts them: a process, its output, and what is left when it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "import sys; from samsnakk.cli import main; sys.exit(main())"]
NUMBERS = count()
PATIENCE = 90.0

SHORT = """\
title = "Kort"
[channel]
name = "elle"
user = "Elle"
opened_by = "Kari"
[organisations.dps]
name = "DPS"
[participants.Elle]
name = "Elle"
[participants.Kari]
name = "Kari"
organisation = "dps"
function = "psychologist"
legal_basis = "treatment"
[[step]]
do = "arrive"
by = "Kari"
"""


@dataclass
class Run:
    """One `samsnakk …`; `data` is the folder of a demonstration."""

    process: subprocess.Popen[str]
    data: Path
    said: list[str] = field(default_factory=list)

    def until(self, words: str) -> str:
        """Read output until a line holds these words; returns the line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"ended without {words!r}: {''.join(self.said)} {self.errors()}")

    def end(self, sent: signal.Signals | None = None) -> int:
        """Wait for the end, perhaps after a signal; returns the exit code."""
        if sent is not None:
            self.process.send_signal(sent)
        assert self.process.stdout is not None
        self.said += self.process.stdout.readlines()
        return self.process.wait(PATIENCE)

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    @property
    def output(self) -> str:
        return "".join(self.said)

    def left(self) -> list[str]:
        """Command lines of processes that still belong to the demonstration."""
        wanted = os.fsencode(self.data)
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if wanted in command and int(folder.name) != self.process.pid:
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
        return found

    def wait_until_nothing_is_left(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while (left := self.left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == []


Start = Callable[..., Run]


@pytest.fixture(scope="module")
def start_demo(open_folder: Path) -> Iterator[Start]:
    """Start `samsnakk demo` with this script in a folder of its own; whatever still runs afterwards is ended."""
    runs: list[Run] = []

    def start(script: str, *options: str, data: Path | None = None) -> Run:
        folder = data or open_folder / f"demo-{next(NUMBERS)}"
        file = folder.with_suffix(f".{next(NUMBERS)}.toml")
        file.write_bytes(script.encode())
        arguments = [*COMMAND, "demo", "--script", str(file), "--data", str(folder), *options]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        runs.append(Run(process, folder))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(PATIENCE)
        for pipe in (run.process.stdout, run.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="module")
def samsnakk() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run any other command to its end."""

    def run(*arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMAND, *arguments], input=typed, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    return run


@pytest.fixture(scope="session")
def short() -> str:
    """The beginning of a script: Kari and Elle, who has arrived."""
    return SHORT
