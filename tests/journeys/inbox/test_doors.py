"""The hub's two doors for an inbox's file: for who is eligible now, one file after the other, and nothing else."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from crypto.cbor import decode, encode
from crypto.inbox_files import (
    MAX_INBOX_FILE,
    InboxPlace,
    InboxSeed,
    Recipient,
    inbox_file_hash,
    parse_inbox_file,
    seal_inbox,
)
from crypto.random import new_id, random_bytes
from crypto.shapes import SecretKey
from domain.access.events import Purpose
from domain.ids import ChannelId, Millis, PrincipalId
from protocol.acts import Place
from protocol.requests import ReadRequest, sign_request
from samsnakk import Refused
from samsnakk.demo.world import now_ms
from samsnakk.doors import Doors
from tests.crypto.fixed import some_digest
from tests.journeys.inbox.conftest import Telephone


@dataclass
class Hand:
    """Somebody of the world at the hub's doors, without a program that would know better."""

    telephone: Telephone
    doors: Doors
    name: str

    def signed(self, door: str, **changed: Any) -> bytes:
        person = self.telephone.world.person(self.name)
        place = Place(self.telephone.world.deployment, ChannelId(bytes(16)))
        request = ReadRequest(
            place=place,
            person=person.id,
            device=person.device,
            organisation=person.organisation,
            role=self.telephone.inbox,
            purpose=Purpose.COORDINATION,
            threads=(),
            request_id=new_id(),
            made_at=now_ms(),
            action=door,
        )
        return sign_request(replace(request, **changed), person.signing_key)

    async def fetch(self, **changed: Any) -> bytes | None:
        inbox = self.telephone.inbox.hex()
        return await self.doors.exchange(
            "GET", f"inbox-files/{inbox}", None, self.signed(f"fetch inbox file {inbox}", **changed)
        )

    async def keep(self, data: bytes, **changed: Any) -> None:
        signed = self.signed(f"keep inbox file {inbox_file_hash(data).hex()}", **changed)
        await self.doors.exchange("PUT", f"inbox-files/{self.telephone.inbox.hex()}", data, signed)

    async def refused(self, data: bytes | None = None, **changed: Any) -> str:
        with pytest.raises(Refused) as refused:
            await (self.fetch(**changed) if data is None else self.keep(data, **changed))
        return refused.value.code


def file_for(telephone: Telephone, place: InboxPlace | None = None) -> bytes:
    kari = telephone.world.person("Kari")
    public = kari.holder.kem_keys(1)[0].public
    first = InboxPlace(telephone.world.deployment, telephone.inbox, 1, None)
    seeds = [InboxSeed(1, SecretKey(random_bytes(32)))]
    return seal_inbox(place or first, seeds, [Recipient(kari.id, 1, public)], file_key=SecretKey(random_bytes(32)))


@pytest.fixture
async def kari(telephone: Telephone) -> Hand:
    await telephone.on_duty("Kari")
    doors = Doors(telephone.hub.url)
    telephone.stack.push_async_callback(doors.close)
    return Hand(telephone, doors, "Kari")


async def test_files_follow_each_other_and_the_newest_eight_stay(telephone: Telephone, kari: Hand) -> None:
    assert await kari.refused() == "not_found"
    first = file_for(telephone)
    await kari.keep(first)
    await kari.keep(first)  # the same again is no harm: an answer may be lost
    assert await kari.refused(file_for(telephone)) == "inbox_file_moved"  # another first one
    place = parse_inbox_file(first).place
    for generation in range(2, 12):
        before = await kari.fetch()
        assert before is not None
        following = replace(place, generation=generation, replaces=inbox_file_hash(before))
        for skipped in (
            replace(following, generation=generation + 1),
            replace(following, replaces=some_digest("another")),
        ):
            assert await kari.refused(file_for(telephone, skipped)) == "inbox_file_moved"
        newest = file_for(telephone, following)
        await kari.keep(newest)
        assert await kari.fetch() == newest
    assert len(await telephone.files()) == 8


async def test_only_who_is_eligible_now_comes_in(telephone: Telephone, kari: Hand) -> None:
    data = file_for(telephone)
    await kari.keep(data)
    for name in ("Jon", "Ingrid", "Elle"):
        other = replace(kari, name=name)
        assert await other.refused() == "device_not_valid"
        assert await other.refused(data) == "device_not_valid"
    await telephone.on_duty("Jon")
    assert await kari.refused() == "device_not_valid"
    assert await replace(kari, name="Jon").fetch() == data


async def test_a_request_for_something_else_opens_neither_door(telephone: Telephone, kari: Hand) -> None:
    data = file_for(telephone)
    assert await kari.refused(role=None) == "not_found"
    assert await kari.refused(data, role=None) == "not_found"
    assert await kari.refused(action="list channels after 0") == "stale_request"
    assert await kari.refused(data, action=f"fetch inbox file {telephone.inbox.hex()}") == "stale_request"
    assert await kari.refused(data, action=f"keep inbox file {bytes(32).hex()}") == "stale_request"
    assert await kari.refused(made_at=Millis(now_ms() - 3_600_000)) == "stale_request"
    other = replace(telephone, inbox=PrincipalId(new_id()))
    assert await kari.refused(file_for(other)) == "malformed_frame"  # another inbox's file


@pytest.mark.parametrize("length", [0, 1, 400])
async def test_what_is_no_file_is_refused(kari: Hand, length: int) -> None:
    assert await kari.refused(bytes(length)) == "malformed_frame"


async def test_a_file_of_another_format_is_refused(telephone: Telephone, kari: Hand) -> None:
    items: Any = decode(file_for(telephone), max_size=MAX_INBOX_FILE)
    assert await kari.refused(encode([2, *items[1:]])) == "malformed_frame"
    assert await telephone.files() == []
