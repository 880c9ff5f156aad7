"""Staff whose organisation runs a node: a new phone, a lost one, the code on paper. The node asks for a sign-in."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto.device_approvals import mailbox_name
from crypto.hashing import Digest
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId, Version
from protocol.node_requests import Admit, Renew
from samsnakk import Channel, Client, Refused, Standing, Terms, Text
from samsnakk.cli import device as device_commands
from samsnakk.cli.arguments import main
from samsnakk.demo.profiles import UNLOCK_FILE, unlock_profile
from samsnakk.enrolling import Enrolled
from samsnakk.errors import SomebodyElseSignedIn
from samsnakk.keyring_home import KeyringHome
from samsnakk.new_device import Asking, approve, recover
from samsnakk.node_issuing import NodeIssuer, SignIn, Use, desk_of
from samsnakk.profile import Unlocked
from tests.client.conftest import texts
from tests.conftest import HubProcess
from tests.journeys.node.conftest import House

KEY = bytes(range(32))
KEYRING_HASH = Digest(bytes(32))


async def yes(_: str) -> bool:
    return True


@dataclass
class Desk:
    """Opens profiles, keyrings and clients of one house, and closes them at the end."""

    house: House
    hub: HubProcess
    folder: Path
    stack: AsyncExitStack

    def first(self, name: str) -> Unlocked:
        return unlock_profile(self.house.world.profile(name).folder)

    def issuer(self, unlocked: Unlocked, who: bytes | None = None) -> NodeIssuer:
        async def sign_in(use: Use) -> Enrolled:
            return await use(self.house.ticket(who or unlocked.identity.person))

        return NodeIssuer(desk_of(unlocked, self.house.url), sign_in)

    async def home(self, unlocked: Unlocked, who: bytes | None = None) -> KeyringHome:
        home = KeyringHome(unlocked, self.hub.url, self.issuer(unlocked, who))
        return await self.stack.enter_async_context(home)

    async def channel(self, opener: str, *others: str) -> Channel:
        client = await self.client(self.first(opener))
        channel = await client.open_channel()
        for name in others:
            person = self.house.world.person(name)
            await channel.join(0, Terms(person.id, Standing.STAFF, person.organisation, legal_basis="treatment"))
        return channel

    async def client(self, unlocked: Unlocked) -> Client:
        return await self.stack.enter_async_context(Client(unlocked, self.hub.url))

    async def read_by(self, unlocked: Unlocked, channel: Channel) -> list[str]:
        mine = await (await self.client(unlocked)).channel(channel.id)
        await mine.reached(channel.version)
        return await texts(mine)

    async def let_in(self, home: KeyringHome, name: str) -> Unlocked:
        asking = Asking(self.hub.url, pause=0.02)
        run = asyncio.ensure_future(asking.run(self.folder / random_bytes(4).hex(), KEY, yes))
        while await home.doors.letter(mailbox_name(asking.code), "commitment") is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        try:
            await approve(home, asking.code, name, yes, pause=0.02)
            return await run
        finally:
            run.cancel()


@pytest.fixture
async def desk(house: House, hub: HubProcess, tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        yield Desk(house, hub, tmp_path, stack)


async def begun(desk: Desk, name: str) -> KeyringHome:
    home = await desk.home(desk.first(name))
    if (await home.state()).keyring_hash is None:
        await home.begin("Laptop")
    return home


async def test_a_new_phone_of_staff_is_let_in_and_a_lost_one_reads_nothing_that_follows(desk: Desk) -> None:
    home = await begun(desk, "Kari")
    phone = await desk.let_in(home, "Telefon")
    channel = await desk.channel("Ingrid", "Kari")
    await channel.post(0, Text("før"))
    assert await desk.read_by(phone, channel) == ["før"]

    await home.lose(DeviceId(phone.identity.device))
    posted = await channel.post(0, Text("etter"))
    await channel.reached(posted.version)
    kari = desk.house.world.person("Kari").id
    facts = [channel.event(Version(n)).facts for n in range(1, channel.version + 1)]
    versions = [e.key_version for f in facts for e in getattr(f, "roster", ()) if e.principal == kari]
    assert versions[-1] == max(home.unlocked.kem_keys[kari]) == max(phone.kem_keys[kari]) + 1
    assert await desk.read_by(home.unlocked, channel) == ["før", "etter"]
    new = await desk.let_in(home, "Ny telefon")
    assert await desk.read_by(new, channel) == ["før", "etter"]

    lost = await desk.client(phone)
    async with asyncio.timeout(30):
        while lost._connection.failure is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert lost._connection.failure.code == "device_not_valid"
    with pytest.raises(Refused, match="device_not_valid"):
        await (await desk.home(phone)).fetch()
    with pytest.raises(Refused, match="device_not_valid"):
        await desk.let_in(await desk.home(phone), "Tyvens")


async def test_staff_come_back_with_the_code_and_their_own_sign_in_and_not_with_somebody_elses(desk: Desk) -> None:
    home = await begun(desk, "Jon")
    code = await home.new_code()
    trust, jon = desk.house.world.trust, desk.house.world.person("Jon").id
    channel = await desk.channel("Ingrid", "Jon")
    await channel.post(0, Text("lenge siden"))

    def as_kari(unlocked: Unlocked) -> NodeIssuer:
        return desk.issuer(unlocked, desk.house.world.person("Kari").id)

    with pytest.raises(SomebodyElseSignedIn):
        await recover(code, desk.hub.url, trust, desk.folder / "feil", KEY, "Ny", as_kari)
    with pytest.raises(Refused, match="no_issuer"):
        await recover(code, desk.hub.url, trust, desk.folder / "uten", KEY, "Ny")
    again, next_code = await recover(code, desk.hub.url, trust, desk.folder / "ny", KEY, "Ny", desk.issuer)
    assert again.identity.person == jon
    assert next_code != code
    assert await desk.read_by(again, channel) == ["lenge siden"]


async def test_the_node_lets_in_another_device_only_with_a_fresh_sign_in_of_the_same_person(
    desk: Desk, house: House
) -> None:
    kari, key = desk.first("Kari"), SigningKey.from_seed(random_bytes(32))
    at_node, wish = desk_of(kari, house.url), Admit(DeviceId(new_id()), key.public)
    with pytest.raises(Refused, match="no_login"):
        await at_node.ask(wish)
    with pytest.raises(Refused, match="another_person"):
        await at_node.ask(wish, ticket=house.ticket(house.world.person("Jon").id))
    ticket = house.ticket(kari.identity.person)
    assert (await at_node.ask(wish, ticket=ticket)).person == kari.identity.person
    with pytest.raises(Refused, match="no_login"):
        await at_node.ask(Admit(DeviceId(new_id()), key.public), ticket=ticket)


async def test_a_new_key_and_its_keyring_are_stated_together_or_not_at_all(desk: Desk, house: House) -> None:
    home = await begun(desk, "Kari")
    before = await home.state()
    used = before.key_versions[-1].kem[0]
    with pytest.raises(Refused, match="not_allowed"):
        await desk_of(home.unlocked, house.url).ask(Renew(len(before.key_versions) + 1, used, KEYRING_HASH))
    assert (await home.state()).n == before.n
    await home.lose((await desk.let_in(home, "Telefon")).identity.device)
    after = house.node.issuer.state(home.person)
    assert after is not None
    assert len(after.key_versions) == len(before.key_versions) + 1


async def test_staff_use_the_commands_with_their_node(
    desk: Desk, house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    jon = house.world.profile("Jon").folder
    person = house.world.person("Jon").id

    def signs_in(_: str) -> SignIn:
        async def sign_in(use: Use) -> Enrolled:
            return await use(house.ticket(person))

        return sign_in

    monkeypatch.setattr(device_commands, "sign_in_at", signs_in)
    pass_file = desk.folder / "passord"
    pass_file.write_text("et langt passord\n", encoding="utf-8")
    pass_file.chmod(0o600)

    async def typed(*words: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, [*words, "--url", desk.hub.url])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    code, said = await typed("recovery", "make", "--data", str(jon))
    assert code == 1
    assert "--node" in said
    code, sheet = await typed("recovery", "make", "--data", str(jon), "--node", house.url)
    assert code == 0, sheet
    paper = "".join(re.findall(r"\b[0-9A-Z]{4}\b", sheet)[:8])
    new, trust = desk.folder / "ny", str(house.world.trust_file)
    there = ("--data", str(new), "--passphrase-file", str(pass_file))
    code, said = await typed("recovery", "use", paper, "--name", "Ny", "--trust", trust, "--node", house.url, *there)
    assert code == 0, said
    assert not (new / UNLOCK_FILE).exists()
    code, listed = await typed("device", "list", *there)
    assert code == 0, listed
    assert re.search(r"^Ny .*\(denne\)$", listed, re.MULTILINE)
    others = re.findall(r"^\S+  ([0-9a-f]{8})$", listed, re.MULTILINE)
    for other in others:  # the profile remembers the node
        assert (await typed("device", "lost", other, *there))[0] == 0
    assert set(re.findall(r"  ([0-9a-f]{8})$", (await typed("device", "list", *there))[1], re.MULTILINE)) == set()
