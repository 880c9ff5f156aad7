"""`samsnakk scrub`."""

import argparse

from samsnakk.demo.hub import run_hub


def run(_: argparse.Namespace) -> int:
    """Destroy what is decided in the database; the exit code is that of the hub's own command."""
    run_hub("scrub")
    return 0
