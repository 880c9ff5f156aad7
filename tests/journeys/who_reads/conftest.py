"""The node journeys' world: people leave it for good, so it is a module's own."""

from tests.journeys.node.conftest import clients, connect, house, hub, terms, world

__all__ = ["clients", "connect", "house", "hub", "terms", "world"]
