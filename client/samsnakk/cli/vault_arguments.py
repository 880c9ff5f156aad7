"""What the steps of `samsnakk vault` take on the command line."""

import argparse
from pathlib import Path


def add_steps(command: argparse.ArgumentParser) -> None:
    """Add every step."""
    steps = command.add_subparsers(title="steps", metavar="STEP", dest="step", required=True)
    _card(steps.add_parser("card", help="make a key card for an officer or auditor"))
    _group(steps.add_parser("group", help="make one of a vault's two keys and share it among a group of officers"))
    _change(steps.add_parser("change", help="let officers into a group, or take them out of it"))
    _keys(steps.add_parser("keys", help="put both groups' public keys together, for the organisation's root to sign"))
    _ask(steps.add_parser("ask", help="collect what a case asks the officers to open"))
    _prove(steps.add_parser("prove", help="show the officers that an approved audit case asks for this case"))
    _open(steps.add_parser("open", help="an officer's step: first group A, then group B"))
    _read(steps.add_parser("read", help="the auditor reads the messages of the case"))


def _card(step: argparse.ArgumentParser) -> None:
    step.add_argument("name", help="whose card it is")
    step.add_argument("--folder", type=Path, default=Path(), help="where to put the two files")
    _passphrase(step)


def _group(step: argparse.ArgumentParser) -> None:
    step.add_argument("group", choices=("a", "b"), help="which of the two keys")
    step.add_argument("file", type=Path, help="the new group's file")
    step.add_argument("cards", type=Path, nargs="+", metavar="CARD", help="public halves of the officers' cards")
    step.add_argument("--organisation", required=True, help="the organisation's name or number in the trust file")
    _trust(step)


def _change(step: argparse.ArgumentParser) -> None:
    step.add_argument("file", type=Path, help="the group's file; the old one is kept beside it")
    step.add_argument("--card", type=Path, required=True, help="the own card of an officer of this group")
    step.add_argument("--add", type=Path, action="append", default=[], metavar="CARD", help="public half of a card")
    step.add_argument("--remove", action="append", default=[], metavar="NAME", help="who leaves the group")
    _passphrase(step)


def _keys(step: argparse.ArgumentParser) -> None:
    step.add_argument("a", type=Path, help="group A's file")
    step.add_argument("b", type=Path, help="group B's file")
    step.add_argument("out", type=Path, help="the file for whoever holds the organisation's root")


def _ask(step: argparse.ArgumentParser) -> None:
    step.add_argument("case", type=Path, help="the new case's file")
    _record(step)
    step.add_argument("--number", required=True, help="the case's number")
    step.add_argument("--start", type=int, required=True, help="the first version of the period")
    step.add_argument("--until", type=int, required=True, help="the last version of the period")
    step.add_argument("--threads", default="0", help="thread numbers with commas between")
    step.add_argument("--auditor", type=Path, required=True, help="public half of the auditor's card")


def _prove(step: argparse.ArgumentParser) -> None:
    step.add_argument("case", type=Path, help="the case's file")
    step.add_argument("out", type=Path, help="the new proof")
    _record(step)


def _record(step: argparse.ArgumentParser) -> None:
    step.add_argument("--channel", required=True, help="the channel's name in the trust file, or its id in hex")
    step.add_argument("--as", dest="person", metavar="NAME", help="whose profile holds the record")
    step.add_argument("--from-node", type=Path, metavar="DIR", help="or the node that holds it; needs no hub")
    step.add_argument("--passphrase-file", type=Path, metavar="FILE", help="opens the node")
    step.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder (else: the running one)")
    step.add_argument("--url", help="the hub's address (else: the demonstration's)")
    step.add_argument("--organisation", help="whose vault (else: the person's own organisation's)")


def _open(step: argparse.ArgumentParser) -> None:
    _case(step)
    approval = step.add_mutually_exclusive_group(required=True)
    approval.add_argument("--proof", type=Path, help="what `samsnakk vault prove` has made of the approved audit case")
    approval.add_argument(
        "--without-audit-case",
        action="store_true",
        help="only where no hub is left to record one: nobody sees then that it was opened",
    )
    step.add_argument("out", type=Path, help="what this step makes")
    step.add_argument("--group", type=Path, required=True, help="the own group's file")
    step.add_argument("--half", type=Path, help="what group A made (group B only)")


def _read(step: argparse.ArgumentParser) -> None:
    _case(step)
    step.add_argument("release", type=Path, help="what group B made")
    step.add_argument("--proof", type=Path, help="the proof that the officers saw; --head is then the one after it")


def _case(step: argparse.ArgumentParser) -> None:
    step.add_argument("case", type=Path, help="the case's file")
    step.add_argument("--card", type=Path, required=True, help="the own card")
    step.add_argument("--head", required=True, help="the record's check sum after the period, from a source you trust")
    _trust(step)
    _passphrase(step)


def _trust(step: argparse.ArgumentParser) -> None:
    step.add_argument("--trust", type=Path, default=Path("trust.json"), help="the own trust file")


def _passphrase(step: argparse.ArgumentParser) -> None:
    step.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line instead of asking for it")
