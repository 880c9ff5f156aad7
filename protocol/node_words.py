"""What an organisation's node signs besides requests: that it has erased what a decision names from its copy."""

from dataclasses import dataclass
from typing import Any, Final

from crypto import cbor, labels, signing
from crypto.errors import BadKey, BadSignature, CryptoError
from crypto.shapes import array, digest, exactly, identifier, whole
from domain.channel.erasing import NodeWord
from domain.channel.events import CopyErased
from domain.ids import ChannelId, DeploymentId, DeviceId, Digest, Millis, PrincipalId, ThreadNo, Version
from protocol.acts import PROTOCOL, Place
from protocol.directory import Directory, nodes_of
from protocol.errors import ForgedRecord, ForkedHistory, MalformedFrame

MAX_WORD: Final = 512
_FIELDS: Final = 9
_SIGNATURE: Final = 64


@dataclass(frozen=True, slots=True)
class Wording:
    """What the word is about: which decision, of which thread, and in whose copy."""

    place: Place
    thread: ThreadNo | None
    ref: Version
    vault: PrincipalId


def _said(about: Wording, device: bytes, head: bytes, held: int, at: int) -> bytes:
    place = about.place
    return cbor.encode(
        [PROTOCOL, place.deployment, place.channel, about.thread, about.ref, head, about.vault, device, held, at]
    )


def encode_word(about: Wording, word: NodeWord) -> bytes:
    """The word as it travels to the hub: CBOR [channel, thread, ref, vault, device, head, held, at, signature]."""
    where: list[Any] = [about.place.channel, about.thread, about.ref, about.vault]
    return cbor.encode([*where, word.device, word.head, word.held, word.at, word.signature])


def parse_word(data: bytes, deployment: DeploymentId) -> tuple[Wording, NodeWord]:
    """The word as it came; nothing of it is believed yet.

    Raises:
        MalformedFrame: not such a word.

    """
    try:
        fields = array(cbor.decode(data, max_size=MAX_WORD), _FIELDS)
        channel, vault, device = (identifier(fields[place]) for place in (0, 3, 4))
        thread, ref, held, at = (whole(fields[place]) for place in (1, 2, 6, 7))
        head, signature = digest(fields[5]), exactly(fields[8], _SIGNATURE)
    except CryptoError:
        raise MalformedFrame("a node's word") from None
    place = Place(deployment, ChannelId(channel))
    about = Wording(place, ThreadNo(thread), Version(ref), PrincipalId(vault))
    return about, NodeWord(device, Digest(head), held, Millis(at), signature)


def sign_word(
    about: Wording, device: DeviceId, head: Digest, held: int, at: Millis, key: signing.SigningKey
) -> NodeWord:
    """The node's word. `head`: of the channel at the decision; `held`: messages of it that lay in the copy."""
    signature = signing.sign(key, labels.NODE_ERASED, _said(about, device, head, held, at))
    return NodeWord(device, head, held, at, signature)


def verify_word(about: Wording, word: NodeWord, directory: Directory) -> None:
    """Check that a node of that vault signed it.

    Whether its certificate still held is asked when the word is recorded; later it would change what was recorded.

    Raises:
        ForgedRecord: no node of the vault signed this.
        UnknownKey: the vault's key stream is not known here yet.

    """
    nodes = nodes_of(directory.state(about.vault), DeviceId(word.device))
    if not nodes:
        raise ForgedRecord("not the word of a node of that vault")
    verify_signed_word(about, word, nodes[-1].public_key)


def verify_signed_word(about: Wording, word: NodeWord, public_key: bytes) -> None:
    """Check the word under the key of the device that it names. Raises `ForgedRecord`."""
    said = _said(about, word.device, word.head, word.held, word.at)
    try:
        signing.verify(public_key, labels.NODE_ERASED, said, word.signature)
    except (BadSignature, BadKey):
        raise ForgedRecord("not the word of a node of that vault") from None


def verify_decision(event: CopyErased, head: Digest | None) -> None:
    """Check that the node saw the decision that this reader sees. `head`: what this reader has at that version.

    Raises:
        ForkedHistory: it saw another history.

    """
    if event.word is not None and head is not None and event.word.head != head:
        raise ForkedHistory(f"a node saw another decision at {event.ref}")
