"""Signed read requests: who reads, as whom and what for. They end up, as signed, in the access log."""

from dataclasses import dataclass, field

from crypto import labels
from crypto.random import new_id
from crypto.signing import SigningKey
from domain.access.events import Purpose
from domain.ids import DeviceId, OrganisationId, PrincipalId
from protocol.acts import Place
from protocol.requests import ReadRequest, sign_request
from samsnakk.clock import HubClock
from samsnakk.coverage import Asked


@dataclass(frozen=True, slots=True)
class Reader:
    """In whose name a channel is read, and what for."""

    place: Place
    person: PrincipalId
    device: DeviceId
    organisation: OrganisationId | None
    role: PrincipalId | None
    purpose: Purpose
    signing_key: SigningKey = field(repr=False)
    clock: HubClock = field(repr=False)
    label: labels.Label = labels.READ_REQUEST
    """What requests are signed under; a node has a label of its own."""

    @property
    def principal(self) -> PrincipalId:
        """The principal that reads: the role if acting for one, else the person."""
        return self.role or self.person

    def ask(self, action: str) -> Asked:
        """A fresh request for one door."""
        request = ReadRequest(
            place=self.place,
            person=self.person,
            device=self.device,
            organisation=self.organisation,
            role=self.role,
            purpose=self.purpose,
            threads=(),
            request_id=new_id(),
            made_at=self.clock.now(),
            action=action,
        )
        return Asked(request, sign_request(request, self.signing_key, self.label))
