"""Whose principal somebody who signs in is: a device of that principal says so, once."""

from typing import Final

from domain.ids import PrincipalId
from protocol.directory import Directory
from protocol.errors import DeviceNotValid
from protocol.requests import MAX_AGE
from protocol.session_binding import device_of_binding, verify_binding
from protocol.sign_in import Audience
from protocol.speaking_now import verify_speaks_now
from service.errors import StaleRequest
from service.handle.hub_acts import now
from service.identity.errors import SomebodyElse
from service.identity.sessions import Session
from service.store.sessions import SessionStore


class Bindings:
    """Ties sessions to principals."""

    def __init__(self, store: SessionStore, directory: Directory) -> None:
        self._store: Final = store
        self._directory: Final = directory

    async def bind(self, session: Session, signed: bytes) -> PrincipalId:
        """Bind who is signed in to the device's owner; the same again is no harm.

        Raises:
            StepUpNeeded: for a first binding the login is too old.
            SomebodyElse: they are bound to another principal, or a staff login meets a user's device or the other way.
            StaleRequest: made for another session or deployment, or too old.
            ForgedRecord, MalformedFrame, UnknownDevice, DeviceNotValid: not signed by a device that holds now.
            StoreError: not (known to be) stored.

        """
        device = device_of_binding(signed)
        key, _ = self._directory.signer(device)
        binding, at = verify_binding(signed, key), now()
        if binding.session != session.id or binding.deployment != self._directory.deployment:
            raise StaleRequest("another session")
        if abs(at - binding.made_at) > MAX_AGE:
            raise StaleRequest
        if self._directory.owner(device) != binding.person:
            raise DeviceNotValid
        verify_speaks_now(self._directory, device, at)
        certificates = self._directory.state(binding.person).certificates_of(device)
        audience = Audience.USER if certificates[-1].organisation is None else Audience.STAFF
        if session.row.audience != audience.value:
            raise SomebodyElse("a staff device goes with a staff login, a user's with a user's")
        if session.row.principal is None:
            session.require_fresh()
        bound = await self._store.bind(session.row.subject, binding.person, signed, at)
        if bound != binding.person:
            raise SomebodyElse
        return binding.person
