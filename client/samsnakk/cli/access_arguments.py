"""What `samsnakk access` takes on the command line."""

import argparse
from pathlib import Path
from typing import Final

ACCESS: Final = """\
examples:
  samsnakk access elle --as Elle                   who has read anything here
  samsnakk access elle --as Elle --message 12      who has read message 12
  samsnakk access elle --as Elle --day 24.11.2026  who read on that day
  samsnakk access elle --as Elle --who "Kari Nordmann"
  samsnakk access elle --as Elle --organisation NAV
  samsnakk access elle --as Elle --out logg.html   a page to read and print; also .csv and .json
  samsnakk access --check logg.json --trust trust.json
                                                   check an exported log again, without the hub

The user gets every line of the access log, everybody else their own. docs/access.md says what it proves."""


def access_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    command.add_argument("channel", metavar="CHANNEL", nargs="?", help="its name in the trust file, or its id in hex")
    command.add_argument("--as", dest="person", metavar="NAME", help="whose profile to use")
    command.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder (else: the running one)")
    command.add_argument("--url", help="the hub's address (else: the demonstration's)")
    command.add_argument("--inbox", nargs="?", const="", metavar="INBOX", help="read for a service inbox")
    command.add_argument("--message", type=int, action="append", default=[], metavar="N", help="who has read message N")
    command.add_argument("--day", metavar="DAY", help="who read on that day (24.11.2026 or 2026-11-24)")
    command.add_argument("--who", metavar="NAME", help="what a person or service inbox has read")
    command.add_argument("--organisation", metavar="NAME", help="what an organisation's people have read")
    rendering_arguments(command)
    command.add_argument("--check", type=Path, metavar="FILE", help="check a log that was exported as .json")
    command.add_argument("--trust", type=Path, metavar="FILE", help="the trust file to check it with")


def rendering_arguments(command: argparse.ArgumentParser) -> None:
    """Add what every report takes: where it goes, how it is written, in which language."""
    command.add_argument(
        "--out", type=Path, action="append", default=[], metavar="FILE", help=".html, .pdf, .csv, .json"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--language", choices=("nb", "en"), default="nb", help="bokmål (nb) or English (en)")
