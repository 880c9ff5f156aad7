"""Vectors of sealed bodies beside the headers they are bound to."""

from dataclasses import replace
from typing import Any

from domain.channel.events import EpochOpened, HistoryGranted
from domain.ids import EpochNo, PrincipalId, ThreadNo
from protocol.acts import encode_header
from tests.crypto.fixed import flipped, kem_seed, some_id
from tests.protocol.keyholders import BERIT, IDA
from tests.protocol.small_channel import (
    AFTER_BERIT,
    BERITS_ANSWER,
    EPOCH_OF_ALL,
    EPOCH_WITHOUT_BERIT,
    IDAS_QUESTION,
    part,
    wraps_of,
)
from tests.protocol.stream_builder import Story, epoch_key
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, channel_story, finished, in_hex


def _sealed(story: Story, name: str, version: int, **more: Any) -> Case:
    header, body = part(story, version)
    return {"name": name, "header": encode_header(header).hex(), "body": body.hex(), **more}


def _of_epoch(story: Story) -> list[Case]:
    idas = {"principal": IDA.principal.hex(), "seeds": [kem_seed("Ida 1 ").hex()]}
    officers = [kem_seed("vault of clinic 1 A").hex(), kem_seed("vault of clinic 1 B").hex()]
    vault = {"principal": some_id("vault of clinic").hex(), "seeds": officers}
    berits = {"principal": BERIT.principal.hex(), "seeds": [kem_seed("Berit 1 ").hex()]}
    good = _sealed(story, "an epoch, opened by the user", EPOCH_OF_ALL, **idas)
    header, wraps = part(story, EPOCH_OF_ALL)[0], wraps_of(story, EPOCH_OF_ALL)
    event = header.event
    assert isinstance(event, EpochOpened)
    lies = {
        "beside the header of another thread": replace(header, thread=ThreadNo(2)),
        "beside the header of another committer": replace(header, device=IDA.device),
        "beside the header of another epoch": replace(header, event=replace(event, epoch=EpochNo(9))),
        "beside another roster": replace(header, event=replace(event, roster=event.roster[1:])),
        "another key than the confirmed one": replace(header, event=replace(event, confirmation=bytes(32))),
    }
    broken = {
        "wraps out of order": [*wraps[1:], wraps[0]],
        "a wrap missing": wraps[:-1],
        "broken wraps": [flipped(wrap) for wrap in wraps],
        "no wraps": [None for _ in wraps],
    }
    return [
        good,
        _sealed(story, "an epoch, opened by both key officers", EPOCH_OF_ALL, **vault),
        _sealed(story, "one key officer alone", EPOCH_OF_ALL, **vault | {"seeds": officers[:1]}),
        _sealed(story, "the next epoch, by who was removed", EPOCH_WITHOUT_BERIT, **berits),
        _sealed(story, "an older epoch, by who came later", EPOCH_OF_ALL, **berits),
        *(good | {"name": n, "header": encode_header(replace(lie, core=b"")).hex()} for n, lie in lies.items()),
        *(good | {"name": name, "body": in_hex(other)} for name, other in broken.items()),
        good | {"name": "a byte behind the wraps", "body": good["body"] + "00"},
    ]


def _of_messages(story: Story) -> list[Case]:
    key, granted = epoch_key(0, 2).hex(), "message_key"
    good = _sealed(story, "a message", IDAS_QUESTION, epoch_key=key)
    header, _ = part(story, IDAS_QUESTION)
    own: Any = finished("sealing.json", [good])[0]["output"]
    return [
        good,
        _sealed(story, "a message, by its own key", IDAS_QUESTION, **{granted: own[granted]}),
        _sealed(story, "another message, by that key", BERITS_ANSWER, **{granted: own[granted]}),
        _sealed(story, "what follows a removal, by the key before it", AFTER_BERIT, epoch_key=epoch_key(0, 3).hex()),
        good
        | {
            "name": "a message beside the header of another thread",
            "header": encode_header(replace(header, thread=ThreadNo(1), core=b"")).hex(),
        },
        good | {"name": "a broken message", "body": flipped(bytes.fromhex(good["body"])).hex()},
        good | {"name": "a message with a byte behind", "body": good["body"] + "00"},
        good | {"name": "no message", "body": ""},
    ]


def _of_grants(story: Story) -> list[Case]:
    berits = [kem_seed("Berit 1 ").hex()]
    good = _sealed(story, "a grant", 20, seeds=berits)
    header, _ = part(story, 20)
    assert isinstance(header.event, HistoryGranted)
    other = replace(header, command_id=some_id("other"), core=b"")  # type: ignore[arg-type]
    to_ida = replace(header, event=replace(header.event, recipient=PrincipalId(IDA.principal)), core=b"")
    return [
        good,
        good | {"name": "a grant, by another reader", "seeds": [kem_seed("Ida 1 ").hex()]},
        good | {"name": "a grant beside another act's header", "header": encode_header(other).hex()},
        good | {"name": "a grant beside a header for somebody else", "header": encode_header(to_ida).hex()},
        good | {"name": "a broken grant", "body": flipped(bytes.fromhex(good["body"])).hex()},
    ]


def sealing(_standing: Standing) -> list[Case]:
    story = channel_story()
    return finished("sealing.json", [*_of_epoch(story), *_of_messages(story), *_of_grants(story)])


FILES = {
    "sealing.json": ("Wraps, messages and grants beside the headers they are bound to.", sealing),
}
