"""Has the organisation charged whoever acts with this? Asked by the hub just before it decides and by every client
again, both by how far the key stream of the organisation's vault is entered in the channel: so all give one answer."""

from crypto.key_statements import PrincipalKind
from domain.channel.audit_refusals import NotCharged
from domain.channel.audits import DUTY_OF, Duty
from domain.channel.state import Channel
from domain.ids import Millis, OrganisationId, PrincipalId
from protocol.acts import Header
from protocol.directory import Directory


def verify_duty(header: Header, directory: Directory, at: Millis, channel: Channel) -> None:
    """Check that the author has the duty that the act rests on, at recorded time `at`.

    `channel`: the state before the act; it says how far key streams were entered. Of an organisation that has never
    taken part nothing is entered; its acts about audits are refused whoever does them.

    Raises:
        NotCharged: the organisation has not charged the person with it, or not any more.
        UnknownKey: the vault's key stream is not known here (yet).

    """
    duty = DUTY_OF.get(type(header.event))
    if duty is None or all(header.organisation not in thread.vaults for thread in channel.threads.values()):
        return
    vault = directory.vault_of(header.organisation) if header.organisation is not None else None
    entered = None if vault is None else channel.key_streams.get(vault)
    if header.person is None or vault is None or entered is None:
        raise NotCharged
    state = directory.state(vault)
    mine = state.kind is PrincipalKind.VAULT and state.organisation == header.organisation
    over = state.ended_at is not None and entered >= state.n
    if not mine or over or header.person not in state.on_duty_at(duty, at, entered):
        raise NotCharged


def has_duty(
    directory: Directory, organisation: OrganisationId | None, person: PrincipalId, duty: Duty, at: Millis
) -> bool:
    """Whether the person has the duty at `at` by everything known here. Raises `UnknownKey`."""
    vault = directory.vault_of(organisation) if organisation is not None else None
    if vault is None:
        return False
    state = directory.state(vault)
    mine = state.kind is PrincipalKind.VAULT and state.organisation == organisation
    return mine and state.ended_at is None and person in state.on_duty_at(duty, at, None)
