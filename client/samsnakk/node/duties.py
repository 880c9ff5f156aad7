"""Whom an organisation has charged with auditing and with approving it: stated by its node, in its vault's stream."""

from collections.abc import Sequence

from crypto.duty_facts import DutySet
from domain.channel.audits import Duty
from domain.ids import OrganisationId, PrincipalId
from samsnakk.node.configuration import BadNode
from samsnakk.node.issuing import Issuer


def charged(issuer: Issuer, organisation: OrganisationId) -> dict[Duty, tuple[PrincipalId, ...]]:
    """Who has which duty now. Raises `BadNode` where the organisation has no vault in this node's ledger."""
    state = issuer.state(_vault(issuer, organisation))
    if state is None:
        raise BadNode("the organisation's vault has no key stream here; run `samsnakk node adopt` first")
    return {duty: tuple(PrincipalId(person) for person in state.on_duty(duty.value)) for duty in Duty}


def charge(
    issuer: Issuer, organisation: OrganisationId, duty: Duty, people: Sequence[PrincipalId]
) -> PrincipalId | None:
    """From here on exactly these people of the organisation have the duty; the vault, or None where nothing changed.

    Raises:
        BadNode: somebody is not in the staff register, or has no keys yet.

    """
    known = charged(issuer, organisation)
    wanted = tuple(sorted(set(people)))
    for person in wanted:
        if person not in issuer.staff(organisation):
            raise BadNode(f"{person.hex()}: not in the staff register")
    if wanted == known[duty]:
        return None
    vault = _vault(issuer, organisation)
    issuer.state_of(vault, organisation, [DutySet(duty.value, wanted)])
    return vault


def release_departed(issuer: Issuer) -> None:
    """Whoever has left the register has no duty any more."""
    for organisation in issuer.node.roots:
        vault = _vault(issuer, organisation)
        state = issuer.state(vault)
        if state is None:
            continue
        staff = issuer.staff(organisation)
        for duty in Duty:
            held = state.on_duty(duty.value)
            stay = tuple(person for person in held if person in staff)
            if stay != held:
                issuer.state_of(vault, organisation, [DutySet(duty.value, stay)])


def _vault(issuer: Issuer, organisation: OrganisationId) -> PrincipalId:
    for pinned in issuer.node.trust.organisations:
        if pinned.id == organisation:
            return PrincipalId(pinned.vault)
    raise BadNode("not an organisation of the trust file")
