"""`samsnakk hub`."""

import argparse

from samsnakk.demo.hub import run_hub


def run(_: argparse.Namespace) -> int:
    """Become the hub; its exit code is the process's."""
    run_hub("hub")
    return 0
