"""Vectors of acts: every kind of them, and everything that is none."""

from dataclasses import replace
from typing import Any

from crypto.cbor import decode, encode
from crypto.labels import ACT, HUB_ACT
from crypto.signing import sign
from domain.channel.events import ArrivalUndone, CareClaimed, MessagePosted, MessagesSeen, OrganisationStated
from domain.channel.kinds import Body
from protocol.acts import MAX_HEADER, SignedAct, body_hash, encode_header, sign_act
from protocol.facts import KIND_OF
from tests.crypto.fixed import flipped, some_id
from tests.protocol.examples import example_of
from tests.protocol.keyholders import ANNA, HUB_DEVICE, HUB_KEY, MALLORY
from tests.protocol.stream_builder import PLACE, Story
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, finished

DEVICES = {
    ANNA.device.hex(): {"public_key": ANNA.signing.public.hex(), "label": ACT.decode()},
    HUB_DEVICE.hex(): {"public_key": HUB_KEY.public.hex(), "label": HUB_ACT.decode()},
}


def _act(name: str, signed: SignedAct) -> Case:
    return {
        "name": name,
        "deployment": PLACE.deployment.hex(),
        "channel": PLACE.channel.hex(),
        "devices": DEVICES,
        "header": signed.header.hex(),
        "signature": signed.signature.hex(),
        "body": signed.body.hex() if signed.body is not None else None,
    }


def _every_kind() -> list[Case]:
    """Each kind twice: with every fact filled, and with as little as it allows."""
    cases, story = [], Story()
    for kind in KIND_OF.values():
        for full in (True, False):
            header = story.header(ANNA, example_of(kind.event, full=full), 3 if kind.in_thread else None)
            body = None if kind.body is Body.NONE else b"sealed"
            header = replace(header, body_hash=None if body is None else body_hash(body))
            cases.append(_act(f"{kind.name}, {'full' if full else 'bare'}", sign_act(header, body, ANNA.signing)))
    return cases


def _wrong_facts() -> list[Case]:
    """Facts that are none of their kind's: named by kind."""
    story, cases = Story(), []
    for event, thread, changed in (
        (ArrivalUndone, None, {"reason": "because"}),
        (ArrivalUndone, None, {"confirms": -1}),
        (ArrivalUndone, None, {"user": bytes(15)}),
        (CareClaimed, 3, {"relation": ""}),
        (CareClaimed, 3, {"legal_basis": None}),
        (OrganisationStated, None, {"kind": "hospital"}),
        (OrganisationStated, None, {"organisation": None}),
    ):
        header = encode_header(story.header(ANNA, example_of(event, full=True), thread))
        fields: Any = decode(header, max_size=MAX_HEADER)
        fields[16] = {**fields[16], **changed}
        made = encode(fields)
        (fact,) = changed
        signed = SignedAct(made, ANNA.device + sign(ANNA.signing, ACT, made), None)
        cases.append(_act(f"{KIND_OF[event].name} with another {fact}", signed))
    return cases


def acts(_standing: Standing) -> list[Case]:
    story = Story()
    message = replace(
        story.header(ANNA, example_of(MessagePosted, full=False), 3),
        body_hash=body_hash(b"sealed"),
    )
    good = sign_act(message, b"sealed", ANNA.signing)
    fields: Any = decode(good.header, max_size=MAX_HEADER)

    def resigned(name: str, *changed: Any, behind: bytes = b"") -> Case:
        header = encode(list(changed)) + behind
        return _act(name, replace(good, header=header, signature=ANNA.device + sign(ANNA.signing, ACT, header)))

    by_hub = sign_act(replace(message, device=HUB_DEVICE, person=None), b"sealed", HUB_KEY, HUB_ACT)
    wrong = {
        "erased: without its body": replace(good, body=None),
        "by the hub, under its label": by_hub,
        "by the hub, under the label of people": sign_act(
            replace(message, device=HUB_DEVICE, person=None), b"sealed", HUB_KEY
        ),
        "by a device nobody knows": sign_act(replace(message, device=MALLORY.device), b"sealed", MALLORY.signing),
        "signed with another key": sign_act(message, b"sealed", MALLORY.signing),
        "naming another device than its signer": SignedAct(
            other := encode_header(replace(message, device=MALLORY.device)),
            ANNA.device + sign(ANNA.signing, ACT, other),
            b"sealed",
        ),
        "a flipped bit in the header": replace(good, header=flipped(good.header, 30)),
        "a flipped bit in the signature": replace(good, signature=flipped(good.signature)),
        "a short signature": replace(good, signature=good.signature[:-1]),
        "another body": replace(good, body=b"sealed!"),
        "a body for a kind without one": sign_act(
            story.header(ANNA, example_of(MessagesSeen, full=False), 3), b"sealed", ANNA.signing
        ),
    }
    return finished(
        "acts.json",
        [
            *_every_kind(),
            *(_act(name, signed) for name, signed in wrong.items()),
            _act("for another channel", good) | {"channel": some_id("other").hex()},
            _act("for another deployment", good) | {"deployment": some_id("other").hex()},
            resigned("of protocol 2", 2, *fields[1:]),
            resigned("of protocol 0", 0, *fields[1:]),
            resigned("of suite 2", 1, 2, *fields[2:]),
            resigned("of protocol true", True, *fields[1:]),
            resigned("of an unknown kind", *fields[:5], "message-posted/9", *fields[6:]),
            resigned("with an unknown fact", *fields[:16], {**fields[16], "more": 1}, fields[17]),
            resigned("with a fact left out", *fields[:16], {"asks": False}, fields[17]),
            resigned("with a number for a boolean", *fields[:16], {**fields[16], "asks": 0}, fields[17]),
            resigned("without its body hash", *fields[:17], None),
            resigned("with a field more", *fields, None),
            resigned("with a field less", *fields[:17]),
            resigned("with a short id", *fields[:12], bytes(15), *fields[13:]),
            resigned("with a negative version", *fields[:13], -1, *fields[14:]),
            resigned("with a boolean as epoch", *fields[:11], False, *fields[12:]),
            *_wrong_facts(),
            resigned("with a byte behind", *fields, behind=b"\x00"),
        ],
    )


FILES = {
    "acts.json": ("Signed acts of every kind, their facts read and their headers' cores; and what is refused.", acts),
}
