"""Officers open on an approved audit case: collecting what shows it, and checking it at the officer's own machine."""

import argparse
import sys
import time
from typing import Any, Final

from domain.ids import Digest as Head
from domain.ids import Millis, Version
from protocol.directory import Directory
from protocol.vault_case import VerifiedCase
from protocol.vault_proof import Approval
from samsnakk import Client
from samsnakk.cli.audit_words import terms_in_words
from samsnakk.cli.node_timeline import organisation_id
from samsnakk.cli.places import NoPlace, channel_named, find_place
from samsnakk.cli.vault_files import head_in, read_trust
from samsnakk.cli.vault_texts import TEXTS
from samsnakk.cli.vault_words import say, write_new
from samsnakk.node.folder import open_node, passphrase_in
from samsnakk.node.replica.archive import opened_archive
from samsnakk.vault.bundle import check_bundle, parse_bundle
from samsnakk.vault.proof import ProofFile, check_approved, encode_proof_file, make_proof_file, parse_proof_file

DEADLINE: Final = 600.0


async def prove(given: argparse.Namespace) -> None:
    """Collect what leads from the vault's case to the approved audit case, out of what was verified here."""
    bundle = parse_bundle(given.case.read_bytes())
    until = bundle.case.scope.until
    made = _from_node(given, until) if given.from_node is not None else _from_profile(given, until)
    file, head, version, trust = await made
    _, approval, _ = check_approved(bundle, file, trust, head, _now())
    write_new(given.out, encode_proof_file(file))
    say(TEXTS["proved"].format(**terms_in_words(approval.terms), file=given.out, version=version, head=head.hex()))


async def _from_profile(given: argparse.Namespace, until: Version) -> tuple[ProofFile, Head, Version, Any]:
    if given.person is None:
        raise NoPlace("--as or --from-node is missing")
    place = find_place(given.person, given.channel, given.data, given.url)
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up(DEADLINE)
        version, head = channel.version, channel.head
        file = make_proof_file(channel.items(version), until, client.directory)
        return file, head, version, place.unlocked.trust


async def _from_node(given: argparse.Namespace, until: Version) -> tuple[ProofFile, Head, Version, Any]:
    if given.passphrase_file is None:
        raise NoPlace("--passphrase-file is missing")
    node = open_node(given.from_node, passphrase_in(given.passphrase_file))
    organisation = None if given.organisation is None else organisation_id(node, given.organisation)
    async with opened_archive(node, organisation) as archive:
        held = await archive.channel(channel_named(node.trust, given.channel))
        items = [held.item(Version(version)) for version in range(1, held.version + 1)]
        file = make_proof_file(items, until, archive.directory)
        return file, held.replay.head, held.version, node.trust


def checked(given: argparse.Namespace) -> tuple[VerifiedCase, Directory]:
    """The case; with a proof also that an approved audit case asks for it. Says what was found. Raises as both."""
    bundle, trust, head = parse_bundle(given.case.read_bytes()), read_trust(given.trust), head_in(given.head)
    if given.proof is None:
        if getattr(given, "without_audit_case", False):
            sys.stderr.write(TEXTS["without"])
        return check_bundle(bundle, trust, head)
    file = parse_proof_file(given.proof.read_bytes())
    case, approval, directory = check_approved(bundle, file, trust, head, _now())
    say(_approval_text(approval, trust.name_of(approval.auditor), trust.name_of(approval.approver)))
    return case, directory


def _approval_text(approval: Approval, auditor: str, approver: str) -> str:
    return TEXTS["approved"].format(**terms_in_words(approval.terms), auditor=auditor, approver=approver)


def _now() -> Millis:
    """The officer's own clock: there may be no hub within reach."""
    return Millis(time.time_ns() // 1_000_000)
