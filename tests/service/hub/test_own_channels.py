"""The list of one's own channels: signed for, one's own only, and never a word about what others do elsewhere."""

from base64 import b64encode

import aiohttp
import pytest

from crypto.random import new_id
from domain.access.events import Purpose
from domain.ids import ChannelId, Version
from protocol.acts import Place
from protocol.own_channels import OwnChannels, decode_channels, list_action
from protocol.requests import ReadRequest, sign_request
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.hub.raw_client import now, open_room, post, signed_in, staff

REQUEST = "Samsnakk-Request"


def asking(world: World, person: Person, after: int, action: str | None = None) -> dict[str, str]:
    place = Place(world.deployment, ChannelId(bytes(16)))
    request = ReadRequest(
        place,
        person.id,
        person.device,
        person.organisation,
        None,
        Purpose.COORDINATION,
        (),
        new_id(),
        now(),
        action or list_action(after),
    )
    return {REQUEST: b64encode(sign_request(request, person.signing_key)).decode()}


async def asked(hub: HubProcess, headers: dict[str, str], after: int) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{hub.url}/api/v1/channels", params={"after": str(after)}, headers=headers) as answer,
    ):
        return answer.status, await answer.read()


async def whole(hub: HubProcess, world: World, person: Person, after: int = 0) -> OwnChannels:
    found: dict[ChannelId, Version] = {}
    while True:
        status, data = await asked(hub, asking(world, person, after), after)
        assert status == 200
        page = decode_channels(data)
        found |= dict(page.channels)
        after = page.upto
        if not page.more:
            return OwnChannels(tuple(found.items()), after, more=False)


async def test_who_takes_part_finds_the_channel_and_how_far_it_is(hub: HubProcess, world: World) -> None:
    first, second = staff(world, "dps")[:2]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        mine, theirs = await whole(hub, world, first), await whole(hub, world, second)
        assert dict(mine.channels)[room.author.channel] >= 3
        assert room.author.channel not in dict(theirs.channels)
        await post(socket, room, "more")
        later = await whole(hub, world, first, mine.upto)
        assert later.channels == ((room.author.channel, Version(dict(mine.channels)[room.author.channel] + 1)),)
        assert (await whole(hub, world, first, later.upto)).channels == ()


async def test_a_position_beyond_the_record_begins_anew(hub: HubProcess, world: World) -> None:
    first = staff(world, "dps")[0]
    async with signed_in(hub.url, first) as socket:
        room = await open_room(socket, world, [first])
        assert room.author.channel in dict((await whole(hub, world, first, 10**15)).channels)


@pytest.mark.parametrize("wrong", ["nobody signed", "another door", "another position", "no position"])
async def test_the_list_is_for_whoever_signed_for_it(hub: HubProcess, world: World, wrong: str) -> None:
    first = staff(world, "dps")[0]
    headers = {
        "nobody signed": {},
        "another door": asking(world, first, 0, "subscribe"),
        "another position": asking(world, first, 7),
        "no position": asking(world, first, -1),
    }[wrong]
    status, data = await asked(hub, headers, -1 if wrong == "no position" else 0)
    assert status >= 400
    assert b"code" in data
