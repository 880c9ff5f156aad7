"""A hub, or an operator with its key, that shows an auditor too much or too little, or hides an audit from the user."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crypto import labels
from crypto.random import new_id, random_bytes
from domain.access.events import CaseLookedUp, Purpose, Shown
from domain.ids import CommandId, EpochNo, Millis, ThreadNo, Version
from protocol import frames, records
from protocol.acts import Header, Seen, sign_act
from protocol.errors import ForgedRecord, UncoveredContent, UnjustifiedStub
from protocol.records import Record
from protocol.requests import ReadRequest, audit_action, sign_request
from samsnakk import HistoryBroken, Terms
from samsnakk.demo.world import World, now_ms
from tests.client.audits.conftest import Audits, Talk, approved, talking, wanted
from tests.client.conftest import Connect
from tests.client.relay import relay
from tests.client.test_lying_hub import flip, to_stub
from tests.conftest import HubProcess

Lie = Callable[[frames.Audited, Talk], frames.Audited]


def _with(frame: frames.Audited, **changed: Any) -> frames.Audited:
    fields = {name: getattr(frame, name) for name in frame.__struct_fields__}
    return frames.Audited(**{**fields, **changed})


def _item(frame: frames.Audited, version: Version, item: list[Any]) -> frames.Audited:
    items = list(frame.items)
    items[version - 1] = item
    return _with(frame, items=items)


def _hidden(frame: frames.Audited, talk: Talk) -> frames.Audited:
    return _item(frame, talk.second, to_stub(talk.staff.items(talk.second)[-1]))


def _body(frame: frames.Audited, talk: Talk) -> frames.Audited:
    return _item(frame, talk.second, talk.staff.items(talk.second)[-1])


def _beyond(frame: frames.Audited, talk: Talk) -> frames.Audited:
    whole = talk.staff.items(talk.first)[-1]
    return _item(frame, talk.first, [*whole[:2], None])


def _too_short(frame: frames.Audited, _talk: Talk) -> frames.Audited:
    return _with(frame, items=frame.items[:-1])


def _changed(frame: frames.Audited, talk: Talk) -> frames.Audited:
    blind, record, _ = frame.items[talk.second - 1]
    return _item(frame, talk.second, [blind, flip(record, -20), None])


def _line_of_nobody(frame: frames.Audited, _talk: Talk) -> frames.Audited:
    blind, record, body = frame.line
    return _with(frame, line=[blind, flip(record, -20), body])


def _no_line(frame: frames.Audited, _talk: Talk) -> frames.Audited:
    return _with(frame, line=to_stub(frame.line))


@pytest.mark.parametrize(
    "lie", [_hidden, _body, _beyond, _too_short, _changed, _line_of_nobody, _no_line], ids=lambda lie: lie.__name__
)
async def test_an_auditor_takes_nothing_that_a_lying_hub_shows(
    lie: Lie, audits: Audits, talk: Talk, hub: HubProcess
) -> None:
    since = talk.staff.event(talk.second).recorded_at
    async with relay(hub.url) as between:

        def change(frame: frames.HubFrame) -> list[frames.HubFrame]:
            return [lie(frame, talk)] if isinstance(frame, frames.Audited) else [frame]

        between.change = change
        agnes, file = await approved(lambda name: audits(name, between.url), talk, wanted(since=since))
        with pytest.raises(HistoryBroken) as caught:
            await agnes.headers(file)
    assert caught.value.evidence is not None
    assert caught.value.evidence.exists()


async def test_a_line_of_an_earlier_look_covers_no_other(audits: Audits, talk: Talk, hub: HubProcess) -> None:
    lines: list[list[Any]] = []
    async with relay(hub.url) as between:

        def change(frame: frames.HubFrame) -> list[frames.HubFrame]:
            if isinstance(frame, frames.Audited):
                lines.append(frame.line)
                return [_with(frame, line=lines[0])]
            return [frame]

        between.change = change
        agnes, file = await approved(lambda name: audits(name, between.url), talk)
        await agnes.headers(file)
        with pytest.raises(HistoryBroken):
            await agnes.headers(file)


def _forged_line(world: World, talk: Talk, signed_by: str = "Agnes", **changed: Any) -> list[Any]:
    """A line that an operator with the hub's key writes about Agnes; what she asks is signed by her, or by another."""
    agnes, organisation = world.person("Agnes"), world.organisation("dps")
    place, at, ref = talk.staff.place, now_ms(), changed["case"]
    asked = ReadRequest(
        place,
        agnes.id,
        agnes.device,
        organisation.id,
        None,
        Purpose.AUDIT,
        (),
        new_id(),
        at,
        audit_action(ref, Shown.RECORDS),
    )
    event = CaseLookedUp(
        reader=agnes.id,
        device=agnes.device,
        organisation=organisation.id,
        case=ref,
        number="2026/17",
        purpose="log-review",
        legal_basis="internal-control",
        approver=world.person("Astrid").id,
        shows=Shown.RECORDS,
        threads=wanted().threads,
        since=Millis(0),
        until=at,
        start=Version(1),
        last=talk.staff.version,
        request=sign_request(asked, world.person(signed_by).signing_key),
    )
    seen = Seen(talk.staff.version, talk.staff.head)
    event = replace(event, **changed)
    header = Header(
        place, None, event, None, world.hub_device, None, None, 0, EpochNo(0), CommandId(new_id()), seen, at, None
    )
    signed = sign_act(header, None, world.hub_key, labels.HUB_ACT)
    return records.record_item(Record(signed, Version(9), at, random_bytes(32)))


@pytest.mark.parametrize(
    "changed",
    [{"case": Version(3)}, {"purpose": "incident"}, {"number": "2026/18"}, {"threads": (ThreadNo(0), ThreadNo(1))}],
    ids=lambda changed: next(iter(changed)),
)
async def test_the_user_catches_a_look_that_nobody_approved(
    changed: dict[str, Any],
    audits: Audits,
    connect: Connect,
    terms: Callable[..., Terms],
    world: World,
    hub: HubProcess,
) -> None:
    async with relay(hub.url) as between:
        talk = await talking(connect, terms, world, between.url)
        _, file = await approved(audits, talk)
        await talk.hers.reached(Version(file.ref + 1))
        lie = _forged_line(world, talk, **{"case": file.ref, **changed})

        def change(frame: frames.HubFrame) -> list[frames.HubFrame]:
            return [frames.Noticed(talk.staff.id, lie), frame]

        between.change = change
        with pytest.raises(HistoryBroken) as caught:
            await talk.hers.seen(0, talk.second)
        assert isinstance(caught.value.problem, UncoveredContent)


async def test_a_hub_cannot_invent_that_somebody_looked(
    audits: Audits, connect: Connect, terms: Callable[..., Terms], world: World, hub: HubProcess
) -> None:
    async with relay(hub.url) as between:
        talk = await talking(connect, terms, world, between.url)
        _, file = await approved(audits, talk)
        await talk.hers.reached(Version(file.ref + 1))
        lie = _forged_line(world, talk, signed_by="Astrid", case=file.ref)
        between.change = lambda frame: [frames.Noticed(talk.staff.id, lie), frame]
        with pytest.raises(HistoryBroken) as caught:
            await talk.hers.seen(0, talk.second)
        assert isinstance(caught.value.problem, ForgedRecord)


async def test_an_audit_that_is_kept_from_the_user_shows_in_her_log_and_a_leaf_there_is_an_attack(
    audits: Audits, connect: Connect, terms: Callable[..., Terms], world: World, hub: HubProcess
) -> None:
    async with relay(hub.url) as between:
        talk = await talking(connect, terms, world, between.url)
        between.change = lambda frame: [] if isinstance(frame, frames.Noticed) else [frame]
        agnes, file = await approved(audits, talk)
        await agnes.headers(file)
        log = await talk.hers.access_log()
        assert any(isinstance(line.event, CaseLookedUp) for line in log)

        def hiding(frame: frames.HubFrame) -> list[frames.HubFrame]:
            if not isinstance(frame, frames.Events) or frame.stream != records.ACCESS or not frame.items:
                return [frame]
            items = [*frame.items[:-1], to_stub(frame.items[-1])]
            return [frames.Events(frame.channel, frame.stream, items, frame.head, frame.live)]

        between.change = hiding
        with pytest.raises(HistoryBroken) as caught:
            await talk.hers.access_log()
        assert isinstance(caught.value.problem, UnjustifiedStub)
