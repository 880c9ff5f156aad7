"""Signing in at the organisation's node from the terminal, through the browser."""

from typing import Final

from samsnakk.enrolling import Enrolled
from samsnakk.node_issuing import SignIn, Use
from samsnakk.node_login import NodeLogin

PATIENCE: Final = 600.0
"""Seconds that a person may take."""
_OPEN: Final = """
Dette må du logge inn for. Åpne denne siden i nettleseren på denne maskinen:

    {address}

Siden skal vise koden {code}. Viser den en annen, så lukk den."""


def sign_in_at(node: str) -> SignIn:
    """How to sign in at the node with that address."""

    async def sign_in(use: Use) -> Enrolled:
        async with NodeLogin(node, use) as login:
            print(_OPEN.format(address=login.address, code=login.code), flush=True)
            return await login.outcome(PATIENCE)

    return sign_in
