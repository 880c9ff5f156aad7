"""Arguments of `samsnakk erase`."""

import argparse

from samsnakk.cli.arrival_arguments import channel_arguments
from samsnakk.cli.erasure_texts import GROUND_WORDS, REASON_WORDS

ERASE: str = """\
examples:
  samsnakk erase elle --as Kari                             wishes, proposals, decisions; which copies have confirmed
  samsnakk erase elle propose 12 14 --ground feil-person --why 'Skrevet om en annen' --as Kari
  samsnakk erase elle approve 40 --as Jon                   a second person of the same organisation
  samsnakk erase elle refuse 40 --reason trengs-fortsatt --as Jon
  samsnakk erase elle wish 12 --why 'Det stemmer ikke' --as Elle        the user asks; the organisation answers

Two people of the organisation that a message was written for decide. Nobody can undo it."""


def erasure_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk erase`."""
    channel_arguments(command)
    command.add_argument(
        "action",
        nargs="?",
        default="status",
        choices=("status", "wish", "propose", "approve", "refuse"),
        help="what to do (default: status)",
    )
    command.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="messages; or the one proposal or wish")
    command.add_argument("--thread", type=int, default=0, metavar="N", help="in which thread (0: the common one)")
    command.add_argument("--ground", choices=sorted(GROUND_WORDS), help="the ground in law, for a proposal")
    command.add_argument("--reason", choices=sorted(REASON_WORDS), default="annet", help="why not, for a refusal")
    command.add_argument("--answers", type=int, metavar="NUMBER", help="the user's wish that a proposal answers")
    command.add_argument("--why", metavar="TEXT", help="in words, sealed for those in the thread")
