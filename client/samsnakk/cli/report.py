"""`samsnakk report`: everything an auditor asks of one channel, from a member's device or an organisation's copy."""

import argparse
import asyncio
import sys
from typing import Any, Final

from domain.ids import Millis, ThreadNo
from protocol.errors import ProtocolError
from protocol.trust import Trust
from samsnakk.cli.access import who_read_at
from samsnakk.cli.days import day_named
from samsnakk.cli.error_texts import Unclear
from samsnakk.cli.known_names import Known
from samsnakk.cli.node_timeline import organisation_id
from samsnakk.cli.places import NoPlace, channel_named, find_place
from samsnakk.cli.rendering import LANGUAGES, deliver, verify_endings
from samsnakk.clock import HubClock
from samsnakk.errors import SamsnakkError
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import open_node, passphrase_in
from samsnakk.node.replica.archive import opened_archive
from samsnakk.report.filters import Filter
from samsnakk.report.named import Named
from samsnakk.report.proof import make_proof
from samsnakk.report.whole import Sources, whole_report
from samsnakk.who_read import history_of

FAILED: Final = 1
USAGE: Final = 2


def run(given: argparse.Namespace) -> int:
    """Report; returns 0, 1 if the channel cannot be had or trusted or a reading is hidden, 2 for what is not there."""
    try:
        verify_endings(given.out)
        return asyncio.run(_from_node(given) if given.from_node is not None else _from_device(given))
    except (NoPlace, Unclear, BadNode, OSError) as error:
        sys.stderr.write(f"samsnakk report: {error}\n")
        return USAGE
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"samsnakk report: {error}\n")
        return FAILED


async def _from_device(given: argparse.Namespace) -> int:
    if given.person is None:
        raise NoPlace("--as or --from-node is missing")
    place = find_place(given.person, given.channel, given.data, given.url, given.inbox)
    kept = _filter(given, place.unlocked.trust)

    read, named, now = await who_read_at(place, given.language)
    sources = Sources(place.name, read.history, read.channel_head, now, read)
    _deliver(sources, named, kept, given, make_proof(read))
    return FAILED if read.unlogged else 0


async def _from_node(given: argparse.Namespace) -> int:
    if given.passphrase_file is None:
        raise NoPlace("--passphrase-file is missing")
    node = open_node(given.from_node, passphrase_in(given.passphrase_file))
    whose = None if given.of is None else organisation_id(node, given.of)
    async with opened_archive(node, whose) as archive:
        held = await archive.channel(channel_named(node.trust, given.channel), verify=True)
        history = history_of(held)
        named = Named(node.trust, LANGUAGES[given.language], archive.reader.vault, {})
    sources = Sources(given.channel, history, held.replay.head, HubClock().now(), None)
    _deliver(sources, named, _filter(given, node.trust), given, None)
    return 0


def _deliver(
    sources: Sources, named: Named, kept: Filter, given: argparse.Namespace, proof: dict[str, Any] | None
) -> None:
    on = sources.made_at if given.on is None else min(sources.made_at, Millis(day_named(given.on)[1] - 1))
    deliver(whole_report(sources, named, on, kept), given, proof)


def _filter(given: argparse.Namespace, trust: Trust) -> Filter:
    known = Known(trust)
    return Filter(
        since=None if given.since is None else day_named(given.since)[0],
        until=None if given.until is None else day_named(given.until)[1],
        person=None if given.who is None else known.person(given.who).id,
        organisation=None if given.organisation is None else known.organisation(given.organisation).id,
        thread=None if given.thread is None else ThreadNo(given.thread),
    )
