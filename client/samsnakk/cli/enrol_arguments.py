"""The arguments of `samsnakk enrol`."""

import argparse
from pathlib import Path

ENROL = """\
examples:
  samsnakk enrol --node https://node.example.org --trust trust.json --data ./me     begin on this machine
  samsnakk enrol --data ./me                                                        renew before the certificate ends

You sign in at your organisation's node, in the browser of this machine. Afterwards `samsnakk login --data ./me` and
`samsnakk chat` work. docs/node.md says what the node looks at."""


def enrol_arguments(command: argparse.ArgumentParser) -> None:
    """Add them."""
    command.add_argument("--data", type=Path, metavar="DIR", required=True, help="the profile's folder")
    command.add_argument("--node", metavar="URL", help="the address of your organisation's node (the first time)")
    command.add_argument("--trust", type=Path, metavar="FILE", help="the trust file (the first time)")
    command.add_argument("--organisation", metavar="NAME", help="which one, where the node serves several")
    command.add_argument("--name", metavar="NAME", default="PC", help="what you call this device (PC)")
    command.add_argument("--url", help="the hub's address (else: the node's)")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line opens the profile; chmod 600")
    way.add_argument("--demo", action="store_true", help="put the profile's key beside it, as the demonstration does")
    command.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
