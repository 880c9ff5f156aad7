"""A hub in the middle of letting a new device in: the code that both devices show tells."""

import asyncio
from collections.abc import Callable

import pytest

from crypto.device_approvals import Offer, commit, encode_offer, mailbox_name
from crypto.kem import KemKey
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from samsnakk import Refused
from samsnakk.errors import CodesDiffer, NotInTime
from samsnakk.keyring_doors import KeyringDoors
from samsnakk.keyring_home import KeyringHome
from samsnakk.new_device import Asking, approve
from tests.conftest import HubProcess
from tests.journeys.keyrings.conftest import Place


class Shown:
    """What the two screens show; the person compares them."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    async def compare(self, screen: str, other: str, code: str) -> bool:
        self.codes[screen] = code
        async with asyncio.timeout(20):
            while other not in self.codes:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return self.codes["new"] == self.codes["old"]

    async def on_new(self, code: str) -> bool:
        return await self.compare("new", "old", code)

    async def on_old(self, code: str) -> bool:
        return await self.compare("old", "new", code)


async def keyring_of(place: Place, name: str) -> KeyringHome:
    home = await place.home(place.profile(name))
    if (await home.state()).keyring_hash is None:
        await home.begin("Laptop")
    return home


async def commitment_in(doors: KeyringDoors, code: str) -> None:
    async with asyncio.timeout(20):
        while await doors.letter(mailbox_name(code), "commitment") is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_both_devices_show_the_same_code_where_nobody_is_in_the_middle(place: Place, key: bytes) -> None:
    home, shown, asking = await keyring_of(place, "Kari"), Shown(), Asking(place.hub.url, pause=0.02)
    run = asyncio.ensure_future(asking.run(place.folder_for("ny"), key, shown.on_new))
    await commitment_in(home.doors, asking.code)
    device = await approve(home, asking.code, "Telefon", shown.on_old, pause=0.02)
    assert (await run).identity.device == device
    assert shown.codes["new"] == shown.codes["old"]
    assert await home.doors.letter(mailbox_name(asking.code), "handover") is None


async def test_a_hub_that_puts_its_own_device_in_the_middle_is_told_by_the_code(
    place: Place, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, shown, asking = await keyring_of(place, "Kari"), Shown(), Asking(place.hub.url, pause=0.02)
    mine = KemKey.from_seed(random_bytes(32))
    signing = SigningKey.from_seed(random_bytes(32))
    evil = encode_offer(Offer(new_id(), signing.public, mine.public, random_bytes(32)))
    honest = KeyringDoors.letter

    async def lying(self: KeyringDoors, mailbox: bytes, step: str) -> bytes | None:
        found = await honest(self, mailbox, step)
        if self is home.doors and found is not None:
            return {"commitment": bytes(commit(evil)), "offer": evil}.get(step, found)
        return found

    run = asyncio.ensure_future(asking.run(place.folder_for("ny"), key, shown.on_new))
    await commitment_in(home.doors, asking.code)
    monkeypatch.setattr(KeyringDoors, "letter", lying)
    before = await home.state()
    with pytest.raises(CodesDiffer):
        await approve(home, asking.code, "Telefon", shown.on_old, pause=0.02)
    with pytest.raises(CodesDiffer):
        await run
    assert shown.codes["new"] != shown.codes["old"]
    assert (await home.state()).certificates == before.certificates


async def test_an_offer_changed_after_the_commitment_is_never_shown(
    place: Place, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, asking = await keyring_of(place, "Kari"), Asking(place.hub.url, pause=0.02)
    honest = KeyringDoors.letter

    async def lying(self: KeyringDoors, mailbox: bytes, step: str) -> bytes | None:
        found = await honest(self, mailbox, step)
        return bytes([found[0], *found[1:-1], found[-1] ^ 1]) if found and step == "offer" else found

    async def never(code: str) -> bool:
        pytest.fail(f"shown: {code}")

    async def waiting(_: str) -> bool:
        return False

    run = asyncio.ensure_future(asking.run(place.folder_for("ny"), key, waiting))
    await commitment_in(home.doors, asking.code)
    monkeypatch.setattr(KeyringDoors, "letter", lying)
    with pytest.raises(CodesDiffer):
        await approve(home, asking.code, "Telefon", never, pause=0.02)
    with pytest.raises(CodesDiffer):
        await run


async def test_a_wrong_code_finds_no_device_and_guessing_is_limited(
    place: Place, start_hub: Callable[..., HubProcess]
) -> None:
    home = await keyring_of(place, "Kari")
    with pytest.raises(NotInTime):
        await approve(home, "AAAA-AAAA", "x", Shown().on_old)
    limited = start_hub(place.world, SAMSNAKK_PUBLISH_BURST="5", SAMSNAKK_PUBLISH_RATE="0.0001")
    doors = KeyringDoors(limited.url)
    try:
        for n in range(5):
            assert await doors.letter(mailbox_name(f"AAAA-AAA{n}"), "commitment") is None
        with pytest.raises(Refused) as refused:
            await doors.letter(mailbox_name("AAAA-AAA9"), "commitment")
        assert refused.value.code == "quota_exceeded"
        with pytest.raises(Refused) as refused:
            await doors.located(bytes(32))
        assert refused.value.code == "quota_exceeded"
    finally:
        await doors.close()


async def test_a_mailbox_takes_each_letter_once_and_the_old_devices_letters_only_signed(place: Place) -> None:
    home = await keyring_of(place, "Kari")
    mailbox = new_id()
    with pytest.raises(Refused) as refused:
        await home.doors.put_letter(mailbox, "offer", b"no mailbox yet")
    assert refused.value.code == "out_of_turn"
    await home.doors.put_letter(mailbox, "commitment", bytes(32))
    with pytest.raises(Refused) as refused:
        await home.doors.put_letter(mailbox, "commitment", bytes([1]) * 32)
    assert refused.value.code == "out_of_turn"
    with pytest.raises(Refused) as refused:
        await home.doors.put_letter(mailbox, "answer", b"unsigned")
    assert refused.value.code == "malformed_frame"
    await home.doors.end_mailbox(mailbox)
    assert await home.doors.letter(mailbox, "commitment") is None
