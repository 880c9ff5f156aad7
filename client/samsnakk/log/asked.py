"""A question to the hub about its log, on its way."""

from dataclasses import dataclass

from crypto.hashing import Digest
from protocol.global_log import SignedCheckpoint


@dataclass(slots=True)
class Asked:
    """From which checkpoints the log must go on, the pinned one first; about which streams."""

    request_id: bytes
    anchors: tuple[SignedCheckpoint, ...]
    names: tuple[Digest, ...]
    at: float
