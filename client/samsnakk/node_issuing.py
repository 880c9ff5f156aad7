"""The organisation's node as issuer of a member of staff's key stream: each fact is a wish of the device.

A certificate, for this device or for another one, also wants a fresh sign-in of the same person; all the rest a device
that has a certificate may wish for by itself, because whoever has lost a phone must not wait.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from crypto.hashing import Digest
from crypto.key_statements import (
    DeviceCertified,
    DeviceRevoked,
    KeyFact,
    KeyringSealed,
    KeyVersionAdded,
    PrincipalEnded,
    SignedStatement,
)
from crypto.key_stream_states import KeyStreamState
from domain.ids import DeviceId
from protocol.node_requests import (
    Admit,
    Certify,
    EndPrincipal,
    Renew,
    RevokeDevice,
    Rotate,
    SealKeyring,
    Wish,
)
from samsnakk.enrolling import Desk, Enrolled
from samsnakk.errors import Refused, SomebodyElseSignedIn
from samsnakk.profile import Unlocked

Use: TypeAlias = Callable[[str], Awaitable[Enrolled]]
SignIn: TypeAlias = Callable[[Use], Awaitable[Enrolled]]
"""Has the person sign in at the node, uses the ticket that comes of it (good for one wish), and gives the answer."""
_NO_ORGANISATION: Final = "another_organisation"


class NodeIssuer:
    """The node behind `desk`. See `samsnakk.issuing.Issuer`."""

    def __init__(self, desk: Desk, sign_in: SignIn) -> None:
        self._desk: Final = desk
        self._sign_in: Final = sign_in

    async def state(self, state: KeyStreamState, facts: Sequence[KeyFact], at: int) -> tuple[SignedStatement, ...]:
        """As `Issuer.state`; `at` and the end of a certificate are the node's to say.

        Raises:
            Refused: the node does not do it; `code` says why.
            Disconnected: the node cannot be reached.
            SomebodyElseSignedIn: the sign-in was another person's.
            SubstitutedKey: what came back is not signed by the organisation's pinned root.

        """
        del at
        wish = wish_for(facts, self._desk.device)

        async def use(ticket: str) -> Enrolled:
            return await self._desk.ask(wish, ticket=ticket)

        got = await (self._sign_in(use) if isinstance(wish, Certify | Admit) else use(""))
        if got.person != state.principal:
            raise SomebodyElseSignedIn
        return got.entries[state.n :]


def wish_for(facts: Sequence[KeyFact], device: DeviceId) -> Wish:
    """The one wish of `device` that brings just these facts. Raises `Refused` where there is none."""
    match list(facts):
        case [DeviceCertified(of, key)] if of == device:
            return Certify(key, None)
        case [DeviceCertified(of, key)]:
            return Admit(DeviceId(of), key)
        case [DeviceRevoked(of)]:
            return RevokeDevice(DeviceId(of))
        case [KeyringSealed(keyring_hash)]:
            return SealKeyring(Digest(keyring_hash))
        case [KeyVersionAdded(version, (kem,))]:
            return Rotate(version, kem)
        case [KeyVersionAdded(version, (kem,)), KeyringSealed(keyring_hash)]:
            return Renew(version, kem, Digest(keyring_hash))
        case [PrincipalEnded()]:
            return EndPrincipal()
        case _:
            raise Refused("another_wish", "node")


def desk_of(unlocked: Unlocked, url: str) -> Desk:
    """This profile's device at the node with that address. Raises `Refused` for who works for no organisation."""
    who = unlocked.identity
    if who.organisation is None:
        raise Refused(_NO_ORGANISATION, "node")
    return Desk(url, unlocked.trust, who.organisation, who.device, unlocked.signing_key)
