"""Putting the hub together and running it: `python -m service.app hub` and `… migrate`."""
