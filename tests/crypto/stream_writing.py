"""Writing key streams for tests, the wrong ones too."""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.hashing import Digest
from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import (
    DeviceCertified,
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    sign_statement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import replay
from tests.crypto.fixed import kem_key, signing_key, some_id

DEPLOYMENT = some_id("deployment")
PERSON = some_id("Kari")
NAV, CLINIC, SCHOOL = some_id("NAV"), some_id("clinic"), some_id("school")
ROOTS = {
    NAV: signing_key("NAV").public,
    CLINIC: signing_key("clinic").public,
    PERSON: signing_key("Kari").public,
}
SIGNERS = {NAV: "NAV", CLINIC: "clinic", PERSON: "Kari", SCHOOL: "school"}
LATER = 10_000

STAFF = PrincipalFounded(PrincipalKind.PERSON, NAV)
USER = PrincipalFounded(PrincipalKind.PERSON, None)
ROLE = PrincipalFounded(PrincipalKind.ROLE, NAV)
VAULT = PrincipalFounded(PrincipalKind.VAULT, NAV)


@dataclass(frozen=True, slots=True)
class Said:
    """One statement to be: what, by whom, when; `n` and `previous` only where they are to be wrong."""

    fact: KeyFact
    issuer: bytes = NAV
    issued_at: int = 1000
    n: int | None = None
    previous: Digest | None = None
    signer: str | None = None
    deployment: bytes = DEPLOYMENT
    principal: bytes = PERSON


def written(*said: Said) -> list[SignedStatement]:
    """The stream of these statements, chained as they should be unless they say otherwise."""
    head, entries = genesis_head(DEPLOYMENT, PERSON), []
    for n, one in enumerate(said, start=1):
        statement = KeyStatement(
            deployment=one.deployment,
            principal=one.principal,
            n=n if one.n is None else one.n,
            previous=head if one.previous is None else one.previous,
            fact=one.fact,
            issuer=one.issuer,
            issued_at=one.issued_at,
        )
        entry = sign_statement(signing_key(one.signer or SIGNERS[one.issuer]), statement)
        entries.append(entry)
        head = next_head(head, entry)
    return entries


def read(entries: Sequence[SignedStatement]) -> KeyStreamState:
    return replay(DEPLOYMENT, PERSON, entries, ROOTS)


def state_of(*said: Said) -> KeyStreamState:
    return read(written(*said))


def certified(device: str, organisation: bytes | None = NAV, *, key: str = "", until: int = LATER) -> DeviceCertified:
    return DeviceCertified(some_id(device), signing_key(key or device).public, organisation, until)


def version(number: int, *names: str) -> KeyVersionAdded:
    return KeyVersionAdded(number, tuple(kem_key(name).public for name in names or (f"version {number}",)))
