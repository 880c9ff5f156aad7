"""Does the hub serve what the node issued? It may be late, never different and never less than it has shown.

The node publishes first and compares afterwards: what the hub has taken in, and then serves otherwise, is evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from crypto import cbor
from crypto.key_statements import SignedStatement
from domain.ids import Millis, PrincipalId
from protocol.errors import SubstitutedKey
from protocol.published_keys import encode_entries
from samsnakk.node.folder import EVIDENCE
from samsnakk.node.issuing import Issuer
from samsnakk.private_files import write_private

WITHHELD: Final = "withheld"
SUBSTITUTED: Final = "substituted"
ROOT_REPLACED: Final = "root-replaced"
DIRECTORY: Final = "directory"
TEXTS: Final = {
    WITHHELD: (
        "Huben holder tilbake noe denne noden har utstedt, for eksempel en tilbakekalling eller en ny nøkkel. "
        "Andre kan derfor fortsatt stole på en enhet de ikke skal stole på."
    ),
    SUBSTITUTED: (
        "Huben viser en nøkkel eller et sertifikat som denne noden ikke har utstedt. "
        "Noen kan utgi seg for å være en av deres ansatte."
    ),
    ROOT_REPLACED: (
        "Huben viser en annen rotnøkkel enn den denne noden kjenner. Noen kan ha stjålet virksomhetens rotnøkkel og "
        "byttet den ut med sin egen. Be de andre virksomhetene om hjelp nå: samsnakk node root ask."
    ),
    DIRECTORY: (
        "Huben viser katalogen deres annerledes enn dere har signert den: endret, en eldre utgave, eller uten noe som "
        "skal være med. Andre kan bli sendt til feil sted eller feil person."
    ),
}
ADVICE: Final = "Ta vare på filen ved siden av, stol ikke på huben, og ring sikkerhetskontakten."


class Hub(Protocol):
    """The two doors of the hub that the node uses."""

    async def key_stream(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """A stream as served, unverified."""

    async def publish(self, principal: PrincipalId, entries: Sequence[SignedStatement]) -> None:
        """Hand over a stream."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What the hub did wrong about whom."""

    principal: PrincipalId
    code: str


class Watch:
    """Publishes what the ledger holds and looks whether it arrived. Faults found stay on disk until somebody acts."""

    def __init__(self, issuer: Issuer, hub: Hub) -> None:
        self._issuer = issuer
        self._hub = hub

    async def publish(self, principal: PrincipalId) -> None:
        """Hand the hub a stream as it stands in the ledger. Raises `Disconnected`, `Refused`."""
        await self._hub.publish(principal, self._issuer.ledger.entries(principal))

    async def look(self, at: Millis) -> list[Fault]:
        """Compare every stream with what the hub serves, publishing what it lacks. Raises `Disconnected`, `Refused`."""
        faults: list[Fault] = []
        # Organisations' own streams first: the hub checks the others with the roots that stand there.
        is_organisation = self._issuer.node.standing.is_organisation
        watched = {*self._issuer.ledger.principals(), *self._issuer.node.standing.organisations()}
        for principal in sorted(watched, key=lambda who: (not is_organisation(who), who)):
            # What somebody asks for at the door meanwhile is in the ledger and on its way; it cannot have arrived yet.
            issued = len(self._issuer.ledger.entries(principal))
            served = await self._hub.key_stream(principal)
            if len(served) < issued and not self._is_substituted(principal, served):
                issued = len(self._issuer.ledger.entries(principal))
                await self.publish(principal)
                served = await self._hub.key_stream(principal)
            if self._is_substituted(principal, served):
                code = ROOT_REPLACED if is_organisation(principal) else SUBSTITUTED
                faults.append(self._keep(Fault(principal, code), served, at))
            elif len(served) < issued:
                faults.append(self._keep(Fault(principal, WITHHELD), served, at))
        return faults

    def _is_substituted(self, principal: PrincipalId, served: Sequence[SignedStatement]) -> bool:
        mine = self._issuer.ledger.entries(principal)
        if tuple(served[: len(mine)]) != mine[: len(served)]:
            return True
        if len(served) <= len(mine):
            return False
        # Longer than the ledger. Another organisation may certify a device of the same person, under its own root; but
        # what stands there under a root of this node, and not in its ledger, was signed by somebody who has the root.
        try:
            if not self._issuer.issued_elsewhere(served[len(mine) :]):
                return True
            self._issuer.adopt(principal, served)
        except SubstitutedKey:
            return True
        return False

    def _keep(self, fault: Fault, served: Sequence[SignedStatement], at: Millis) -> Fault:
        folder = self._issuer.node.path / EVIDENCE
        folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{fault.code}-{fault.principal.hex()[:8]}-{at}"
        mine = encode_entries(self._issuer.ledger.entries(fault.principal))
        write_private(folder / f"{name}.cbor", cbor.encode([fault.code, fault.principal, mine, encode_entries(served)]))
        write_private(folder / f"{name}.txt", f"{TEXTS[fault.code]}\n{ADVICE}\n".encode())
        return fault
