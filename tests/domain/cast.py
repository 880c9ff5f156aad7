"""Invented people of four organisations, around one user."""

from dataclasses import dataclass, replace

from domain.channel import events as e
from domain.channel.acts import Author
from domain.channel.audits import Duty
from domain.channel.terms import KeyRef, Standing, VaultRef
from domain.ids import Digest, Millis, OrganisationId, PrincipalId, Version


def named(name: str) -> bytes:
    return name.encode().ljust(16, b".")[:16]


def key(name: str, version: int = 1) -> KeyRef:
    return KeyRef(version, Digest(f"{name} {version}".encode().ljust(32, b".")))


@dataclass(frozen=True)
class Someone:
    """One of the cast: a person for an organisation, or that person acting for a service inbox."""

    name: str
    standing: Standing
    house: str | None = None
    inbox: str | None = None
    function: str = "contact"
    charge: Duty | None = None

    @property
    def principal(self) -> PrincipalId:
        return PrincipalId(named(self.inbox or self.name))

    @property
    def organisation(self) -> OrganisationId | None:
        return OrganisationId(named(self.house)) if self.house is not None else None

    @property
    def author(self) -> Author:
        role = self.principal if self.inbox is not None else None
        return Author(PrincipalId(named(self.name)), named("device " + self.name), self.organisation, role, self.charge)

    def joining(
        self,
        basis: str = "treatment",
        until: int | None = None,
        version: int = 1,
        history_from: int | None = None,
    ) -> e.ParticipantJoined:
        vault = None
        employed = self.standing in {Standing.STAFF, Standing.INBOX}
        if employed and self.house is not None:
            vault = VaultRef(PrincipalId(named("vault " + self.house)), key("vault " + self.house))
        return e.ParticipantJoined(
            principal=self.principal,
            standing=self.standing,
            organisation=self.organisation if employed else None,
            function=self.function,
            legal_basis=basis,
            valid_until=Millis(until) if until is not None else None,
            key=key(self.inbox or self.name, version),
            vault=vault,
            history_from=Version(history_from) if history_from is not None else None,
        )


ANNA = Someone("anna", Standing.STAFF, "clinic")
ARNE = Someone("arne", Standing.STAFF, "clinic")
DESK = Someone("anders", Standing.INBOX, "clinic", inbox="clinic desk")
BERIT = Someone("berit", Standing.STAFF, "town")
BODIL = Someone("bodil", Standing.STAFF, "town")
NILS = Someone("nils", Standing.STAFF, "welfare")
IDA = Someone("ida", Standing.USER, "clinic")
ROLF = Someone("rolf", Standing.RELATIVE, "clinic")
RUTH = Someone("ruth", Standing.RELATIVE, "clinic")
MONA = Someone("mona", Standing.RELATIVE, "clinic", function="parent")
"""Ida's mother."""
PER = Someone("per", Standing.RELATIVE, "clinic", function="proxy:consent")
"""Whom Ida has given the right to consent for her."""
OLGA = Someone("olga", Standing.STAFF, "clinic")
"""An outsider: certified by the clinic, and in no thread unless a test lets her in."""
AGNES = Someone("agnes", Standing.STAFF, "clinic", charge=Duty.AUDIT)
"""The clinic has charged her with auditing."""
ASTRID = Someone("astrid", Standing.STAFF, "clinic", charge=Duty.APPROVE_AUDIT)
"""And her with approving what its auditors ask for."""
HUB = Author(None, named("hub"), None, None)


def author_as(who: Someone, house: str | None) -> Author:
    """The same person, acting for another organisation or for none."""
    return replace(who.author, organisation=OrganisationId(named(house)) if house is not None else None)
