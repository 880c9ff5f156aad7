"""What a certified device's wish says, as facts of its person's key stream. Certificates are not among them."""

from crypto.key_statements import DeviceRevoked, KeyFact, KeyringSealed, KeyVersionAdded, PrincipalEnded
from protocol.node_requests import EndPrincipal, Renew, RevokeDevice, Rotate, SealKeyring, Wish


def facts_of(wish: Wish, version: int) -> list[KeyFact]:
    """The facts, to be stated together; none for what a device may not wish by itself.

    `version`: the number that the next key version must have.
    """
    match wish:
        case Rotate(claimed, kem) if claimed == version:
            return [KeyVersionAdded(version, (kem,))]
        case SealKeyring(keyring_hash):
            return [KeyringSealed(keyring_hash)]
        case Renew(claimed, kem, keyring_hash) if claimed == version:
            return [KeyVersionAdded(version, (kem,)), KeyringSealed(keyring_hash)]
        case RevokeDevice(device):
            return [DeviceRevoked(device)]
        case EndPrincipal():
            return [PrincipalEnded()]
        case _:
            return []
