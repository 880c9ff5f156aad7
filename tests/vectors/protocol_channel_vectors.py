"""Vectors of a whole small channel: its records and heads, what honest hubs serve of it, and what dishonest ones do."""

import json
from dataclasses import replace
from typing import Any

from crypto.cbor import decode, encode
from crypto.labels import ACT, HUB_ACT
from crypto.signing import sign
from domain.access.events import IntervalClosed
from domain.channel import events as e
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import KindClass, RosterEntry, Standing, UndoReason, VaultRef
from domain.ids import ChannelId, Digest, EpochNo, Millis, OrganisationId, ThreadNo, Version
from protocol.acts import MAX_HEADER, Place, SignedAct, body_hash, encode_header, sign_act
from protocol.records import Record, record_item
from protocol.trust import encode_trust
from tests.crypto.fixed import flipped, some_bytes, some_id
from tests.protocol.keyholders import (
    ANNA,
    ARNE,
    BERIT,
    DEPLOYMENT,
    DESK,
    EXPIRES,
    HUB_DEVICE,
    HUB_KEY,
    IDA,
    MALLORY,
    ROLF,
    Keyholder,
    trust,
)
from tests.protocol.reading import after, altered
from tests.protocol.small_channel import AFTER_BERIT, IDAS_QUESTION, joining
from tests.protocol.stream_builder import PLACE, Item, Story, epoch_key
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import channel_story, finished, in_hex, story_of

WHOLE = list(range(1, 28))
WHOLE_ITEM = 3
SEEN = e.MessagesSeen(Version(25))


def channel(standing: dict[str, Case]) -> list[Case]:
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


def served(_standing: dict[str, Case]) -> list[Case]:
    story = channel_story()
    cases = [*_honest(story), *_moved(story), *_hidden(story), *_signed_wrongly(story), *_not_allowed(story)]
    return finished("channel_served.json", [*cases, *_in_another_form(story), *_wrong_keys(story)])


def _case(name: str, serve: list[Any], reader: bytes = ANNA.principal, **more: Any) -> Case:
    items = [one if isinstance(one, int) else in_hex(one) for one in serve]
    return {"name": name, "reader": reader.hex(), "serve": items, **more}


def _served_to(story: Story, who: Keyholder) -> list[int]:
    """What an honest hub serves: n for a whole record, -n for a stub."""
    return [at if len(item) == WHOLE_ITEM else -at for at, item in enumerate(story.served(who.principal), start=1)]


def _honest(story: Story) -> list[Case]:
    cases = [
        _case(f"an honest hub, to {what}", _served_to(story, who), who.principal)
        for what, who in {
            "a member": ANNA,
            "the user": IDA,
            "a relative": ROLF,
            "who was removed": BERIT,
            "an outsider": MALLORY,
        }.items()
    ]
    filling = _case("an honest hub, filling a stub", _served_to(story, ANNA), fill=[4, 4, -4])
    return [*cases, filling, _case("nothing", [])]


def _moved(story: Story) -> list[Case]:
    """Left out, moved, changed, dated otherwise."""
    question, last = story.records[IDAS_QUESTION - 1].signed, story.records[AFTER_BERIT - 1].signed
    other = story.fork("two")
    other.record(other.message(ANNA, 0, "Do not come"))
    lies: dict[str, list[Any]] = {
        "a record left out": [*WHOLE[:5], *WHOLE[6:]],
        "a record left out and the rest renumbered": [*WHOLE[:5], altered(story, 7, version=Version(6))],
        "a record twice": [*WHOLE[:8], 8],
        "an act recorded twice": [*WHOLE, after(story, last)],
        "two records swapped": [*WHOLE[:7], 9, 8],
        "a record back-dated": [*WHOLE[:7], altered(story, 8, recorded_at=Millis(1))],
        "a record dated otherwise, by the next act": [*WHOLE[:7], altered(story, 8, recorded_at=Millis(107_001)), 9],
        "another blind, by the next act": [*WHOLE[:7], altered(story, 8, blind=bytes(32)), 9],
        "a flipped bit in a header": _changed(story, header=flipped(question.header, 60)),
        "a flipped bit in a signature": _changed(story, signature=flipped(question.signature)),
        "a flipped bit in a body": _changed(story, body=flipped(question.body or b"")),
        "the body of another message": _changed(story, body=last.body),
        "another history, by an act that saw it": [*WHOLE, after(story, other.message(IDA, 0, "All right"))],
        "a truncated history, by an act that saw more": [*WHOLE[:25], _numbered(story, 26)],
    }
    return [_case(name, serve) for name, serve in lies.items()]


def _changed(story: Story, **changed: Any) -> list[Any]:
    signed = story.records[IDAS_QUESTION - 1].signed
    return [*WHOLE[: IDAS_QUESTION - 1], altered(story, IDAS_QUESTION, signed=replace(signed, **changed))]


def _numbered(story: Story, version: int) -> Item:
    """The answer of somebody who saw everything, in the place of record `version`."""
    act = story.message(IDA, 0, "All right")
    return record_item(Record(act, Version(version), story.records[version - 1].recorded_at, bytes(32)))


def _hidden(story: Story) -> list[Case]:
    bare = altered(story, 8, signed=replace(story.records[7].signed, body=None))
    stub = story.stub(AFTER_BERIT)
    berits = _served_to(story, BERIT)
    fills: dict[str, list[Any]] = {
        "a stub filled with another record": [altered(story, AFTER_BERIT, blind=bytes(32))],
        "a stub filled with another time": [altered(story, AFTER_BERIT, recorded_at=Millis(124_001))],
        "a stub filled with another stub": [[*stub[:2], KindClass.KEY.value, *stub[3:]]],
        "a stub beyond the end": [[99, *stub[1:]]],
    }
    return [
        _case("the opening behind a stub", [-1]),
        _case("a join behind a stub", [*WHOLE[:18], -19], IDA.principal),
        _case("a removal behind a stub", [*WHOLE[:22], -23]),
        _case("a message behind a stub", [-at if at in {4, 8} else at for at in WHOLE]),
        _case("an epoch behind a stub", [*WHOLE[:20], -21]),
        _case("a message without its body", [*WHOLE[:7], bare]),
        _case("a stub with a boolean for its thread", [*WHOLE[:7], [8, False, *story.stub(8)[2:]]]),
        _case("a stub of a class nobody knows", [*WHOLE[:7], [8, 0, "secret", *story.stub(8)[3:]]]),
        *(_case(name, berits, BERIT.principal, fill=[in_hex(one) for one in items]) for name, items in fills.items()),
    ]


def _next(story: Story, acts: dict[str, SignedAct], at: int | None = None) -> list[Case]:
    return [_case(name, [*_served_to(story, ANNA), after(story, act, at)]) for name, act in acts.items()]


def _signed_wrongly(story: Story) -> list[Case]:
    seen = story.header(ANNA, SEEN, 0)
    encoded = encode_header(seen)
    elsewhere = Place(DEPLOYMENT, ChannelId(some_id("other")))
    acts = {
        "signed with another key": sign_act(seen, None, MALLORY.signing),
        "naming another device than its signer": SignedAct(
            encoded, MALLORY.device + sign(MALLORY.signing, ACT, encoded), None
        ),
        "in another person's name": story.signed(MALLORY, SEEN, 0, person=ANNA.person),
        "for another organisation": story.signed(ANNA, SEEN, 0, organisation=BERIT.organisation),
        "for an inbox without being eligible": story.signed(ANNA, SEEN, 0, role=DESK.role),
        "by a device nobody knows": story.signed(ANNA, SEEN, 0, device=some_id("nobody")),
        "by the hub, in a person's name": sign_act(replace(seen, device=HUB_DEVICE), None, HUB_KEY, HUB_ACT),
        "by the hub, in its own": story.hub_act(SEEN, thread=0),
        "an access line in the channel": story.hub_act(IntervalClosed(Version(1), Version(2), "ended")),
        "from another channel": story.signed(ANNA, SEEN, 0, place=elsewhere),
    }
    expired = _next(story, {"by a device that has expired": story.signed(ANNA, SEEN, 0)}, EXPIRES)
    return [*_next(story, acts), *expired]


def _not_allowed(story: Story) -> list[Case]:
    sealed = {"body_hash": body_hash(b"grant")}
    grant = e.HistoryGranted(ROLF.principal, 1, ((Version(22), Version(22)),))
    return _next(
        story,
        {
            "an outsider writes": story.message(MALLORY, 0, "hei"),
            "a removed member writes": story.message(BERIT, 0, "hei"),
            "an outsider joins": story.signed(MALLORY, joining(MALLORY), 0),
            "a relative removes staff": story.signed(ROLF, e.ParticipantLeft(ANNA.principal, "ended"), 2),
            "somebody retracts another's message": story.signed(ANNA, e.MessageRetracted(Version(8)), 0),
            "a message under an old epoch": story.message(ANNA, 0, "hei", epoch_key(0, 1), epoch=1),
            "a message for an old roster": story.message(ANNA, 0, "hei", membership_version=1),
            "a grant to an outsider": replace(story.signed(ANNA, grant, 0, **sealed), body=b"grant"),
            "an epoch with an invisible member": _epoch(story, (*_roster(story), _entry(MALLORY))),
            "an epoch without a member": _epoch(story, _roster(story)[1:]),
            "an epoch out of order": _epoch(story, _roster(story), 9),
            **_undone_wrongly(story),
            "seen before it was there": story.signed(ANNA, e.MessagesSeen(Version(99)), 0),
        },
    )


def _undone_wrongly(story: Story) -> dict[str, SignedAct]:
    """Arrivals undone, care relations claimed and kinds stated by whom and where it is not allowed."""

    def said(who: Keyholder = IDA, confirms: int | None = None) -> e.ArrivalUndone:
        return e.ArrivalUndone(who.principal, UndoReason.WRONG_PERSON, None if confirms is None else Version(confirms))

    kind = e.OrganisationStated(ANNA.organisation or OrganisationId(bytes(16)), OrganisationKind.NAV)
    return {
        "an arrival undone by a relative": story.signed(ROLF, said()),
        "an arrival undone by the user": story.signed(IDA, said()),
        "an arrival undone by an outsider": story.signed(MALLORY, said()),
        "an arrival undone of somebody else": story.signed(ANNA, said(ROLF)),
        "an undoing confirmed that nobody said": story.signed(ANNA, said(confirms=3)),
        "a care relation claimed by the user": story.signed(IDA, e.CareClaimed("treatment", "treatment"), 0),
        "a care relation claimed on consent": story.signed(ANNA, e.CareClaimed("consent", "treatment"), 0),
        "an unknown care relation": story.signed(ANNA, e.CareClaimed("treatment", "curiosity"), 0),
        "a kind stated by a relative": story.signed(ROLF, kind),
        "a kind that members' bases do not serve": story.signed(ANNA, kind),
    }


def _roster(story: Story) -> tuple[RosterEntry, ...]:
    epoch = story.channel.threads[ThreadNo(0)].epoch
    assert epoch is not None
    return epoch.roster


def _entry(who: Keyholder) -> RosterEntry:
    return RosterEntry(who.principal, 1, who.key().kem_hash)


def _epoch(story: Story, roster: tuple[RosterEntry, ...], number: int = 5) -> SignedAct:
    event = e.EpochOpened(EpochNo(number), roster, bytes(32))
    signed = story.signed(ANNA, event, 0, epoch=EpochNo(number), body_hash=body_hash(b"\x80"))
    return replace(signed, body=b"\x80")


def _in_another_form(story: Story) -> list[Case]:
    act = story.message(ANNA, 0, "Welcome")
    fields: Any = decode(act.header, max_size=MAX_HEADER)

    def resigned(*changed: Any, behind: bytes = b"") -> SignedAct:
        header = encode(list(changed)) + behind
        return SignedAct(header, ANNA.device + sign(ANNA.signing, ACT, header), act.body)

    acts = {
        "of protocol 2": resigned(2, *fields[1:]),
        "of suite 2": resigned(1, 2, *fields[2:]),
        "of an unknown kind": resigned(*fields[:5], "message-posted/9", *fields[6:]),
        "with an unknown fact": resigned(*fields[:16], {**fields[16], "more": 1}, fields[17]),
        "with a byte behind its header": resigned(*fields, behind=b"\x00"),
        "of another thread than was signed": replace(act, header=encode([*fields[:4], 2, *fields[5:]])),
    }
    return [*_next(story, acts), _case("no item", [*_served_to(story, ANNA), []])]


def _wrong_keys(story: Story) -> list[Case]:
    known = e.KeyMoved(ANNA.person, 3, Digest(bytes(32)), ANNA.key())
    return _next(
        story,
        {
            "another's key at a join": story.signed(ANNA, joining(ARNE, key=MALLORY.key()), 0),
            "a person in the vault's place": story.signed(
                ANNA, joining(ARNE, vault=VaultRef(MALLORY.person, MALLORY.key())), 0
            ),
            "a person as an inbox": story.signed(ANNA, joining(ARNE, standing=Standing.INBOX), 0),
            "a movement along another key stream": story.hub_act(known),
            "a movement further than is known": story.hub_act(replace(known, n=9)),
        },
    )


FILES = {
    "channel.json": ("A trust file, and the records of a small channel with their leaves and heads.", channel),
    "channel_served.json": (
        "Readers of channel.json: n is record n, -n its stub, text an item in hex. `output` is what they derive.",
        served,
    ),
}
