"""The decision table as data, for programs in other languages."""

from dataclasses import replace
from typing import Any, get_args

from crypto.cbor import decode, encode
from crypto.labels import ACT, CHALLENGE, HUB_ACT, READ_REQUEST
from crypto.signing import SigningKey, sign
from domain.access.events import Purpose
from domain.channel.events import EpochOpened, HistoryGranted, MessagePosted, MessagesSeen
from domain.channel.kinds import KIND_OF as CHANNEL_KIND_OF
from domain.channel.kinds import KINDS, Body
from domain.channel.legal_bases import LEGAL_BASES, LEGAL_BASES_VERSION
from domain.channel.permissions import ALLOWED_WHEN_CLOSED, RULES_VERSION, TABLE, Rule
from domain.ids import EpochNo, Millis, PrincipalId, ThreadNo
from protocol import frames
from protocol.acts import MAX_HEADER, SignedAct, body_hash, encode_header, sign_act
from protocol.contents import KnownContent, Text, encode_content
from protocol.facts import KIND_OF
from protocol.requests import ReadRequest, sign_request
from tests.crypto.fixed import flipped, kem_seed, some_bytes, some_id, some_secret
from tests.protocol.examples import example_of
from tests.protocol.keyholders import ANNA, BERIT, HUB_DEVICE, HUB_KEY, IDA, MALLORY
from tests.protocol.small_channel import (
    AFTER_BERIT,
    BERITS_ANSWER,
    EPOCH_OF_ALL,
    EPOCH_WITHOUT_BERIT,
    IDAS_QUESTION,
    part,
    wraps_of,
)
from tests.protocol.stream_builder import PLACE, Story, epoch_key
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, channel_story, finished, in_hex


def permissions(_standing: Standing) -> list[Case]:
    """Who may do what, as data for programs in other languages: each case names what it lists."""

    def row(rule: Rule) -> Case:
        conditions, approvers = [c.value for c in rule.conditions], [a.value for a in rule.approvers]
        return {"actor": rule.actor.value, "conditions": conditions, "approvers": approvers}

    kinds = [[k.name, k.kind_class.value, k.in_thread, k.body.value] for k in KINDS]
    bases = [[basis.code, basis.needs_user] for basis in LEGAL_BASES.values()]
    closed = sorted(CHANNEL_KIND_OF[event].name for event in ALLOWED_WHEN_CLOSED)
    return [
        {"name": "version of the rules", "output": RULES_VERSION},
        {"name": "kinds: name, class in the leaf, in a thread, body", "output": kinds},
        {"name": "allowed when closed", "output": closed},
        {"name": "version of the legal bases", "output": LEGAL_BASES_VERSION},
        {"name": "legal bases: code, needs the user", "output": bases},
        *({"name": CHANNEL_KIND_OF[event].name, "output": [row(r) for r in rules]} for event, rules in TABLE.items()),
    ]


FILES = {
    "permissions.json": ("The decision table, the kinds and the legal bases, made from the domain.", permissions),
}
