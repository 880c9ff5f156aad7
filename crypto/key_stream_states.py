"""What a key stream says after some of its statements: certificates, keys, eligibility, and under which roots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from crypto.certificates import DeviceCertificate
from crypto.hashing import Digest
from crypto.kem import KemPublic
from crypto.key_statements import PrincipalKind
from crypto.shapes import Id
from crypto.signing import PublicKey

_NOBODY: Mapping[Id, PublicKey] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may act for a role from statement `n`, at `issued_at` (ms), until the next one."""

    n: int
    issued_at: int
    people: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class Charged:
    """Who has a duty from statement `n`, at `issued_at` (ms), until the next one about the same duty."""

    duty: str
    n: int
    issued_at: int
    people: tuple[Id, ...]


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of the principal's KEM key, current from `issued_at` (ms) until the next version."""

    version: int
    kem: tuple[KemPublic, ...]
    kem_hash: Digest
    issued_at: int
    struck: bool = False
    """Stated under a root that was replaced, and not kept: nobody wraps for it any more."""


@dataclass(frozen=True, slots=True)
class KeyStreamState:
    """What a key stream says after its first `n` statements. Certificates and versions are in order of issue."""

    deployment: Id
    principal: Id
    kind: PrincipalKind
    organisation: Id | None
    n: int
    head: Digest
    issued_at: int
    certificates: tuple[DeviceCertificate, ...] = ()
    nodes: tuple[DeviceCertificate, ...] = ()
    """A vault's: what its organisation's node reads with. Apart from `certificates`, so that no act rests on them."""
    key_versions: tuple[KeyVersion, ...] = ()
    eligibilities: tuple[Eligibility, ...] = ()
    charged: tuple[Charged, ...] = ()
    """A vault's: whom its organisation has charged with what, in order of issue."""
    keyring_hash: Digest | None = None
    ended_at: int | None = None
    root: PublicKey | None = None
    """The root that the principal's id commits to; None where the root is pinned instead."""
    signed_under: Mapping[Id, PublicKey] = field(default_factory=lambda: _NOBODY)
    """The newest root of each issuer that signed here."""
    before: "KeyStreamState | None" = field(default=None, repr=False, compare=False)
    """The state one statement earlier, so that a new root can go back to where the old one was still good."""

    @property
    def eligible(self) -> tuple[Id, ...]:
        """Who may act for this role by its newest statement."""
        return self.eligibilities[-1].people if self.eligibilities else ()

    def eligible_at(self, recorded_at: int, entered: int | None) -> tuple[Id, ...]:
        """Who might act for this role where `entered` statements were known (None: all), at a recorded time (ms)."""
        for one in reversed(self.eligibilities):
            if (one.issued_at <= recorded_at) if entered is None else (one.n <= entered):
                return one.people
        return ()

    def on_duty_at(self, duty: str, recorded_at: int, entered: int | None) -> tuple[Id, ...]:
        """Who had a duty where `entered` statements were known (None: all), at a recorded time (ms)."""
        for one in reversed(self.charged):
            known = (one.issued_at <= recorded_at) if entered is None else (one.n <= entered)
            if one.duty == duty and known:
                return one.people
        return ()

    def on_duty(self, duty: str) -> tuple[Id, ...]:
        """Who has a duty by the newest statement."""
        return next((one.people for one in reversed(self.charged) if one.duty == duty), ())

    @property
    def owner(self) -> Id:
        """Who issues for this principal: its organisation, or a user themselves."""
        return self.principal if self.organisation is None else self.organisation

    def certificates_of(self, device: Id) -> tuple[DeviceCertificate, ...]:
        """All certificates of a device, whether they still hold or not."""
        return tuple(certificate for certificate in self.certificates if certificate.device == device)
