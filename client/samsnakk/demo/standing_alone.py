"""A second device of somebody who stands under a root of their own."""

from crypto.key_statements import DeviceCertified, SignedStatement
from crypto.signing import SigningKey
from domain.ids import DeviceId, Millis
from protocol.directory import Directory
from samsnakk.issuing import signed_statements
from samsnakk.own_keys import VALIDITY
from samsnakk.profile import Unlocked


def with_second_device(
    unlocked: Unlocked, entries: tuple[SignedStatement, ...], device: DeviceId, seed: bytes, now: Millis
) -> tuple[SignedStatement, ...]:
    """The key stream with another device of the same person, signed by her own root. Raises `SubstitutedKey`."""
    state = Directory(unlocked.trust).add(unlocked.identity.person, entries)
    root = SigningKey.from_seed(unlocked.ring.root_seed or b"")
    certified = DeviceCertified(device, SigningKey.from_seed(seed).public, None, now + VALIDITY)
    return (*entries, *signed_statements(root, state, [certified], now))
