"""Clients of several organisations at hubs that keep a diary of everything."""

from tests.client.conftest import clients, connect, terms

__all__ = ["clients", "connect", "terms"]
