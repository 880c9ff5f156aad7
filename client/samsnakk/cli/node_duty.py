"""`samsnakk node duty`: whom the organisation charges with auditing, and with approving audits."""

import argparse
import sys
from typing import Final

from domain.channel.audits import Duty
from domain.ids import OrganisationId, PrincipalId
from samsnakk.cli.node_ids import id_in_hex
from samsnakk.cli.node_timeline import organisation_id
from samsnakk.node.configuration import BadNode
from samsnakk.node.duties import charge, charged
from samsnakk.node.running import Node

_WORDS: Final = {
    Duty.AUDIT: "Kontrollerer: {people}",
    Duty.APPROVE_AUDIT: "Godkjenner kontroller: {people}",
}
_CHANGED: Final = (
    "Oppgaven er endret. Huben får det nå, eller så snart den er tilbake. "
    "Den som ikke har den lenger, ser ingenting mer."
)


async def run(node: Node, given: argparse.Namespace) -> int:
    """Set what is given, then show everything."""
    organisation = _organisation(node, given.organisation)
    wanted = {Duty.AUDIT: given.audit, Duty.APPROVE_AUDIT: given.approve}
    for duty, people in wanted.items():
        if people is None:
            continue
        vault = charge(node.issuer, organisation, duty, [PrincipalId(id_in_hex(text)) for text in people])
        if vault is not None:
            sys.stdout.write(_CHANGED + "\n")
            await node.watch.publish(vault)
    for duty, who in charged(node.issuer, organisation).items():
        people = ", ".join(_named(node, person) for person in who)
        sys.stdout.write(_WORDS[duty].format(people=people or "ingen") + "\n")
    return 0


def _organisation(node: Node, named: str | None) -> OrganisationId:
    opened = node.issuer.node
    if named is not None:
        return OrganisationId(organisation_id(opened, named))
    if len(opened.roots) != 1:
        raise BadNode("this node serves several organisations; say which one with --organisation")
    return next(iter(opened.roots))


def _named(node: Node, person: PrincipalId) -> str:
    return f"{node.issuer.node.trust.name_of(person)} ({person.hex()})"
