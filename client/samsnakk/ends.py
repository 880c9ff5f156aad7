"""What a follower is told besides the hub's frames, and what it works with."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from samsnakk.connection import Connection
from samsnakk.kept import Kept
from samsnakk.key_finding import KeyFinder
from samsnakk.plans import Plan


class Signal(Enum):
    """What the follower is told besides the hub's frames."""

    CONNECTED = "connected"
    LOST = "lost"
    SUBSCRIBE = "subscribe"
    LOOK_AGAIN = "look again"
    NEW_KEYS = "new keys"


@dataclass(frozen=True, slots=True)
class Ends:
    """What a follower works with."""

    connection: Connection
    finder: KeyFinder
    kept: Kept
    evidence: Path
    submit: Callable[[Plan], None]
