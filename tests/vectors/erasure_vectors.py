"""Vectors of erasing: a decision of two, everything that is none, and what a node signs when it has done it."""

from typing import Any

from crypto.labels import NODE_READ_REQUEST
from crypto.signing import sign
from domain.channel import events as e
from domain.ids import Digest, Version
from tests.crypto.fixed import some_bytes, some_id
from tests.protocol.erasures import NODE, NODE_KEY, VAULT, decided, proposal, with_desk, word
from tests.protocol.keyholders import ANNA, BERIT, IDA, MALLORY
from tests.protocol.reading import after
from tests.protocol.small_channel import AFTER_BERIT
from tests.protocol.stream_builder import PLACE, Story
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, channel_story, finished, in_hex

WHOLE = list(range(1, 28))
BEFORE = [*WHOLE[:3], -4, *WHOLE[4:24]]
GONE = [-AFTER_BERIT, 26, 27]


def _case(name: str, serve: list[Any], reader: bytes = ANNA.principal) -> Case:
    items = [one if isinstance(one, int) else in_hex(one) for one in serve]
    return {"name": name, "reader": reader.hex(), "serve": items}


def erasures(_standing: Standing) -> list[Case]:
    """Version 25 of channel.json is erased: 28 a colleague joins, 29 the proposal, 30 the approval."""
    story = decided(of=channel_story())
    more: list[Any] = story.items()[WHOLE[-1] :]
    done = after(story, story.hub_act(e.CopyErased(Version(30), None, None), thread=0))
    return finished(
        "erasures.json",
        [
            _case("decided by two", [*BEFORE, *GONE, *more]),
            _case("decided by two, to the user", [*BEFORE, *GONE, *more], IDA.principal),
            _case("confirmed by the hub", [*BEFORE, *GONE, *more, done]),
            _case("proposed by one", [*BEFORE, *GONE, *more[:2]]),
            _case("decided by nobody", [*BEFORE, *GONE]),
            *_wrong(more[0]),
        ],
    )


def _wrong(joined: Any) -> list[Case]:
    story, bare = with_desk(channel_story()), with_desk(channel_story())
    record = story.record(story.signed(ANNA, proposal(AFTER_BERIT), 0))
    proposed = story.item(record.version)
    approval = e.ErasureApproved(Version(29))
    decisions = {
        "approved by who proposed it": story.signed(ANNA, approval, 0),
        "approved by another organisation": story.signed(BERIT, approval, 0),
        "approved by a colleague who is not in the thread": story.signed(MALLORY, approval, 0),
        "approved by the user": story.signed(IDA, approval, 0),
        "decided by the hub": story.hub_act(approval, thread=0),
        "confirmed before it is decided": story.hub_act(e.CopyErased(Version(29), None, None), thread=0),
    }
    proposals = {
        "of another organisation's message": proposal(22),
        "of who joined": proposal(2),
        "of a key": proposal(7),
        "of a message named twice": proposal(AFTER_BERIT, AFTER_BERIT),
        "of messages out of order": proposal(AFTER_BERIT, 8),
        "of what is nowhere": proposal(99),
    }
    served: list[Any] = [*WHOLE, joined]
    return [
        *(_case(name, [*served, proposed, after(story, act)]) for name, act in decisions.items()),
        *(_case(name, [*served, after(bare, bare.signed(ANNA, one, 0))]) for name, one in proposals.items()),
    ]


def node_words(_standing: Standing) -> list[Case]:
    story = decided(of=channel_story())
    good = _word_case("a node has erased what was decided", story)
    changed: dict[str, Case] = {
        "of another channel": {"channel": some_id("other").hex()},
        "of another thread": {"thread": 1},
        "of another decision": {"ref": 29},
        "of another vault": {"vault": some_id("other").hex()},
        "by another device": {"device": some_id("other").hex()},
        "after another history": {"head": some_bytes("other").hex()},
        "of another number": {"held": 2},
        "at another time": {"at": 5_001},
        "under another key": {"public_key": MALLORY.signing.public.hex()},
        "without a signature": {"signature": bytes(64).hex()},
        "signed as a request": {"signature": sign(NODE_KEY, NODE_READ_REQUEST, b"").hex()},
    }
    return finished("node_words.json", [good, *({**good, "name": name, **one} for name, one in changed.items())])


def _word_case(name: str, story: Story) -> Case:
    said = word(story)
    return {
        "name": name,
        "deployment": PLACE.deployment.hex(),
        "channel": PLACE.channel.hex(),
        "thread": 0,
        "ref": story.version,
        "head": Digest(said.head).hex(),
        "vault": VAULT.hex(),
        "device": NODE.hex(),
        "held": said.held,
        "at": said.at,
        "public_key": NODE_KEY.public.hex(),
        "signature": said.signature.hex(),
    }


FILES = {
    "erasures.json": (
        "Readers of channel.json, as in channel_served.json: a message is erased.",
        erasures,
    ),
    "node_words.json": ("What an organisation's node signs when it has erased what was decided.", node_words),
}
