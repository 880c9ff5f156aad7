"""Who states what in a person's key stream: the organisation's node for staff, a user's own root for a user."""

from collections.abc import Sequence
from typing import Protocol

from crypto.hashing import Digest
from crypto.key_statements import KeyFact, KeyStatement, SignedStatement, sign_statement
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import extend
from crypto.signing import SigningKey

DEVICE_LIFE = 2 * 365 * 24 * 60 * 60 * 1000
"""How long a certificate is asked for, milliseconds; an organisation may give a shorter one."""


class Issuer(Protocol):
    """Signs statements that continue a person's key stream."""

    async def state(self, state: KeyStreamState, facts: Sequence[KeyFact], at: int) -> tuple[SignedStatement, ...]:
        """The new statements only, in order; `at` is UTC milliseconds. Raises `Refused` where the issuer says no."""


class OwnRoot:
    """A user or relative, who certifies her own devices with the root seed from her keyring."""

    def __init__(self, root: SigningKey) -> None:
        self._root = root

    async def state(self, state: KeyStreamState, facts: Sequence[KeyFact], at: int) -> tuple[SignedStatement, ...]:
        """As `Issuer.state`."""
        return signed_statements(self._root, state, facts, at)


def signed_statements(
    root: SigningKey, state: KeyStreamState, facts: Sequence[KeyFact], at: int
) -> tuple[SignedStatement, ...]:
    """The statements that put `facts` behind `state`, signed by the issuer's root."""
    made: list[SignedStatement] = []
    for fact in facts:
        statement = KeyStatement(
            deployment=state.deployment,
            principal=state.principal,
            n=state.n + 1,
            previous=Digest(state.head),
            fact=fact,
            issuer=state.owner,
            issued_at=max(at, state.issued_at),
        )
        made.append(sign_statement(root, statement))
        state = extend(state, made[-1], {state.owner: root.public})
    return tuple(made)
