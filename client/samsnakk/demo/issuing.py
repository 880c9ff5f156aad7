"""The organisations of a demonstration as issuers: they say yes to everything. A node asks for a staff login first."""

from collections.abc import Sequence

from crypto.key_statements import KeyFact, SignedStatement
from crypto.key_stream_states import KeyStreamState
from samsnakk.demo.world import World
from samsnakk.issuing import signed_statements


class DemoIssuer:
    """Signs with whatever root of the world issues for the person. See `samsnakk.issuing.Issuer`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def state(self, state: KeyStreamState, facts: Sequence[KeyFact], at: int) -> tuple[SignedStatement, ...]:
        """The new statements. They live at the hub; the world's own file does not learn of them."""
        return signed_statements(self._world.root_of(state.owner), state, facts, at)
