"""Arguments of `samsnakk consent`."""

import argparse

from samsnakk.cli.arrival_arguments import channel_arguments

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
