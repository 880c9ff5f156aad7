"""The small channel, in which the clinic decides to erase a message, and its vault's node says that it has."""

from domain.channel import events as e
from domain.channel.erasing import NodeWord
from domain.ids import Digest, Millis, PrincipalId, ThreadNo, Version
from protocol.node_words import Wording, sign_word
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import ANNA, DESK, Keyholder
from tests.protocol.small_channel import AFTER_BERIT, joining, told
from tests.protocol.stream_builder import PLACE, Story

CLINIC = ANNA.organisation
VAULT = PrincipalId(some_id("vault of clinic"))
NODE, NODE_KEY = some_id("node of clinic"), signing_key("node of clinic")


def proposal(*targets: int) -> e.ErasureProposed:
    assert CLINIC is not None
    return e.ErasureProposed(CLINIC, tuple(Version(target) for target in targets), "persons-right", None)


def with_desk(of: Story | None = None) -> Story:
    """Somebody else of the clinic is in thread 0 too."""
    story = of.fork("") if of is not None else told()
    story.record(story.signed(ANNA, joining(DESK), 0))
    return story


def decided(
    target: int = AFTER_BERIT, first: Keyholder = ANNA, second: Keyholder = DESK, of: Story | None = None
) -> Story:
    """Proposed by one, approved by the other; the decision is the newest record."""
    story = with_desk(of)
    story.record(story.signed(first, proposal(target), 0))
    story.record(story.signed(second, e.ErasureApproved(Version(story.version)), 0))
    return story


def served_without(story: Story, *erased: int) -> list[list[object]]:
    """What a hub serves that has destroyed these records' bodies."""
    return [story.stub(v) if v in erased else story.item(v) for v in range(1, story.version + 1)]


def word(story: Story, ref: int | None = None, **changed: object) -> NodeWord:
    """What the clinic's node signs about the decision, by default the newest record."""
    at = story.version if ref is None else ref
    about = Wording(PLACE, ThreadNo(0), Version(at), VAULT)
    made = sign_word(about, NODE, Digest(story.heads[at - 1]), 1, Millis(5_000), NODE_KEY)  # type: ignore[arg-type]
    return type(made)(**{**{name: getattr(made, name) for name in made.__slots__}, **changed})
