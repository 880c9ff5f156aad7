"""Requests that a device signs for one door: made by it, just now, for this."""

from domain.ids import DeviceId
from protocol.directory import Directory
from protocol.errors import DeviceNotValid
from protocol.readers import is_node, signed_request, verify_reader
from protocol.requests import MAX_AGE, ReadRequest
from protocol.speaking_now import verify_speaks_now
from service.errors import StaleRequest
from service.handle.hub_acts import now


def verified_request(
    signed: bytes, action: str, directory: Directory, device: DeviceId | None = None, *, nodes: bool = False
) -> ReadRequest:
    """The request, once everything about it holds.

    Args:
        signed: as received.
        action: the door it must be made for.
        directory: certified keys.
        device: the connection's device, where there is one.
        nodes: whether the door is also for organisations' nodes.

    Raises:
        ForgedRecord, MalformedFrame: not signed by that device.
        StaleRequest: too old, in the future, or made for another door.
        UnknownDevice, DeviceNotValid: the device does not speak for that person, organisation or role now.

    """
    request = signed_request(signed, directory)
    at = now()
    if device is not None and request.device != device:
        raise StaleRequest("another device")
    if request.action != action or abs(at - request.made_at) > MAX_AGE:
        raise StaleRequest
    if request.place.deployment != directory.deployment:
        raise StaleRequest("another deployment")
    verify_reader(request, directory, at)
    verify_speaks_now(directory, request.device, at)
    if not nodes and is_node(request.device, directory):
        raise DeviceNotValid
    return request
