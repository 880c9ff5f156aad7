"""What `samsnakk log` takes on the command line."""

import argparse
from pathlib import Path
from typing import Final

LOG: Final = """\
examples:
  samsnakk log check evidence-log-1795….cbor --trust trust.json      what a program kept when it stopped
  samsnakk log pin checkpoint.txt --as Kari --data ./profile         believe the log from this checkpoint on

A checkpoint to pin must come from somebody who has checked it, such as the organisation's node (/node/v1/log), and
never from the hub itself. docs/protocol.md, "The global log", says what evidence proves."""


def log_arguments(command: argparse.ArgumentParser) -> None:
    """Add the steps."""
    steps = command.add_subparsers(title="steps", metavar="STEP", required=True, dest="step")
    check = steps.add_parser("check", help="what evidence about the hub's log proves; needs no hub")
    check.add_argument("evidence", type=Path, metavar="EVIDENCE", help="the file that was kept")
    check.add_argument("--trust", type=Path, metavar="FILE", required=True, help="the trust file, which pins the key")
    pin = steps.add_parser("pin", help="pin a checkpoint in a profile that remembers none")
    pin.add_argument("checkpoint", type=Path, metavar="NOTE", help="a signed checkpoint that somebody has checked")
    pin.add_argument("--as", dest="person", metavar="NAME", required=True, help="whose profile")
    pin.add_argument("--data", type=Path, metavar="DIR", help="the profile's folder (else: the demonstration's)")
    pin.add_argument("--url", help="the hub's address (else: the demonstration's)")
