"""What `samsnakk audit` takes on the command line."""

import argparse
from pathlib import Path
from typing import Final

from samsnakk.cli.evidence_arguments import evidence_arguments

AUDIT: Final = """\
examples:
  samsnakk audit case open sak17.kontroll --as Agnes --channel elle --number 2026/17 --purpose suspected-snooping \\
      --basis internal-control --since 2026-11-01 --until 2026-11-20
  samsnakk audit case show sak17.kontroll --as Astrid
  samsnakk audit case approve sak17.kontroll --as Astrid                    (or: refuse)
  samsnakk audit case look sak17.kontroll --as Agnes                        who wrote when, but not what it says
  samsnakk audit case look sak17.kontroll --as Agnes --readings             who has read
  samsnakk audit case look sak17.kontroll --as Agnes --members 2026-11-05   who was there that day, and why
  samsnakk audit case messages sak17.kontroll sak17.sak --as Agnes
  samsnakk audit case close sak17.kontroll --as Agnes
  samsnakk audit export elle --as Elle --out bevis.zip          everything, with proof, in one file
  samsnakk audit verify bevis.zip --trust trust.json            whether it holds; no hub is asked

The whole way, in plain words: docs/audit.md."""


def audit_arguments(command: argparse.ArgumentParser) -> None:
    """Add every step."""
    about = command.add_subparsers(title="about", metavar="WHAT", dest="about", required=True)
    evidence_arguments(about)
    case = about.add_parser("case", help="audit cases: asked, approved by a second person, looked on, closed")
    steps = case.add_subparsers(title="steps", metavar="STEP", dest="step", required=True)
    _open(_step(steps, "open", "ask to look; nobody can look before a second person has approved"))
    _step(steps, "show", "what a case asks for")
    _step(steps, "approve", "let the auditor look, on exactly what the case says")
    _step(steps, "refuse", "say no, also after somebody has approved")
    look = _step(steps, "look", "who wrote what when, or who has read; the user sees it at once")
    what = look.add_mutually_exclusive_group()
    what.add_argument("--readings", action="store_true", help="who has read, instead of who wrote")
    what.add_argument("--members", metavar="DAY", help="who was in the case's threads at the end of that day, and why")
    messages = _step(steps, "messages", "ask the key officers to open messages: record which vault case")
    messages.add_argument("vault_case", type=Path, metavar="VAULT-CASE", help="what `samsnakk vault ask` has made")
    _step(steps, "close", "the auditor is done: nobody looks on the case any more")


def _step(
    steps: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str
) -> argparse.ArgumentParser:
    step = steps.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    step.add_argument("case", type=Path, metavar="CASE", help="the case's file; `open` makes it")
    step.add_argument("--as", dest="person", metavar="NAME", required=True, help="who does it")
    step.add_argument("--data", type=Path, metavar="DIR", help="the profile, or the demonstration's folder")
    step.add_argument("--url", help="the hub's address (else: the profile's or the demonstration's)")
    return step


def _open(step: argparse.ArgumentParser) -> None:
    step.add_argument("--channel", required=True, help="the channel's name in the trust file, or its id in hex")
    step.add_argument("--number", required=True, help="the number people know the case by")
    step.add_argument("--purpose", required=True, help="why: a code of the list, such as log-review")
    step.add_argument("--basis", required=True, help="on which legal basis: a code, such as internal-control")
    step.add_argument("--threads", default="0", help="thread numbers with commas between")
    step.add_argument("--since", required=True, metavar="DAY", help="the first day of the period, 2026-11-01")
    step.add_argument("--until", metavar="DAY", help="the last day of the period (else: up to now)")
    step.add_argument("--organisation", action="append", default=[], help="only readings for this organisation")
    step.add_argument("--days", type=int, default=7, help="how long it may be looked on, from now; at most 30")
    step.add_argument("--messages", action="store_true", help="messages too, by the vault's key officers")
