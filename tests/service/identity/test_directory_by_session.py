"""Somebody who is signed in with a browser searches the directory, and can do no more than that."""

from base64 import b64encode
from contextlib import suppress

import pytest

from domain.ids import EntryId, Millis, OrganisationId
from protocol.listings.answers import (
    Entries,
    Listing,
    Question,
    Search,
    decode_found,
    encode_publication,
    encode_question,
)
from protocol.listings.entries import Entry, Facts, Inbox, Organisation, encode_entry
from protocol.listings.heads import encode_signed_head
from protocol.listings.making import Validity, entry_id, next_version, publication
from protocol.listings.reading import Authority, verify_found
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from samsnakk.doors import HEAD_HEADER, Doors
from samsnakk.errors import Refused
from tests.conftest import HubProcess
from tests.service.hub.raw_client import now
from tests.service.identity.test_sockets import bind
from tests.service.identity.visitor import Visitor, reason

DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def kari(world: World) -> Person:
    return world.person("Kari")


@pytest.fixture
async def listed(signing_hub: HubProcess, world: World) -> OrganisationId:
    """The surgery has published an inbox."""
    ours = world.organisation("legekontor")
    top, desk = entry_id(ours.id, "top"), entry_id(ours.id, "desk")
    facts: dict[EntryId, Facts] = {
        top: Organisation((ours.name,), "Nordvik", "", "gp", ""),
        desk: Inbox(("Skranken på torget",), "", top, None, "appointment", None, None, None, "22 00 04 00"),
    }
    entries = {one: encode_entry(Entry(ours.id, one, fact)) for one, fact in facts.items()}
    validity = Validity(Millis(now() - DAY), Millis(now() + DAY))
    signed = next_version((world.deployment, ours.id), entries, None, validity, ours.root)
    doors = Doors(signing_hub.url)
    with suppress(Refused):  # where another test of this process was here before
        await doors.publish_listing(ours.id, signed, publication({}, entries))
    await doors.close()
    return ours.id


async def ask(visitor: Visitor, question: Question | bytes, **headers: str) -> tuple[int, bytes]:
    usual = {"Origin": visitor.hub, "Sec-Fetch-Site": "same-origin", "Samsnakk-Session": "1"} | headers
    data = question if isinstance(question, bytes) else encode_question(question)
    async with visitor.http.post(f"{visitor.hub}/api/v1/directory", data=data, headers=usual) as answer:
        return answer.status, await answer.read()


async def test_who_is_signed_in_and_bound_searches_and_gets_proofs(
    visitor: Visitor, world: World, kari: Person, listed: OrganisationId
) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    status, data = await ask(visitor, Search("skranken", 10))
    assert status == 200
    authority = Authority(world.deployment, world.trust.roots(), {}, Millis(now()))
    found = verify_found(decode_found(data), authority).entries
    assert [one.name for one in found] == ["Skranken på torget"]
    status, data = await ask(visitor, Entries(listed, (found[0].id,)))
    assert (status, len(decode_found(data).hits)) == (200, 1)


async def test_a_session_gets_no_whole_listing_and_publishes_nothing(
    visitor: Visitor, world: World, kari: Person, listed: OrganisationId
) -> None:
    await visitor.sign_in("kari")
    await bind(visitor, world, kari)
    status, told = await ask(visitor, Listing(listed, None))
    assert (status, b'"device_needed"' in told) == (403, True)
    url = f"{visitor.hub}/api/v1/directory/{listed.hex()}"
    headers = {"Origin": visitor.hub, "Sec-Fetch-Site": "same-origin", "Samsnakk-Session": "1"}
    async with visitor.http.post(url, data=encode_publication(publication({}, {})), headers=headers) as answer:
        assert answer.status == 400
    own = world.organisation("dps")
    validity = Validity(Millis(now()), Millis(now() + DAY))
    forged = next_version((world.deployment, listed), {}, None, validity, own.root)
    headers |= {HEAD_HEADER: b64encode(encode_signed_head(forged)).decode()}
    async with visitor.http.post(url, data=encode_publication(publication({}, {})), headers=headers) as answer:
        assert (answer.status, b'"forged_listing"' in await answer.read()) == (401, True)


async def test_nobody_and_whoever_is_not_bound_and_other_pages_are_refused_by_name(
    visitor: Visitor, another: Visitor, world: World, kari: Person
) -> None:
    status, told = await ask(visitor, Search("skranken", 10))
    assert (status, b'"no_session"' in told) == (401, True)
    await visitor.sign_in("jon")
    status, told = await ask(visitor, Search("skranken", 10))
    assert (status, b'"session_not_bound"' in told) == (403, True)
    await another.sign_in("kari")
    await bind(another, world, kari)
    status, told = await ask(another, Search("skranken", 10), Origin="https://evil.example")
    assert (status, b'"cross_site"' in told) == (403, True)
    status, told = await ask(another, b"\xff")
    assert (status, b'"malformed_listing"' in told) == (400, True)


async def test_who_has_left_is_signed_in_no_more_and_does_not_come_in_again(
    visitor: Visitor, another: Visitor, world: World, kari: Person, listed: OrganisationId
) -> None:
    """The sessions that stood end, also programs'; and the provider, who may not know yet, opens no new one."""
    assert listed
    leaving = world.person("Torstein")
    await visitor.sign_in("torstein")
    await bind(visitor, world, leaving)
    await another.sign_in("kari")
    await bind(another, world, kari)
    native = await visitor.native_session()
    for who in (visitor, another):
        assert (await ask(who, Search("skranken", 10)))[0] == 200
    doors = Doors(visitor.hub)
    await doors.publish(leaving.id, world.end_person("Torstein"))
    await doors.close()
    status, told = await ask(visitor, Search("skranken", 10))
    assert (status, b'"no_session"' in told) == (401, True)
    assert not await visitor.is_signed_in()
    async with visitor.http.get(
        f"{visitor.hub}/api/v1/session", headers={"Authorization": f"Bearer {native}"}
    ) as answer:
        assert answer.status == 401
    refused = await visitor.sign_in("torstein")
    page = await refused.text()
    assert (refused.status, reason(page)) == (401, "person_ended")
    assert "har meldt at du har sluttet" in page
    assert not await visitor.is_signed_in()
    assert (await ask(another, Search("skranken", 10)))[0] == 200
