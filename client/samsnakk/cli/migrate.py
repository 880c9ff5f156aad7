"""`samsnakk migrate`."""

import argparse

from samsnakk.demo.hub import run_hub


def run(_: argparse.Namespace) -> int:
    """Prepare the database; the exit code is that of the hub's own command."""
    run_hub("migrate")
    return 0
