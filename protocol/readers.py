"""Who may ask to read: a person's device for the person or an inbox, an organisation's node for its vault."""

from crypto import labels
from domain.access.events import Purpose
from domain.ids import DeviceId, Millis
from protocol.directory import Directory, Speaker, nodes_of
from protocol.errors import DeviceNotValid
from protocol.requests import ReadRequest, signer_of, verify_request


def requester(keys: Directory, device: DeviceId) -> tuple[bytes, labels.Label]:
    """The key a device's requests are checked with, and the label: a node signs nothing but requests.

    Raises:
        UnknownDevice: nobody certified it.

    """
    nodes = nodes_of(keys.state(keys.owner(device)), device)
    if nodes:
        return nodes[-1].public_key, labels.NODE_READ_REQUEST
    return keys.signer(device)[0], labels.READ_REQUEST


def signed_request(signed: bytes, keys: Directory) -> ReadRequest:
    """The request, its signature checked; whether its device may ask for this is `verify_reader`'s.

    Raises:
        ForgedRecord, MalformedFrame: not signed by the device it names.
        UnknownDevice: nobody certified it.

    """
    return verify_request(signed, *requester(keys, signer_of(signed)))


def verify_reader(request: ReadRequest, keys: Directory, at: Millis) -> None:
    """Check that the device speaks for the reader at `at`: a node for its organisation's vault, and as archive.

    Raises:
        DeviceNotValid: it does not.
        UnknownDevice, UnknownKey: nothing is known (yet) about the device or role.

    """
    if not is_node(request.device, keys):
        if request.purpose is Purpose.ARCHIVE:
            raise DeviceNotValid
        keys.verify_speaker(Speaker(request.device, request.person, request.organisation, request.role), at)
        return
    vault = keys.state(keys.owner(request.device))
    as_vault = (request.person, request.organisation, request.role) == (vault.principal, vault.organisation, None)
    if not as_vault or request.purpose is not Purpose.ARCHIVE or not keys.is_certified(request.device, at):
        raise DeviceNotValid


def is_node(device: DeviceId, keys: Directory) -> bool:
    """Whether the device is an organisation's node. Raises `UnknownDevice`."""
    return bool(nodes_of(keys.state(keys.owner(device)), device))
