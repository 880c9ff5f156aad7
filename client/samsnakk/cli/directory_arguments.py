"""What `samsnakk directory` takes on the command line."""

import argparse
from pathlib import Path
from typing import Final

DIRECTORY: Final = """\
examples:
  samsnakk directory search psykolog tynset --as Kari     find whom to contact
  samsnakk directory show vakttelefonen --as Kari         what is stated of the best match
  samsnakk directory duty vakttelefonen --as Kari         who is on duty now; where to turn if nobody is
  samsnakk directory import dps.csv --dry-run --as Kari   what a file would change, and every mistake in it
  samsnakk directory import dps.csv --as Kari --node /etc/samsnakk-node --passphrase-file pass.txt
  samsnakk directory renew --as Kari --node /etc/samsnakk-node --passphrase-file pass.txt

The columns of a CSV file, and what is taken over of a FHIR bundle: docs/directory.md."""


def directory_arguments(command: argparse.ArgumentParser) -> None:
    """Add every action."""
    actions = command.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, about in (
        ("search", "find entries as somebody types"),
        ("show", "what is stated of the best match"),
        ("duty", "who is on duty now, and where to turn if nobody is"),
    ):
        action = _action(actions, name, about)
        action.add_argument("words", nargs="+", metavar="WORD", help="names, places, roles; or an id from a search")
    importing = _action(actions, "import", "take over a CSV file or a FHIR bundle, as a whole or not at all")
    importing.add_argument("file", type=Path, metavar="FILE", help="everything that the organisation publishes")
    importing.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    importing.add_argument("--accept-removals", action="store_true", help="even if a large part would be removed")
    _publishing(importing)
    renewing = _action(actions, "renew", "confirm the listing as it stands, for some more days")
    renewing.set_defaults(dry_run=False, accept_removals=False, file=None)
    _publishing(renewing)


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    action.add_argument("--as", dest="person", metavar="NAME", required=True, help="whose profile to use")
    action.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder (else: the running one)")
    action.add_argument("--url", help="the hub's address (else: the demonstration's)")
    return action


def _publishing(action: argparse.ArgumentParser) -> None:
    action.add_argument("--json", action="store_true", help="for programs")
    action.add_argument("--days", type=int, default=14, metavar="N", help="how long it is good for (else: 14 days)")
    action.add_argument("--node", type=Path, metavar="DIR", help="the folder of the organisation's node, which signs")
    action.add_argument("--passphrase-file", type=Path, help="its first line opens the root; chmod 600")
