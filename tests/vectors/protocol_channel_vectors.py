"""Vectors of a whole small channel: its records and heads, what honest hubs serve of it, and what dishonest ones do."""

import json
from dataclasses import replace
from typing import Any

from crypto.cbor import decode, encode
from crypto.labels import ACT
from crypto.signing import sign
from domain.access.events import IntervalClosed
from domain.channel import events as e
from domain.channel.terms import KindClass, RosterEntry, VaultRef
from domain.ids import ChannelId, Digest, EpochNo, Millis, PrincipalId, ThreadNo, Version
from protocol.acts import MAX_HEADER, Place, SignedAct, body_hash, sign_act
from protocol.trust import encode_trust
from tests.crypto.fixed import flipped, some_bytes, some_id
from tests.protocol.keyholders import ANNA, ARNE, BERIT, DEPLOYMENT, EXPIRES, HUB_DEVICE, IDA, MALLORY, ROLF, trust
from tests.protocol.reading import after, altered
from tests.protocol.small_channel import AFTER_BERIT, IDAS_QUESTION, begun, joining
from tests.protocol.stream_builder import PLACE, Item, Story, epoch_key
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, channel_story, finished, in_hex, story_of

WHOLE = list(range(1, 28))
SEEN = e.MessagesSeen(Version(25))


def channel(standing: Standing) -> list[Case]:
    story = story_of(standing.get("the records", {}))
    told: Case = {
        "name": "the records",
        "deployment": PLACE.deployment.hex(),
        "channel": PLACE.channel.hex(),
        "stream_secret": some_bytes("stream secret").hex(),
        "items": [in_hex(item) for item in story.items()],
    }
    pinned = {"name": "the trust file", "trust": json.loads(encode_trust(trust()))}
    unsigned = json.loads(encode_trust(trust()))
    unsigned["key_streams"] = [json.loads(json.dumps(unsigned["key_streams"][0]))]
    entry = unsigned["key_streams"][0]["entries"]
    entry[0]["signature"] = entry[1]["signature"]
    small = json.loads(encode_trust(trust(without=[one.principal for one in trust().key_streams])))
    small["hub"]["public_key"] = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    return finished(
        "channel.json",
        [
            pinned,
            {"name": "a trust file with a key stream that no root signed", "trust": unsigned},
            {"name": "a trust file with a hub's key of small order", "trust": small},
            told,
        ],
    )


def served(_standing: Standing) -> list[Case]:
    story = channel_story()
    cases = [*_honest(), *_moved(story), *_hidden(story), *_signed_wrongly(story), *_not_allowed(story)]
    return finished("channel_served.json", [*cases, *_in_another_form(story), *_wrong_keys(story)])


def _case(name: str, serve: list[Any], reader: bytes = ANNA.principal, **more: Any) -> Case:
    items = [one if isinstance(one, int) else in_hex(one) for one in serve]
    return {"name": name, "reader": reader.hex(), "serve": items, **more}


def _stubs(*hidden: int) -> list[int]:
    return [-version if version in hidden else version for version in WHOLE]


def _honest() -> list[Case]:
    rolfs = _stubs(*(v for v in WHOLE if v not in {1, 5, 14, 15, 16, 17, 18}))
    berits = _stubs(3, 4, 6, 7, *range(10, 19), 24, 25, 27)
    berits = _stubs(*(v for v in WHOLE if v not in _BERIT_READS))
    return [
        _case("an honest hub, to a member", _stubs(4)),
        _case("an honest hub, to the user", _stubs(4, 11, 12), IDA.principal),
        _case("an honest hub, to a relative", rolfs, ROLF.principal),
        _case("an honest hub, to who was removed", berits, BERIT.principal),
        _case("an honest hub, filling a stub", _stubs(4, 8), fill=[8, 8, -8]) | {"reader": MALLORY.principal.hex()},
    ]
