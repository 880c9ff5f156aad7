"""What `samsnakk report` takes on the command line."""

import argparse
from pathlib import Path
from typing import Final

from samsnakk.cli.access_arguments import rendering_arguments

REPORT: Final = """\
examples:
  samsnakk report elle --as Elle --out rapport.html         a page to read and print
  samsnakk report elle --as Elle --out rapport.pdf --language en
  samsnakk report elle --as Kari --since 1.11.2026 --until 30.11.2026 --out november.csv
  samsnakk report elle --as Kari --on 24.11.2026            who had access on that day, and why
  samsnakk report elle --from-node /etc/samsnakk-node --passphrase-file pass.txt --out rapport.html
                                                            from the organisation's own copy; no hub is needed

A report says who did what and who read what, never what was written. docs/access.md walks through it."""


def report_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    command.add_argument("channel", metavar="CHANNEL", help="its name in the trust file, or its id in hex")
    command.add_argument("--as", dest="person", metavar="NAME", help="whose profile to use")
    command.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder (else: the running one)")
    command.add_argument("--url", help="the hub's address (else: the demonstration's)")
    command.add_argument("--inbox", nargs="?", const="", metavar="INBOX", help="read for a service inbox")
    command.add_argument("--from-node", type=Path, metavar="DIR", help="use the organisation's own copy; needs no hub")
    command.add_argument("--passphrase-file", type=Path, metavar="FILE", help="opens the node (with --from-node)")
    command.add_argument("--of", metavar="NAME", help="whose copy, where the node serves several")
    command.add_argument("--on", metavar="DAY", help="who had access at the end of that day (else: now)")
    command.add_argument("--since", metavar="DAY", help="only what happened from that day on")
    command.add_argument("--until", metavar="DAY", help="only what happened up to that day, included")
    command.add_argument("--who", metavar="NAME", help="only what a person or service inbox did or read")
    command.add_argument("--organisation", metavar="NAME", help="only what an organisation's people did or read")
    command.add_argument("--thread", type=int, metavar="N", help="only one thread")
    rendering_arguments(command)
