"""Does every key an act brings into the channel belong to whom it says? Asked by the hub before recording and by
every client again, so a hub (or a member) that swaps a key is caught by each of them alone."""

from crypto.key_statements import PrincipalKind
from domain.channel.events import CopyErased, KeyMoved, ParticipantJoined, Proposed, UserArrived
from domain.channel.state import Channel
from domain.channel.terms import Standing
from domain.ids import Digest
from protocol.acts import Header
from protocol.directory import Directory, newest_key
from protocol.errors import SubstitutedKey
from protocol.node_words import Wording, verify_word


def verify_keys(header: Header, directory: Directory) -> None:
    """Check the keys named in the header's facts against the certified key streams.

    Raises:
        SubstitutedKey: a key or vault is not the certified one.
        ForgedRecord: what a node is said to have signed was not signed by a node of that vault.
        UnknownKey: a key stream is not known here yet; fetch it and ask again.

    """
    match header.event:
        case UserArrived(user=user, key=key):
            directory.verify_key(user, key, None, PrincipalKind.PERSON)
            if directory.state(user).organisation is not None:
                # An organisation could give its own people new keys; a user's stream is signed by nobody but herself.
                raise SubstitutedKey("not a root of her own")
        case ParticipantJoined() as joined:
            _verify_joined(joined, directory)
        case Proposed(joined=joined):
            _verify_joined(joined, directory)
        case KeyMoved() as moved:
            _verify_moved(moved, directory)
        case CopyErased(holder=holder, word=word) as erased if holder is not None and word is not None:
            verify_word(Wording(header.place, header.thread, erased.ref, holder), word, directory)
        case _:
            pass


def _verify_joined(joined: ParticipantJoined, directory: Directory) -> None:
    kind = PrincipalKind.ROLE if joined.standing is Standing.INBOX else PrincipalKind.PERSON
    directory.verify_key(joined.principal, joined.key, joined.organisation, kind)
    if joined.vault is not None:
        # Without the kind a person could stand on every roster in the vault's place, where nobody looks for people.
        directory.verify_key(joined.vault.principal, joined.vault.key, joined.organisation, PrincipalKind.VAULT)


def _verify_moved(moved: KeyMoved, directory: Directory) -> None:
    if moved.n < 1:
        raise SubstitutedKey("no key stream")
    state = directory.state_at(moved.principal, moved.n)
    if Digest(state.head) != moved.head:
        raise SubstitutedKey("another key stream")
    # Certified once is not enough: an older key may be the very one that was lost.
    if moved.key != newest_key(state):
        raise SubstitutedKey("not the key that the stream says")


def verify_forward(moved: KeyMoved, channel: Channel, directory: Directory) -> None:
    """Check that a movement leads to no older key than the one the channel knows, unless a new root struck that one.

    Raises:
        SubstitutedKey: the movement, true once, is played again to bring back an old key.

    """
    rows = (thread.members.get(moved.principal) for thread in channel.threads.values())
    known = [row.key for row in rows if row is not None]
    known += [v.key for t in channel.threads.values() for v in t.vaults.values() if v.principal == moved.principal]
    if channel.user is not None and channel.user.principal == moved.principal:
        known.append(channel.user.key)
    struck = {key.version for key in directory.state_at(moved.principal, moved.n).key_versions if key.struck}
    if moved.key is not None and any(moved.key.version < k.version and k.version not in struck for k in known):
        raise SubstitutedKey("an older key than before")
