"""`samsnakk timeline --from-node`: the record out of the organisation's own copy. No hub is asked, or needed."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from domain.ids import Version
from protocol.errors import ProtocolError
from samsnakk.cli.places import NoPlace, channel_named
from samsnakk.cli.record_rows import RecordRows
from samsnakk.errors import SamsnakkError
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import OpenNode, open_node, passphrase_in
from samsnakk.node.replica.archive import Archive, opened_archive
from samsnakk.node.replica.files import Named, NotTheFile

FAILED: Final = 1
USAGE: Final = 2
_SEALED: Final = "(forseglet; bare nøkkelholderne kan åpne det, i en kontrollsak)"
_VERIFIED: Final = "✓ {number} hendelser kontrollert fra den første: signaturer, nøkler, regler og kjede. Uten hub."
_FILE: Final = "              vedlegg, {size} byte forseglet: {here}"
_HERE, _NOT_HERE = "i kopien", "ikke i kopien"
_FILES: Final = "{good} av {number} vedlegg i kopien er lest på nytt og er de meldingene viser til."
_DAMAGED: Final = "✗ {number} vedlegg mangler i kopien eller er skadet. Hent dem fra sikkerhetskopien."
_SHOWN: Final = "Nr. {number} har hode {head}."


def run(given: argparse.Namespace) -> int:
    """Show the record; returns 0, 1 if the copy does not hold together, 2 if there is no such node or channel."""
    try:
        _check(given)
        node = open_node(given.from_node, passphrase_in(given.passphrase_file))
        return asyncio.run(_show(node, given))
    except (NoPlace, BadNode) as error:
        sys.stderr.write(f"samsnakk timeline: {error}\n")
        return USAGE
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"samsnakk timeline: {error}\n")
        return FAILED


def _check(given: argparse.Namespace) -> None:
    if given.passphrase_file is None:
        raise NoPlace("--passphrase-file is missing")
    if given.access:
        raise NoPlace("--access: the access log is at the hub; the node keeps its own lines only")


async def _show(node: OpenNode, given: argparse.Namespace) -> int:
    console = Console(highlight=False, markup=False, emoji=False)
    organisation = None if given.organisation is None else organisation_id(node, given.organisation)
    async with opened_archive(node, organisation) as archive:
        held = await archive.channel(channel_named(node.trust, given.channel), verify=given.verify)
        rows = RecordRows(console, node.trust, archive.reader.vault, _SEALED)
        files = archive.files_in(held)
        for version in range(1, held.version + 1):
            rows.show(held.event(Version(version)))
            for one in files:
                if one.version == version:
                    here = _HERE if archive.files.has(one.ref) else _NOT_HERE
                    console.print(Text(_FILE.format(size=one.ref.size, here=here), style="dim"), soft_wrap=True)
        console.print(Text(_SHOWN.format(number=held.version, head=held.replay.head.hex())), soft_wrap=True)
        if given.verify:
            console.print(Text(_VERIFIED.format(number=held.version), style="bold green"), soft_wrap=True)
            return _verify_files(archive, files, console)
    return 0


def _verify_files(archive: Archive, files: Sequence[Named], console: Console) -> int:
    """Read every file of the channel again; those that were never to be had are no fault of the copy."""
    damaged, good = 0, 0
    for one in files:
        waiting = one.version > archive.file_list.upto.get(one.channel, 0)
        if waiting or one.ref.file in archive.file_list.missing:
            continue
        try:
            archive.files.verify(one.ref)
            good += 1
        except NotTheFile:
            damaged += 1
    if files:
        console.print(Text(_FILES.format(good=good, number=len(files))), soft_wrap=True)
    if damaged:
        console.print(Text(_DAMAGED.format(number=damaged), style="bold red"), soft_wrap=True)
    return FAILED if damaged else 0


def organisation_id(node: OpenNode, named: str) -> bytes:
    """The organisation that is meant by name, number or id. Raises `BadNode`."""
    for pin in node.trust.organisations:
        if named in (pin.name, pin.number, pin.id.hex()):
            return pin.id
    raise BadNode(f"{named}: no organisation in the trust file")
