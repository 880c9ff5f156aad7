"""The first keys of somebody who stands under a root of their own: a user, a relative."""

from dataclasses import dataclass, field
from typing import Final

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
from samsnakk.profile import Identity, Secrets

VALIDITY: Final = 10 * 366 * 24 * 60 * 60 * 1000
"""How long the certificate for one's own device holds, milliseconds. A lost one is revoked before."""
BACKDATED: Final = 60 * 60 * 1000
"""The first statements are dated an hour back, so that no hub's clock finds them not yet valid; milliseconds."""
_SEED: Final = 32


@dataclass(slots=True)
class OwnKeys:
    """Root, KEM key and one device, made afresh; all secret until they are in a keyring."""

    deployment: DeploymentId
    root: bytes = field(default_factory=lambda: random_bytes(_SEED), repr=False)
    kem: bytes = field(default_factory=lambda: random_bytes(_SEED), repr=False)
    signing: bytes = field(default_factory=lambda: random_bytes(_SEED), repr=False)
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
