"""The arguments of `samsnakk inbox`."""

import argparse
from pathlib import Path

INBOX = """\
examples:
  samsnakk inbox list --as Kari                    which service inboxes you answer, and how their keys stand
  samsnakk inbox renew --as Kari                   see that those who answer them now have the keys, and nobody else
  samsnakk inbox renew vakttelefonen --as Kari     … of one of them
  samsnakk inbox renew vakttelefonen --as Liv --begin-anew
                                                   where everybody who had the keys has left

Programs do this by themselves whenever they connect; docs/keys.md says when to do it by hand."""


def inbox_arguments(command: argparse.ArgumentParser) -> None:
    """list, renew."""
    what = command.add_subparsers(dest="what", metavar="WHAT", required=True)
    _common(what.add_parser("list", help="the inboxes you answer, and how their keys stand"))
    renew = what.add_parser("renew", help="give the keys to who answers now; make a new one if somebody left")
    _common(renew)
    renew.add_argument(
        "--begin-anew", action="store_true", help="also without the earlier keys, where nobody is left who had them"
    )


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("inbox", metavar="INBOX", nargs="?", help="its name, the beginning of it, or its id in hex")
    command.add_argument("--as", dest="person", metavar="NAME", required=True, help="whose profile to use")
    command.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder, or a profile")
    command.add_argument("--url", help="the hub's address (else: the demonstration's, or the profile's own)")
    command.add_argument("--node", metavar="URL", help="the organisation's node (else: the profile's own)")
