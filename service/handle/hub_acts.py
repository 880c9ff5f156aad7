"""What the hub signs itself: access lines, `KeyMoved` and `CopyErased`, a closed list (docs/protocol.md §3)."""

import time
from dataclasses import dataclass

from crypto import labels
from crypto.random import new_command_id
from crypto.signing import SigningKey
from domain.access.events import AccessEvent
from domain.channel.events import HubEvent
from domain.ids import CommandId, DeviceId, EpochNo, Millis, ThreadNo
from protocol.acts import Header, Place, Seen, SignedAct, sign_act


def now() -> Millis:
    """The hub's clock, UTC milliseconds."""
    return Millis(time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True)
class HubSigner:
    """The hub's pinned identity. It can sign lines, key movements and erased copies, never membership or content."""

    device: DeviceId
    key: SigningKey

    def sign(
        self, place: Place, event: AccessEvent | HubEvent, seen: Seen, at: Millis, thread: ThreadNo | None = None
    ) -> tuple[Header, SignedAct]:
        """The act and its parsed header."""
        header = Header(
            place=place,
            thread=thread,
            event=event,
            person=None,
            device=self.device,
            organisation=None,
            role=None,
            membership_version=0,
            epoch=EpochNo(0),
            command_id=CommandId(new_command_id(at)),
            seen=seen,
            claimed_at=at,
            body_hash=None,
        )
        return header, sign_act(header, None, self.key, labels.HUB_ACT)
