"""What the makers of the protocol's vectors share: outcomes, and the one story that the stored wraps belong to."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from crypto.cbor import decode, encode
from crypto.errors import CryptoError
from protocol.acts import parse_header
from protocol.errors import ProtocolError
from protocol.records import Record, read_item
from tests.protocol.small_channel import whole_story
from tests.protocol.stream_builder import Bodies, Story
from tests.vectors.audit_replay import AUDIT_REPLAY
from tests.vectors.crypto_replay import Case, raw
from tests.vectors.protocol_replay import LARGE, REPLAY

Standing = dict[str, Case]
CHANNEL_FILE = Path(__file__).resolve().parent / "channel.json"


def finished(file: str, cases: Iterable[Case]) -> list[Case]:
    """Each case with what comes of it: `output`, or the name of the error in `expect`."""
    return [case | _outcome(file, case) for case in cases]


def _outcome(file: str, case: Case) -> Case:
    try:
        return {"output": {**REPLAY, **AUDIT_REPLAY}[file](case)}
    except (CryptoError, ProtocolError) as error:
        return {"expect": type(error).__name__}


def story_of(records: Case) -> Story:
    """The small channel, with the wraps and grants that stand in `records` as long as they still open."""
    return whole_story(_bodies(records.get("items", ())))


def _bodies(items: Iterable[str]) -> Bodies:
    found: Bodies = {}
    for item in items:
        record = read_item(decode(raw(item), max_size=LARGE))
        if isinstance(record, Record) and record.signed.body is not None:
            found[parse_header(record.signed.header)[0].command_id] = record.signed.body
    return found


@cache
def channel_story() -> Story:
    """The small channel as it stands in `channel.json`."""
    cases = json.loads(CHANNEL_FILE.read_text("utf-8"))["cases"]
    return story_of({case["name"]: case for case in cases}["the records"])


def in_hex(item: Any) -> str:
    """A value as the hex of its encoding."""
    return encode(item).hex()
