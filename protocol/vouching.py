"""Does every key an act brings into the channel belong to whom it says? Asked by the hub before recording and by
every client again, so a hub (or a member) that swaps a key is caught by each of them alone."""

from domain.channel.events import KeyMoved, ParticipantJoined, Proposed, UserArrived
from domain.ids import Digest
from protocol.acts import Header
from protocol.directory import Directory
from protocol.errors import SubstitutedKey, UnknownKey


def verify_keys(header: Header, directory: Directory) -> None:
    """Check the keys named in the header's facts against the certified key streams.

    Raises:
        SubstitutedKey: a key or vault is not the certified one.
        UnknownKey: a key stream is not known here yet; fetch it and ask again.

    """
    match header.event:
        case UserArrived(user=user, key=key):
            directory.verify_key(user, key, None)
        case ParticipantJoined() as joined:
            _verify_joined(joined, directory)
        case Proposed(joined=joined):
            _verify_joined(joined, directory)
        case KeyMoved() as moved:
            _verify_moved(moved, directory)
        case _:
            pass


def _verify_joined(joined: ParticipantJoined, directory: Directory) -> None:
    directory.verify_key(joined.principal, joined.key, joined.organisation)
    if joined.vault is not None:
        directory.verify_key(joined.vault.principal, joined.vault.key, joined.organisation)


def _verify_moved(moved: KeyMoved, directory: Directory) -> None:
    state = directory.state(moved.principal)
    if state.n < moved.n:
        raise UnknownKey
    if state.n == moved.n and Digest(state.head) != moved.head:
        raise SubstitutedKey("another key stream")
    if moved.key is not None:
        directory.verify_key(moved.principal, moved.key, None)
    elif state.ended_at is None:
        raise SubstitutedKey("a key that holds was taken away")
