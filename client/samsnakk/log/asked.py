"""A question to the hub about its log, on its way, and how often one is asked."""

from dataclasses import dataclass
from typing import Final

from crypto.hashing import Digest
from protocol.global_log import SignedCheckpoint

LOOK: Final = 1.0
"""Seconds between looks at whether something should be asked."""
SOON: Final = 1.0
"""Seconds between questions while something new is not shown yet."""
AGAIN: Final = 10.0
"""Seconds until a checkpoint that could not be followed from the last one is asked about."""
ROUND: Final = 60.0
"""Seconds between questions while nothing is new."""


@dataclass(slots=True)
class Asked:
    """From which checkpoints the log must go on, the pinned one first; about which streams."""

    request_id: bytes
    anchors: tuple[SignedCheckpoint, ...]
    names: tuple[Digest, ...]
    at: float
