"""`samsnakk enrol`, as a person does it, at a real node and a certified provider: begin, work, renew."""

import asyncio
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from domain.ids import PrincipalId
from samsnakk import Client, Refused, Terms, Text
from samsnakk.cli.arguments import main
from samsnakk.demo.world import World
from samsnakk.node_place import NODE_FILE
from samsnakk.profile import PROFILE, Profile
from samsnakk.staff_enrolment import BEGINNING, Beginning
from tests.client.conftest import Connect, opened, texts
from tests.journeys.node_sign_in.conftest import House, Places, at_work, signed_in, through
from tests.journeys.node_sign_in.programs import Program, command, running
from tests.service.identity.visitor import Visitor, visiting

WORDS = "et langt passord"


async def here(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """The command in this process, which is quicker; code, output, errors."""
    capsys.readouterr()
    code = await asyncio.to_thread(main, [str(argument) for argument in arguments])
    return code, *capsys.readouterr()


async def enrolled(house: House, folder: Path, account: str, *more: str | Path) -> tuple[int, str, str]:
    """The whole command with a browser without a screen; code, output, errors."""
    first = () if (folder / PROFILE).exists() else ("--node", house.places.node, "--trust", house.world.trust_file)
    async with running("enrol", "--data", folder, "--no-browser", *first, *more) as program:
        address, code = await program.until(r"(http://\S+/sign-in/program\S+)"), await program.until(r"koden (\w+ \w+)")
        async with visiting(house.places.node) as visitor:
            await signed_in(visitor, address, code, account)
        return await program.ended()


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "pass.txt"
    file.touch(mode=0o600)
    file.write_text(WORDS + "\n")
    return file


async def test_a_newcomer_enrols_reads_and_writes(
    house: House, connect: Connect, tmp_path: Path, passphrase: Path
) -> None:
    newcomer, folder = house.newcomer(), tmp_path / "me"
    code, said, errors = await enrolled(house, folder, "kari", "--passphrase-file", passphrase)
    assert (code, errors) == (0, "")
    assert "meldt inn hos Fjellheim DPS" in said
    assert "GJENOPPRETTINGSKODE" in said
    assert not (folder / BEGINNING).exists()
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    profile = Profile.open(folder)
    assert profile.identity.person == newcomer
    unlocked = profile.unlock(WORDS)

    kari = await connect("Kari")
    channel = await kari.open_channel()
    await channel.join(0, Terms(newcomer, organisation=house.organisation))
    await channel.post(0, Text("Velkommen til oss."))
    async with Client(unlocked, house.places.hub.url) as client:
        mine = await opened(client, channel)
        assert await texts(mine) == ["Velkommen til oss."]
        posted = await mine.post(0, Text("Takk, jeg er på plass."))
    await channel.reached(posted.version)
    assert await texts(channel) == ["Velkommen til oss.", "Takk, jeg er på plass."]
    state = house.node.issuer.state(newcomer)
    assert state is not None
    assert state.keyring_hash is not None


async def signs_in_at_the_hub(program: Program, hub: str, account: str) -> None:
    """What the hub's page does, without its script."""
    address = await program.until(r"(http://\S+/sign-in/program\S+)")
    asked_for = dict(part.split("=") for part in address.partition("#")[2].split("&"))
    async with visiting(hub) as visitor:
        await visitor.sign_in(account, query="?max_age=0")
        made = await visitor.call("POST", "/api/v1/session/tickets", {"challenge": asked_for["challenge"]})
        assert made[0] == 200, made
        await visitor.get(f"http://127.0.0.1:{asked_for['port']}/?ticket={made[1]['ticket']}")


async def test_login_and_chat_work_with_what_enrolling_left(house: House, connect: Connect, tmp_path: Path) -> None:
    newcomer, folder = house.newcomer("unbound"), tmp_path / "me"
    house.register({"unbound": newcomer}, hpr="")
    assert (await enrolled(house, folder, "unbound", "--demo"))[0] == 0
    async with running("login", "--as", "meg", "--data", folder, "--no-browser") as login:
        await signs_in_at_the_hub(login, house.places.hub.url, "unbound")
        assert (await login.ended())[0] == 0
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, Terms(newcomer, organisation=house.organisation))
    await channel.post(0, Text("Ser du dette?"))
    process = await asyncio.create_subprocess_exec(
        *command("chat", channel.id.hex(), "--as", "meg", "--data", folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output, errors = await process.communicate(b"Ja.\n")
    assert process.returncode == 0, errors.decode()
    assert "Ser du dette?" in output.decode()
    async with asyncio.timeout(60):
        while "Ja." not in await texts(channel):
            await anext(aiter(channel.events(follow=True)))


async def test_a_certificate_is_renewed_the_same_way_and_only_by_its_person(
    house: House, tmp_path: Path, passphrase: Path
) -> None:
    newcomer, folder = house.newcomer(), tmp_path / "me"
    assert (await enrolled(house, folder, "kari", "--passphrase-file", passphrase))[0] == 0
    house.register({"kari": newcomer, "jon": bytes(15) + b"j"}, hpr="")
    before = json.loads((folder / NODE_FILE).read_text())["until"]
    code, said, errors = await enrolled(house, folder, "jon", "--passphrase-file", passphrase)
    assert (code, "hører til en kollega" in errors) == (1, True), (said, errors)
    code, said, errors = await enrolled(house, folder, "kari", "--passphrase-file", passphrase)
    assert (code, errors) == (0, "")
    assert "Sertifikatet er fornyet" in said
    assert "GJENOPPRETTINGSKODE" not in said
    assert json.loads((folder / NODE_FILE).read_text())["until"] > before
    state = house.node.issuer.state(newcomer)
    assert state is not None
    assert [c.device for c in state.certificates_of(Profile.open(folder).identity.device)] != []


async def test_one_is_told_in_time_that_the_certificate_ends(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.newcomer()
    folder = tmp_path / "me"
    assert (await enrolled(house, folder, "kari", "--demo"))[0] == 0
    place = json.loads((folder / NODE_FILE).read_text())
    for until, told in ((place["until"], False), (place["until"] - 24 * 24 * 60 * 60 * 1000, True)):
        (folder / NODE_FILE).write_text(json.dumps({**place, "until": until}))
        code, said, errors = await here(capsys, "logout", "--as", "meg", "--data", folder)
        assert (code, said.strip()) == (0, "Du var ikke logget inn.")
        assert ("samsnakk enrol --data" in errors) is told


async def test_an_answer_that_was_lost_does_not_take_the_first_key_along(
    house: House, tmp_path: Path, visitor: Visitor
) -> None:
    """The program is killed after the node signed: the next try goes on with the same keys."""
    newcomer, folder = house.newcomer(), tmp_path / "me"
    beginning = Beginning.in_folder(folder)
    beginning.keep(folder)
    house.register({"kari": newcomer})
    desk = house.desk_of(beginning.new.device, beginning.key)
    await through(visitor, house.places.node, "kari", lambda said: desk.ask(beginning.wish, ticket=said))
    code, _, errors = await enrolled(house, folder, "kari", "--demo")
    assert (code, errors) == (0, "")
    assert Profile.open(folder).identity.device == beginning.new.device


async def test_a_second_device_is_sent_to_the_first_one(house: House, tmp_path: Path) -> None:
    house.newcomer()
    assert (await enrolled(house, tmp_path / "me", "kari", "--demo"))[0] == 0
    code, _, errors = await enrolled(house, tmp_path / "another", "kari", "--demo")
    assert code == 1
    assert "samsnakk device add" in errors
    assert not (tmp_path / "another" / PROFILE).exists()


async def test_what_is_missing_is_named_with_what_to_write(
    house: House, tmp_path: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, node = house.world.trust_file, house.places.node
    other = tmp_path / "other.json"
    other.write_text(trust.read_text().replace(house.world.organisation("dps").number, "x"))
    passphrase.chmod(0o644)
    cases: list[tuple[int, str, tuple[str | Path, ...]]] = [
        (2, "--node og --trust", ()),
        (2, "No such file", ("--node", node, "--trust", tmp_path / "none")),
        (2, "Fjellheim DPS", ("--node", node, "--trust", trust, "--organisation", "Nordvik kommune")),
        (2, "chmod 600", ("--node", node, "--trust", trust, "--passphrase-file", passphrase)),
        (1, "Får ikke kontakt", ("--node", "http://127.0.0.1:9", "--trust", trust)),
    ]
    for expected, text, more in cases:
        code, _, errors = await here(capsys, "enrol", "--data", tmp_path / "me", "--no-browser", *more)
        assert (code, text in errors) == (expected, True), errors


async def test_a_node_of_another_root_is_not_believed(house: House, places: Places, tmp_path: Path) -> None:
    """Somebody put a node with a root of their own at the address."""
    impostor = World.create(tmp_path / "impostor")
    pins = json.loads(house.world.trust_file.read_text())
    roots = {o["id"]: o["root"] for o in json.loads(impostor.trust_file.read_text())["organisations"]}
    swapped = next(iter(roots.values()))
    for organisation in pins["organisations"]:
        organisation["root"] = swapped
    trust = tmp_path / "trust.json"
    trust.write_text(json.dumps(pins))
    house.newcomer()
    async with running(
        "enrol", "--data", tmp_path / "me", "--no-browser", "--demo", "--node", places.node, "--trust", trust
    ) as program:
        address, code = await program.until(r"(http://\S+/sign-in/program\S+)"), await program.until(r"koden (\w+ \w+)")
        async with visiting(places.node) as visitor:
            await signed_in(visitor, address, code, "kari")
        result, _, errors = await program.ended()
    assert (result, "STOPP" in errors) == (1, True), errors
    assert not (tmp_path / "me" / PROFILE).exists()


async def test_a_node_of_two_organisations_keeps_them_apart(
    world: World, places: Places, tmp_path: Path, visitor: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    nordvik, newcomer = world.organisation("nordvik").id, PrincipalId(bytes(15) + b"t")
    async with at_work(world, places, tmp_path / "node", "dps", "nordvik") as house:
        register = house.node.issuer.node.staff_file(nordvik)
        register.write_text(f"person,function,hpr,identity\n{newcomer.hex()},lege,,{house.identity('elsewhere')}\n")
        desk, beginning = house.desk(), Beginning.in_folder(tmp_path / "nobody")
        wish = replace(beginning.wish, public_key=desk.key.public)
        with pytest.raises(Refused, match="another_organisation"):  # signed in for Nordvik, asks for Fjellheim
            await through(visitor, places.node, "elsewhere", lambda said: desk.ask(wish, ticket=said))
        first = ("enrol", "--data", tmp_path / "me", "--node", places.node, "--trust", world.trust_file)
        code, _, errors = await here(capsys, *first)
        assert (code, "Fjellheim DPS, Nordvik kommune" in errors) == (2, True), errors
        code, said, errors = await enrolled(
            house, tmp_path / "me", "elsewhere", "--demo", "--organisation", "nordvik kommune"
        )
        assert (code, errors) == (0, ""), said
        identity = Profile.open(tmp_path / "me").identity
        assert (identity.person, identity.organisation) == (newcomer, nordvik)
