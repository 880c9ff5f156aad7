"""On which terms somebody takes part, and the keys that go with them: looked up, certified, never typed in."""

from dataclasses import dataclass, replace
from typing import Final

from domain.channel.events import ParticipantJoined
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import Standing, VaultRef
from domain.ids import Millis, OrganisationId, PrincipalId, Version
from protocol.trust import Trust
from samsnakk.errors import NoSingleInbox, Refused
from samsnakk.key_finding import KeyFinder

NO_HISTORY: Final = None
"""`history_from` of a newcomer who reads from now on."""
ALL_HISTORY: Final = Version(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """One membership: who, as what, for whom, on which basis, until when, and how far back.

    `organisation` None for relatives; `function` and `legal_basis` are codes; `valid_until` in UTC milliseconds.
    `history_from`: None from now on, 0 everything the inviter has, else the first version.
    """

    principal: PrincipalId
    standing: Standing = Standing.STAFF
    organisation: OrganisationId | None = None
    function: str = "staff"
    legal_basis: str = "treatment"
    valid_until: Millis | None = None
    history_from: Version | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What who opens a channel answers for: the care relation, of a kind in the versioned list, and a reference.

    The legal basis is that of the opener's own terms. `reference`: a case or referral number, or what else shows the
    relation; sealed, for the channel's members and audits. `organisation`: what kind the own organisation is.
    """

    relation: str = "treatment"
    reference: str | None = None
    organisation: OrganisationKind | None = None


_USUAL: Final = {"service-decision": "municipal-service", "emergency": "emergency"}


def usual_claim(legal_basis: str) -> Claim:
    """What one claims on a basis where nothing else is said: a municipal service, an emergency, else treatment."""
    return Claim(_USUAL.get(legal_basis, "treatment"))


class Registry:
    """Looks up keys and vaults for memberships."""

    def __init__(self, trust: Trust, finder: KeyFinder) -> None:
        self._inboxes = [p for p in trust.people if p.inbox and p.organisation is not None]
        self._vaults = {OrganisationId(o.id): PrincipalId(o.vault) for o in trust.organisations}
        self._finder = finder

    async def joined(self, terms: Terms) -> ParticipantJoined:
        """The facts of the join, with the newest certified keys.

        Raises:
            UnknownKey: nobody certified a key for the principal or the vault.
            Refused: the organisation is not in the trust file.
            Disconnected: a key stream is needed and the hub is not reachable.

        """
        await self._finder.renew([terms.principal])
        directory = self._finder.directory
        return ParticipantJoined(
            principal=terms.principal,
            standing=terms.standing,
            organisation=terms.organisation,
            function=terms.function,
            legal_basis=terms.legal_basis,
            valid_until=terms.valid_until,
            key=directory.current_key(terms.principal),
            vault=await self._vault(terms.organisation),
            history_from=terms.history_from,
        )

    def by_inbox(self, organisation: OrganisationId, like: Terms) -> Terms:
        """An organisation as a whole: its only service inbox, on the other terms of `like`. Raises `NoSingleInbox`."""
        mine = [PrincipalId(p.id) for p in self._inboxes if p.organisation == organisation]
        if len(mine) != 1:
            raise NoSingleInbox
        return replace(like, principal=mine[0], standing=Standing.INBOX, organisation=organisation)

    async def _vault(self, organisation: OrganisationId | None) -> VaultRef | None:
        if organisation is None:
            return None
        vault = self._vaults.get(organisation)
        if vault is None:
            raise Refused("vault_missing")
        await self._finder.renew([vault])
        return VaultRef(vault, self._finder.directory.current_key(vault))
