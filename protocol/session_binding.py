"""A device says: this session is mine. So whoever signs in is tied to the principal that the device speaks for."""

from dataclasses import dataclass

from crypto import cbor, labels, signing
from crypto.errors import BadKey, BadSignature, Malformed
from crypto.shapes import array, blob, digest, identifier, whole
from domain.ids import DeploymentId, DeviceId, Digest, Millis, PrincipalId
from protocol.acts import PROTOCOL, SIGNATURE, SIGNER
from protocol.errors import ForgedRecord, MalformedFrame

MAX_BINDING = 1024
_FIELDS = 6


@dataclass(frozen=True, slots=True)
class SessionBinding:
    """Which session (the hash the hub calls it by) is whose, in which deployment; said by `device` at `made_at`."""

    deployment: DeploymentId
    session: Digest
    person: PrincipalId
    device: DeviceId
    made_at: Millis


def sign_binding(binding: SessionBinding, key: signing.SigningKey) -> bytes:
    """The statement as it travels: CBOR [statement bytes, signer ‖ signature]."""
    b = binding
    body = cbor.encode([PROTOCOL, b.deployment, b.session, b.person, b.device, b.made_at])
    return cbor.encode([body, b.device + signing.sign(key, labels.SESSION_BINDING, body)])


def device_of_binding(encoded: bytes) -> DeviceId:
    """The device that says it signed. Raises `MalformedFrame`."""
    return DeviceId(_open(encoded)[1][:SIGNER])


def verify_binding(encoded: bytes, public_key: bytes) -> SessionBinding:
    """The statement, once its signature holds under the device's `public_key`.

    Raises:
        ForgedRecord: the signature does not fit.
        MalformedFrame: the signed bytes are no such statement.

    """
    body, signature = _open(encoded)
    try:
        signing.verify(public_key, labels.SESSION_BINDING, body, signature[SIGNER:])
    except (BadSignature, BadKey):
        raise ForgedRecord("session binding") from None
    binding = _read(body)
    if binding.device != signature[:SIGNER]:
        raise ForgedRecord("session binding signed by another device")
    return binding


def _open(encoded: bytes) -> tuple[bytes, bytes]:
    try:
        body, signature = array(cbor.decode(encoded, max_size=MAX_BINDING), 2)
        if len(blob(signature)) == SIGNATURE:
            return blob(body), blob(signature)
    except Malformed:
        raise MalformedFrame("session binding") from None
    raise MalformedFrame("session binding")


def _read(body: bytes) -> SessionBinding:
    try:
        protocol, deployment, session, person, device, made_at = array(cbor.decode(body, max_size=MAX_BINDING), _FIELDS)
        whole(protocol, PROTOCOL, PROTOCOL)
        return SessionBinding(
            DeploymentId(identifier(deployment)),
            Digest(digest(session)),
            PrincipalId(identifier(person)),
            DeviceId(identifier(device)),
            Millis(whole(made_at)),
        )
    except Malformed:
        raise MalformedFrame("session binding") from None
