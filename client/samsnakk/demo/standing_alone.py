"""A root of one's own: the first keys of a relative, and a second device of whoever has such a root."""

from dataclasses import dataclass, field

from crypto.kem import KemKey
from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import (
    DeviceCertified,
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    OwnRootFounded,
    SignedStatement,
    sign_statement,
)
from crypto.own_roots import own_id
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.ids import DeploymentId, DeviceId, Millis, PrincipalId
from protocol.directory import Directory
from samsnakk.arrival.arriving import BACKDATED, VALIDITY
from samsnakk.demo.authority import SEED
from samsnakk.issuing import signed_statements
from samsnakk.profile import Identity, Secrets, Unlocked


@dataclass(slots=True)
class OwnKeys:
    """Fresh keys of somebody who stands under a root of their own, with one device."""

    deployment: DeploymentId
    root: bytes = field(default_factory=lambda: random_bytes(SEED), repr=False)
    kem: bytes = field(default_factory=lambda: random_bytes(SEED), repr=False)
    signing: bytes = field(default_factory=lambda: random_bytes(SEED), repr=False)
    device: DeviceId = field(default_factory=lambda: DeviceId(new_id()))

    @property
    def person(self) -> PrincipalId:
        """Who that is: the hash of the root."""
        return PrincipalId(own_id(self.deployment, SigningKey.from_seed(self.root).public))

    @property
    def identity(self) -> Identity:
        """For the profile."""
        return Identity(self.person, self.device, None)

    @property
    def secrets(self) -> Secrets:
        """For the profile."""
        return Secrets(self.signing, {1: self.kem}, {}, self.root)

    def stream(self, now: Millis) -> tuple[SignedStatement, ...]:
        """The key stream: root, KEM key, device."""
        at, root = Millis(now - BACKDATED), SigningKey.from_seed(self.root)
        facts: list[KeyFact] = [
            OwnRootFounded(root.public),
            KeyVersionAdded(1, (KemKey.from_seed(self.kem).public,)),
            DeviceCertified(self.device, SigningKey.from_seed(self.signing).public, None, at + VALIDITY),
        ]
        head, made = genesis_head(self.deployment, self.person), []
        for n, fact in enumerate(facts, 1):
            made.append(
                sign_statement(root, KeyStatement(self.deployment, self.person, n, head, fact, self.person, at))
            )
            head = next_head(head, made[-1])
        return tuple(made)


def with_second_device(
    unlocked: Unlocked, entries: tuple[SignedStatement, ...], device: DeviceId, seed: bytes, now: Millis
) -> tuple[SignedStatement, ...]:
    """The key stream with another device of the same person, signed by her own root. Raises `SubstitutedKey`."""
    state = Directory(unlocked.trust).add(unlocked.identity.person, entries)
    root = SigningKey.from_seed(unlocked.ring.root_seed or b"")
    certified = DeviceCertified(device, SigningKey.from_seed(seed).public, None, now + VALIDITY)
    return (*entries, *signed_statements(root, state, [certified], now))
