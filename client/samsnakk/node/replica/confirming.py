"""Saying that a copy is clean: a node signs for each decision what it has erased, once it is so on its disk."""

from collections.abc import Iterator

from domain.channel.state import Channel
from domain.channel.visibility import in_range
from domain.ids import ChannelId, DeviceId, Digest, Millis, Version
from protocol.node_words import Wording, encode_word, sign_word
from samsnakk.erasing import DecisionStanding, owed_by
from samsnakk.held import Held
from samsnakk.node.replica.reader import VaultReader

Said = set[tuple[ChannelId, Version]]
"""Decisions that this process has spoken about: the hub has its word, and shows it in the channel soon."""


def words_owed(
    reader: VaultReader, held: Held, upto: Version, at: Millis, said: Said
) -> Iterator[tuple[Version, bytes]]:
    """What is to be handed to the hub: the decision's version and the signed word. `upto`: what is on the disk."""
    place = held.replay.place
    for one in owed_by(held.replay.channel, reader.vault):
        head = held.replay.head_at(one.ref)
        if one.ref <= upto and head is not None and (place.channel, one.ref) not in said:
            yield one.ref, _word(reader, held, one, head, at)


def owes_word(reader: VaultReader, held: Held, said: Said) -> bool:
    """Whether a decision of the channel waits for this node's word, so that the channel must stay open."""
    place = held.replay.place
    return any((place.channel, one.ref) not in said for one in owed_by(held.replay.channel, reader.vault))


def _word(reader: VaultReader, held: Held, one: DecisionStanding, head: Digest, at: Millis) -> bytes:
    about = Wording(held.replay.place, one.thread, one.ref, reader.vault)
    device, key = DeviceId(reader.unlocked.identity.device), reader.unlocked.signing_key
    could_hold = _could_hold(held.replay.channel, one, reader)
    return encode_word(about, sign_word(about, device, head, could_hold, at, key))


def _could_hold(channel: Channel, one: DecisionStanding, reader: VaultReader) -> int:
    thread = channel.threads[one.thread]
    return sum(in_range(thread, reader.vault, target) for target in one.decision.proposal.targets)
