"""Arguments of `samsnakk consent` and `samsnakk open`."""

import argparse
from pathlib import Path

from samsnakk.cli.arrival_arguments import channel_arguments
from samsnakk.cli.rights_texts import BASES, RELATION_WORDS

CONSENT = """\
examples:
  samsnakk consent elle --as Elle                        who takes part on your word, what they read, until when
  samsnakk consent elle give NAV 30d --as Elle           say yes, for thirty days
  samsnakk consent elle limit NAV fra-nå --as Elle       not what was written before
  samsnakk consent elle withdraw NAV --as Elle           take it back: they are out at once, everywhere"""


def consent_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk consent`."""
    channel_arguments(command)
    command.add_argument(
        "action", nargs="?", default="show", choices=("show", "give", "limit", "withdraw"), help="what to do"
    )
    command.add_argument("words", nargs="*", metavar="WORD", help="the organisation, and what /samtykke takes in chat")
    command.add_argument("--thread", type=int, default=0, metavar="N", help="in which thread (0: the common one)")


OPEN = """\
examples:
  samsnakk open --as Kari --relation behandling --reference 'Henvisning 2026/114' --title Samtaler
  samsnakk open --as Ingrid --basis vedtak --relation kommunal-tjeneste --reference 'Vedtak 17/2026' --until 180d

Prints the channel's id. What you answer for is recorded with your name; the user and auditors see it."""


def open_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk open`."""
    command.add_argument("--as", dest="person", metavar="NAME", required=True, help="whose profile to use")
    command.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder, or a profile")
    command.add_argument("--url", help="the hub's address (else: the demonstration's, or the profile's own)")
    command.add_argument("--relation", required=True, choices=sorted(RELATION_WORDS), help="the care relation")
    command.add_argument("--reference", required=True, metavar="TEXT", help="a case or referral number; sealed")
    command.add_argument("--basis", default="behandling", choices=sorted(set(BASES) - {"samtykke", "foreldreansvar"}))
    command.add_argument("--function", default="case-worker", metavar="CODE", help="what you are here, as a code")
    command.add_argument("--until", metavar="WHEN", help="the end of your own membership, such as 180d or 31.12.2027")
    command.add_argument("--title", help="what the common thread is called; sealed")
