"""May a device ask for something now? For doors that are knocked at; what is recorded is judged by its place."""

from crypto import key_streams
from domain.ids import DeviceId, Millis
from protocol.directory import Directory, nodes_of
from protocol.errors import DeviceNotValid, UnknownKey


def verify_speaks_now(directory: Directory, device: DeviceId, at: Millis) -> None:
    """Check that the device is certified, by an issuer whose newest root has said that it still counts.

    Raises:
        UnknownDevice: nobody certified it.
        DeviceNotValid: no certificate of it holds at `at`.
        UnknownKey: its organisation's root was replaced, and the new one has not spoken in its stream yet.

    """
    if not directory.is_certified(device, at):
        raise DeviceNotValid
    state = directory.state(directory.owner(device))
    holding = (c for c in (*state.certificates_of(device), *nodes_of(state, device)) if c.holds_at(at))
    issuers = {state.owner if c.organisation is None else c.organisation for c in holding}
    if not any(key_streams.in_force(state, issuer, directory.roots.lines) for issuer in issuers):
        raise UnknownKey("not kept by the newest root")
