"""Certificates of devices and nodes: for whom, from when, until when, and what may follow them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.errors import BadChain
from crypto.shapes import Id
from crypto.signing import PublicKey


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """One certificate. Times in ms since 1970; `revoked_n` is the number of the statement that revoked it."""

    device: Id
    public_key: PublicKey
    organisation: Id | None
    certified_at: int
    valid_until: int
    revoked_at: int | None = None
    revoked_n: int | None = None

    def holds_at(self, recorded_at: int, entered: int | None = None) -> bool:
        """Whether an act recorded at this time may rest on the certificate.

        `entered`: how many statements of the stream were known where the act was recorded. A revocation counts from
        there on, so that an act recorded in good faith before the news arrived stays valid. None: all are known.
        """
        if not self.certified_at <= recorded_at < self.valid_until:
            return False
        if self.revoked_at is None or self.revoked_n is None:
            return True
        return recorded_at < self.revoked_at if entered is None else entered < self.revoked_n


def verify_new(certificate: DeviceCertificate, earlier: Sequence[DeviceCertificate]) -> None:
    """Check that it may follow the same device's `earlier` ones. Raises `BadChain`."""
    if certificate.valid_until <= certificate.certified_at:
        raise BadChain("a certificate that has already ended")
    for one in earlier:
        if one.public_key != certificate.public_key:
            raise BadChain("a device keeps its signing key for life")
        if one.organisation == certificate.organisation and one.revoked_at is not None:
            raise BadChain("a revoked device does not come back")
