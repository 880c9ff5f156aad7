"""Arguments of `samsnakk archive` and `samsnakk retention`."""

import argparse
from pathlib import Path
from typing import Final

from domain.access.events import Purpose
from domain.channel.legal_bases import OrganisationKind
from samsnakk.cli.arrival_arguments import channel_arguments

ARCHIVE: Final = """\
examples:
  samsnakk archive export elle --as Kari --out elle.samsnakk --purpose coordination           sealed
  samsnakk archive export elle --as Kari --out elle.samsnakk --purpose coordination --plain   with messages' keys
  samsnakk archive verify elle.samsnakk --trust trust.json                                    no hub is needed

A sealed archive is opened by the organisation's vault. Whoever has a plain one can read it: keep it like a record.
What the visit was for stands in the access log, and in the file."""

RETENTION: Final = """\
examples:
  samsnakk retention due elle --as Kari                        what of yours is here, and when its time is over
  samsnakk retention due elle --as Kari --plan plan.toml       by your organisation's own plan
  samsnakk retention due elle --as Kari --propose --archived elle.samsnakk

Nothing is deleted by this. What is due can be proposed; a colleague approves it with `samsnakk erase`."""
_PURPOSES: Final = (Purpose.TREATMENT, Purpose.COORDINATION, Purpose.OWN_RECORD)


def archive_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk archive`."""
    steps = command.add_subparsers(title="steps", metavar="STEP", required=True, dest="step")
    export = steps.add_parser("export", help="write a channel into a file that verifies by itself")
    channel_arguments(export)
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    export.add_argument("--purpose", required=True, choices=[one.value for one in _PURPOSES], help="what it is for")
    export.add_argument("--plain", action="store_true", help="with the keys of its messages")
    verify = steps.add_parser("verify", help="check such a file, from the first record on")
    verify.add_argument("file", type=Path, metavar="FILE")
    verify.add_argument("--trust", type=Path, required=True, metavar="FILE", help="a trust file of one's own")


def retention_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk retention`."""
    steps = command.add_subparsers(title="steps", metavar="STEP", required=True, dest="step")
    due = steps.add_parser("due", help="what has been kept for long enough")
    channel_arguments(due)
    due.add_argument("--kind", choices=[kind.value for kind in OrganisationKind], help="what yours is, if not stated")
    due.add_argument("--plan", type=Path, metavar="FILE", help="your organisation's own plan (TOML)")
    due.add_argument("--propose", action="store_true", help="propose what is due; a colleague approves it")
    due.add_argument("--archived", type=Path, metavar="FILE", help="the export that the archive has got")
