"""A second device of staff: approved from the first one, after a real sign-in at the organisation's own node."""

import asyncio
from pathlib import Path

import pytest

from crypto.device_approvals import mailbox_name
from crypto.kem import KemKey
from crypto.keyring_slots import PrfSlot
from crypto.keyrings import Keyring, parse_keyring_file
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from crypto.signing import SigningKey
from protocol.node_requests import Certify
from samsnakk.enrolling import Desk, Enrolled
from samsnakk.errors import Refused
from samsnakk.keyring_home import KeyringHome
from samsnakk.keyring_passkeys import add_passkey, remove_passkey
from samsnakk.keyring_rings import device_names
from samsnakk.new_device import Asking, NewDevice, NewPlace, approve
from samsnakk.node_issuing import NodeIssuer, Use, desk_of
from samsnakk.passkey_page import Handed
from samsnakk.passkey_unlocking import unlock_with_passkey
from samsnakk.profile import Unlocked
from tests.journeys.keyrings.authenticator import Authenticator
from tests.journeys.node_sign_in.conftest import House, through
from tests.service.identity.visitor import Visitor

KEY = bytes(range(32))


async def enrolled(house: House, visitor: Visitor, folder: Path) -> Unlocked:
    """The newcomer's first device."""
    person, new, seed = house.newcomer(), NewDevice.make(), SecretKey(random_bytes(32))
    key, node = SigningKey.from_seed(new.signing_seed), house.places.node
    desk, wish = (
        Desk(node, house.world.trust, house.organisation, new.device, key),
        Certify(key.public, KemKey.from_seed(seed).public),
    )
    await through(visitor, node, "kari", lambda said: desk.ask(wish, ticket=said))
    return new.settle(folder, house.world.trust, house.organisation, Keyring(person, ((1, seed),), None, {}), KEY)


async def test_a_second_device_is_let_in_after_a_real_sign_in_and_cut_off_without_one(
    house: House, visitor: Visitor, tmp_path: Path
) -> None:
    laptop, node, signed_in = await enrolled(house, visitor, tmp_path / "laptop"), house.places.node, 0

    async def sign_in(use: Use) -> Enrolled:
        nonlocal signed_in
        signed_in += 1
        return await through(visitor, node, "kari", use)

    async def same(_: str) -> bool:
        return True

    async with KeyringHome(laptop, house.places.hub.url, NodeIssuer(desk_of(laptop, node), sign_in)) as home:
        await home.begin("Laptop")
        asking = Asking(house.places.hub.url, pause=0.02)
        run = asyncio.ensure_future(asking.run(tmp_path / "telefon", KEY, same))
        while await home.doors.letter(mailbox_name(asking.code), "commitment") is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        device = await approve(home, asking.code, "Telefon", same, pause=0.02)
        phone = await run
        assert phone.identity.device == device
        assert dict(phone.ring.seeds) == dict(laptop.ring.seeds)
        assert set(device_names((await home.fetch()).ring).values()) == {"Laptop", "Telefon"}
        await home.lose(device)
        assert set(device_names((await home.fetch()).ring).values()) == {"Laptop"}
        assert [c.revoked_at is None for c in (await home.state()).certificates] == [True, False]
    assert signed_in == 1


async def test_a_passkey_alone_is_not_enough_for_staff_and_with_a_sign_in_at_the_node_it_is(
    house: House, visitor: Visitor, tmp_path: Path
) -> None:
    first, node, passkey = await enrolled(house, visitor, tmp_path / "laptop"), house.places.node, Authenticator()
    signed_in: list[str] = []

    async def sign_in(use: Use) -> Enrolled:
        signed_in.append(node)
        return await through(visitor, node, "kari", use)

    def issuing(unlocked: Unlocked) -> NodeIssuer:
        return NodeIssuer(desk_of(unlocked, node), sign_in)

    hub = house.places.hub.url
    async with KeyringHome(first, hub, issuing(first)) as home:
        await home.begin("Laptop")
        await add_passkey(home, passkey.handover(home.person))
        found = (await home.fetch()).found
        (slot,) = [one for one in parse_keyring_file(found.file).slots if isinstance(one, PrfSlot)]
        handed = Handed(passkey.handover(home.person, slot.salt), found)
        place = NewPlace(hub, house.world.trust, tmp_path / "ny", KEY)
        with pytest.raises(Refused) as refused:
            await unlock_with_passkey(handed, place, "Ny")
        assert refused.value.code == "no_issuer"
        assert signed_in == []
        new = await unlock_with_passkey(handed, place, "Ny", issuing)
        assert len(signed_in) == 1
        assert dict(new.ring.seeds) == dict(first.ring.seeds)
        await remove_passkey(home, "Nøkkel")
        assert len(signed_in) == 1, "taking a passkey away must not wait for a sign-in"
        assert set(device_names((await home.fetch()).ring).values()) == {"Laptop", "Ny"}
        assert len((await home.state()).key_versions) == 2
