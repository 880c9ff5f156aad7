"""An audit case through a real hub: asked, approved, looked on, closed; and every way in which nobody may look."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.access.events import CaseLookedUp, IntervalOpened, Purpose
from domain.channel.audits import AuditKind, Duty
from domain.ids import Millis, ThreadNo, Version
from protocol.case_files import BadCaseFile, CaseFile, encode_case_file, parse_case_file
from samsnakk import Refused
from samsnakk.audit_notices import Looked
from samsnakk.auditing import Auditing
from samsnakk.demo.world import World
from tests.client.audits.conftest import DAY, Audits, Talk, approved, charged, wanted
from tests.client.conftest import Connect
from tests.conftest import HubProcess


async def test_the_user_sees_at_once_who_asked_who_approved_and_every_look(
    audits: Audits, talk: Talk, world: World
) -> None:
    told: asyncio.Queue[Looked] = asyncio.Queue()
    talk.hers.when_audited(told.put_nowait)
    agnes, astrid = await audits("Agnes"), await audits("Astrid")
    file = await agnes.open_case(talk.staff.id, wanted())
    approval = await astrid.approve(parse_case_file(encode_case_file(file)))
    await talk.hers.reached(approval)
    asked = talk.hers.event(file.ref)
    assert (asked.kind, asked.author, asked.organisation) == (
        "case-opened/1",
        world.person("Agnes").id,
        world.organisation("dps").id,
    )
    await agnes.headers(file)
    async with asyncio.timeout(30):
        looked = await told.get()
    assert (looked.event.reader, looked.event.number, looked.event.purpose) == (asked.author, "2026/17", "log-review")
    assert looked.event.approver == world.person("Astrid").id
    log = await talk.hers.access_log()
    assert [line.event for line in log if isinstance(line.event, CaseLookedUp)] == [looked.event]


async def test_an_auditor_learns_who_wrote_when_and_who_has_read_and_no_word_of_it(
    audits: Audits, talk: Talk, world: World
) -> None:
    agnes, file = await approved(audits, talk)
    headers = await agnes.headers(file)
    place = headers.places[talk.second - 1]
    assert (place.header.person, place.body) == (world.person("Elle").id, None)
    assert headers.replay.head_at(talk.second) == talk.staff.head_at(talk.second)
    lines = await agnes.readings(file, headers)
    readers = {line.event.reader for line in lines if isinstance(line.event, IntervalOpened)}
    assert readers == {world.person("Kari").id, world.person("Elle").id}


async def test_a_case_that_names_an_organisation_shows_the_readings_of_its_people_only(
    audits: Audits, talk: Talk, world: World
) -> None:
    agnes, file = await approved(audits, talk, wanted(organisations=(world.organisation("dps").id,)))
    lines = await agnes.readings(file, await agnes.headers(file))
    readers = {line.event.reader for line in lines if isinstance(line.event, IntervalOpened)}
    assert readers == {world.person("Kari").id}
    assert any(line.event is None for line in lines)


async def test_a_case_shows_what_lies_in_its_period_only(audits: Audits, talk: Talk) -> None:
    since = talk.staff.event(talk.second).recorded_at
    agnes, file = await approved(audits, talk, wanted(since=since))
    headers = await agnes.headers(file)
    assert headers.places[talk.first - 1].act is None
    assert headers.places[talk.second - 1].act is not None


async def test_who_has_read_a_message_never_names_an_auditor_and_the_report_tells_of_the_look(
    audits: Audits, talk: Talk, world: World
) -> None:
    agnes, file = await approved(audits, talk)
    await agnes.headers(file)
    read = await talk.hers.who_read()
    person = world.person("Agnes").id
    assert person not in {access.person for access in read.of_message(talk.second)}
    looks = [one for one in read.readings if one.case is not None]
    assert [(one.person, one.purpose, one.proven) for one in looks] == [(person, Purpose.AUDIT, True)]


async def refused(what: Any, code: str) -> None:
    with pytest.raises(Refused) as caught:
        await what
    assert caught.value.code == code


async def test_nobody_looks_without_a_second_person(audits: Audits, talk: Talk) -> None:
    agnes, tuva = await audits("Agnes"), await audits("Tuva")
    file = await agnes.open_case(talk.staff.id, wanted())
    await refused(agnes.headers(file), "case_not_approved")
    await refused(agnes.approve(file), "not_charged")
    await refused(tuva.approve(file), "foreign_case")
    await refused(agnes.headers(file), "case_not_approved")
    log = await talk.hers.access_log()
    assert not any(isinstance(line.event, CaseLookedUp) for line in log)


async def test_an_organisation_audits_only_where_it_has_taken_part(audits: Audits, talk: Talk) -> None:
    tuva = await audits("Tuva")
    await refused(tuva.open_case(talk.staff.id, wanted()), "never_took_part")


async def test_a_forged_case_or_somebody_elses_opens_nothing(audits: Audits, talk: Talk) -> None:
    agnes, file = await approved(audits, talk)
    astrid, tuva = await audits("Astrid"), await audits("Tuva")
    await refused(tuva.headers(file), "not_its_auditor")
    await refused(astrid.headers(file), "not_charged")
    forged = CaseFile(Version(file.ref + 50), file.header, file.signature)
    await refused(agnes.headers(forged), "unknown_case")
    changed = CaseFile(file.ref, file.header[:-1] + bytes((file.header[-1] ^ 1,)), file.signature)
    with pytest.raises((BadCaseFile, Exception)) as caught:
        await astrid.approve(changed)
    assert not isinstance(caught.value, Refused)


async def test_an_approval_of_another_file_than_the_recorded_case_is_none(audits: Audits, talk: Talk) -> None:
    agnes, astrid = await audits("Agnes"), await audits("Astrid")
    narrow = await agnes.open_case(talk.staff.id, wanted(since=Millis(wanted().begins - 1)))
    wide = await agnes.open_case(talk.staff.id, wanted())
    swapped = CaseFile(wide.ref, narrow.header, narrow.signature)
    await refused(astrid.approve(swapped), "other_terms")
    await refused(agnes.headers(wide), "case_not_approved")


async def test_an_approval_does_not_serve_in_another_channel(audits: Audits, talk: Talk, connect: Connect) -> None:
    agnes, file = await approved(audits, talk)
    other = await (await connect("Jon")).open_channel(title="Om en annen")
    moved = await agnes.open_case(other.id, wanted())
    await refused(agnes.headers(moved), "case_not_approved")
    assert moved.place != file.place


async def test_a_case_ends_when_it_is_closed_or_taken_back_and_when_its_time_is_up(audits: Audits, talk: Talk) -> None:
    agnes, file = await approved(audits, talk)
    await agnes.close(file)
    await refused(agnes.headers(file), "case_ended")
    _, other = await approved(audits, talk)
    await (await audits("Astrid")).refuse(other)
    await refused(agnes.headers(other), "case_ended")
    begun = wanted()
    agnes, later = await approved(audits, talk, wanted(begins=Millis(begun.begins + DAY)))
    await refused(agnes.headers(later), "case_not_begun")


async def test_nobody_reads_after_the_time_box_by_the_hubs_clock(audits: Audits, talk: Talk) -> None:
    agnes, astrid = await audits("Agnes"), await audits("Astrid")
    soon = Millis(wanted().begins + 4000)
    file = await agnes.open_case(talk.staff.id, replace(wanted(), ends=soon))
    await astrid.approve(file)
    async with asyncio.timeout(60):
        while await _may_look(agnes, file):
            pass
    await refused(agnes.headers(file), "case_expired")
    log = await talk.hers.access_log()
    looks = [line for line in log if isinstance(line.event, CaseLookedUp)]
    assert all(line.recorded_at < soon for line in looks)


async def _may_look(agnes: Auditing, file: CaseFile) -> bool:
    try:
        await agnes.headers(file)
    except Refused as refusal:
        return refusal.code != "case_expired"
    return True


async def test_a_case_about_headers_lets_nobody_ask_for_messages(audits: Audits, talk: Talk) -> None:
    agnes, file = await approved(audits, talk)
    asks = (file, bytes(32), (ThreadNo(0),), talk.first, talk.second)
    await refused(agnes.ask_content(*asks), "outside_case")
    agnes, both = await approved(audits, talk, wanted(kind=AuditKind.CONTENT, purpose="incident"))
    version = await agnes.ask_content(both, *asks[1:])
    await talk.hers.reached(version)
    assert talk.hers.event(version).kind == "content-asked/1"


async def test_who_takes_part_neither_audits_nor_approves(audits: Audits, talk: Talk, world: World) -> None:
    del world
    kari = await audits("Kari")
    await refused(kari.open_case(talk.staff.id, wanted()), "not_charged")


async def test_who_is_charged_no_more_looks_no_more(
    audits: Audits, talk: Talk, world: World, hub: HubProcess, connect: Connect
) -> None:
    agnes, file = await approved(audits, talk)
    await agnes.headers(file)
    staff = await connect("Kari")
    try:
        await staff.publish(world.organisation("dps").vault.id, world.charge("dps", Duty.AUDIT, []))
        await refused(agnes.headers(file), "not_charged")
        await refused(agnes.open_case(talk.staff.id, wanted()), "not_charged")
    finally:
        charged(world)
        await staff.publish(world.organisation("dps").vault.id, world.entries(world.organisation("dps").vault.id))
    assert hub.url
