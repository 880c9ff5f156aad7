"""Requests that a device signs for one door: made by it, just now, for this."""

from domain.ids import DeviceId
from protocol.directory import Directory, Speaker
from protocol.requests import MAX_AGE, ReadRequest, signer_of, verify_request
from service.errors import StaleRequest
from service.handle.hub_acts import now


def verified_request(signed: bytes, action: str, directory: Directory, device: DeviceId | None = None) -> ReadRequest:
    """The request, once everything about it holds.

    Args:
        signed: as received.
        action: the door it must be made for.
        directory: certified keys.
        device: the connection's device, where there is one.

    Raises:
        ForgedRecord, MalformedFrame: not signed by that device.
        StaleRequest: too old, in the future, or made for another door.
        UnknownDevice, DeviceNotValid: the device does not speak for that person, organisation or role now.

    """
    signer = signer_of(signed)
    key, _ = directory.signer(signer)
    request = verify_request(signed, key)
    at = now()
    if device is not None and request.device != device:
        raise StaleRequest("another device")
    if request.action != action or abs(at - request.made_at) > MAX_AGE:
        raise StaleRequest
    if request.place.deployment != directory.deployment:
        raise StaleRequest("another deployment")
    directory.verify_speaker(Speaker(signer, request.person, request.organisation, request.role), at)
    return request
