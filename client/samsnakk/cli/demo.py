"""`samsnakk demo`."""

import argparse
from typing import Final

from rich.console import Console

from samsnakk.demo.run import Options, run_demo

_PACE: Final = 0.4
"""Seconds between two steps that somebody watches."""


def run(given: argparse.Namespace) -> int:
    """Play; returns the exit code of `run_demo`."""
    console = Console(highlight=False, markup=False, emoji=False)
    watched = console.is_terminal and not given.once
    pace = given.pace if given.pace is not None else _PACE if watched else 0.0
    return run_demo(Options(given.script, given.data, given.resume, given.once, pace), console)
