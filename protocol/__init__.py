"""The language both ends speak, pure: acts, records, frames, error codes, replay (steps 1 and 5 of 5, at both ends).

Nothing here does I/O, asks the time or draws randomness. The hub and every client import the same code, so what the
hub records is exactly what the clients check.
"""
