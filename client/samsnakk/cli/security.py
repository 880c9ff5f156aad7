"""`samsnakk security`."""

import argparse

from samsnakk.demo.hub import run_hub


def run(_: argparse.Namespace) -> int:
    """Show what the hub refused; the exit code is that of the hub's own command."""
    run_hub("security")
    return 0
