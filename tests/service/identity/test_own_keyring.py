"""The sealed keyring of who is signed in: the own one, to one's own page, and to nobody else."""

from collections.abc import AsyncIterator

import pytest

from crypto import cbor, keyrings
from samsnakk.demo.issuing import DemoIssuer
from samsnakk.demo.world import World
from samsnakk.keyring_home import KeyringHome
from tests.conftest import HubProcess
from tests.service.identity.test_sockets import bind
from tests.service.identity.visitor import Visitor

DOOR = "/api/v1/keyring"


@pytest.fixture
async def home(signing_hub: HubProcess, world: World) -> AsyncIterator[KeyringHome]:
    profile = world.profile("Kari", world.folder / "devices" / "Kari")
    unlocked = profile.unlock(key=(profile.folder / "unlock.key").read_bytes())
    async with KeyringHome(unlocked, signing_hub.url, DemoIssuer(world)) as home:
        if (await home.state()).keyring_hash is None:
            await home.begin("Laptop")
        yield home


async def test_who_is_signed_in_and_bound_gets_the_own_keyring_as_it_lies_there(
    visitor: Visitor, home: KeyringHome, world: World
) -> None:
    await visitor.sign_in("kari")
    assert (await bind(visitor, world, world.person("Kari")))[0] == 200
    before = (await home.fetch()).found
    await home.new_code()
    after = (await home.fetch()).found
    answer = await visitor.get(visitor.hub + DOOR)
    assert answer.status == 200
    headers = ("Cache-Control", "Cross-Origin-Resource-Policy", "X-Content-Type-Options")
    assert [answer.headers[name] for name in headers] == ["no-store", "same-origin", "nosniff"]
    found = cbor.decode(await answer.read(), max_size=keyrings.MAX_FILE)
    assert found == [home.person, after.generation, after.newest, list(after.locators), after.file]
    earlier = await visitor.get(f"{visitor.hub}{DOOR}?hash={keyrings.keyring_hash(before.file).hex()}")
    assert cbor.decode(await earlier.read(), max_size=keyrings.MAX_FILE)[4] == before.file  # type: ignore[index]
    for bad in ("00" * 32, "xyz", ""):
        assert (await visitor.call("GET", f"{DOOR}?hash={bad}"))[0] == 404


async def test_nobody_else_gets_one(visitor: Visitor, another: Visitor, home: KeyringHome, world: World) -> None:
    assert (await home.fetch()).found.file
    status, told = await visitor.call("GET", DOOR)
    assert (status, told["code"]) == (401, "no_session")
    await visitor.sign_in("unbound")
    status, told = await visitor.call("GET", DOOR)
    assert (status, told["code"]) == (403, "session_not_bound")
    await another.sign_in("jon")
    assert (await bind(another, world, world.person("Jon")))[0] == 200
    status, told = await another.call("GET", DOOR)
    assert (status, told["code"]) == (404, "not_found"), "he has none, and hers is not for him"
    assert (await another.call("GET", f"/api/v1/keyrings/{home.person.hex()}"))[0] == 400
