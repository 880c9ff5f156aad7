"""Nothing readable leaves the people's devices: what is said is found nowhere else, in no dress (docs/protocol.md §8).

A conversation full of canaries goes through a real hub behind a recording proxy. Then everything is searched: the whole
data directory with PostgreSQL's files, write-ahead log and log, the hub's log and metrics, the wire, and the clients'
own disks. The same search finds a canary of its own in each of these places, where it was planted on purpose.
"""

import asyncio
import base64
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
import websockets

from domain.ids import DeviceId, Millis
from protocol import frames
from samsnakk import (
    ALL_HISTORY,
    Agreement,
    Audience,
    Channel,
    Client,
    Files,
    Profile,
    Question,
    Reaction,
    Summary,
    Task,
    Terms,
    Text,
    Topic,
)
from samsnakk.demo.world import World
from service.store.embedded import EmbeddedPostgres
from tests.client.conftest import KEY, make_profile, opened
from tests.conftest import HubProcess
from tests.journeys.confidentiality.recording_proxy import RecordingProxy
from tests.journeys.confidentiality.searching import files_below, found_in, new_canary

NATIONAL_ID = "01019012480"
NAMES = ("Elle", "Kari", "Jon", "Ingrid", "Ola")
Places = dict[str, bytes]
Invite = Callable[..., Terms]


class Said:
    """Makes texts that all hold the same canary, with letters that get mangled where a character set is forgotten."""

    def __init__(self) -> None:
        self.canary = new_canary()

    def __call__(self, what: str) -> str:
        return f"{what}: čđŋ {self.canary} šŧž {NATIONAL_ID} 🫶"


async def converse(people: dict[str, Client], terms: Invite, world: World, said: Said) -> None:
    """Everything that can hold a text, by staff of three organisations and the user; Ola is removed on the way."""
    kari, elle = people["Kari"], people["Elle"]
    channel = await kari.open_channel(title=said("title"))
    await channel.join(0, terms("Jon"))
    await channel.join(0, terms("Ola"))
    await channel.post(0, Text(said("text")))
    await channel.join(0, terms("Ingrid", history=ALL_HISTORY))
    await channel.user_arrived(world.person("Elle").id)
    hers, ingrids = await opened(elle, channel), await opened(people["Ingrid"], channel)
    olas = await opened(people["Ola"], channel)
    await hers.post(0, Text(said("the user's text")))
    await fill(channel, ingrids, said)
    picture = (said("content of a file") * 5000).encode()
    file = await channel.upload(0, picture, said("name of a file") + ".txt", "text/plain")
    sent = await channel.post(0, Files((file,), said("text to a file")))
    await olas.reached(sent.version)
    assert await olas.download(0, file) == picture
    await channel.remove(world.person("Ola").id)
    await channel.post(0, Text(said("after a removal")))
    await hers.save_draft(0, said("the user's draft"))
    await hers.typing(0)
    await hers.access_log()
    last = await channel.post(0, Summary(said("summary"), said("contact")))
    for reader in (hers, ingrids, await opened(people["Jon"], channel)):
        await reader.reached(last.version)
        assert reader.event(last.version).content == Summary(said("summary"), said("contact"))
    await open_a_staff_only_thread(channel, kari, terms("Ingrid"), said)


async def fill(channel: Channel, ingrids: Channel, said: Said) -> None:
    """Questions, agreements, corrections and whatever else is more than a text."""
    question = await ingrids.post(0, Question(said("question")), asks=True)
    await channel.reached(question.version)
    await channel.take(0, question.version)
    await channel.post(0, Reaction(question.version, said.canary))
    task = Task(said("who"), said("what"))
    await channel.post(0, Agreement((said("met"),), said("agreed"), (task,)))
    wrong = await channel.post(0, Text(said("wrong")))
    await channel.post(0, Text(said("corrected")), corrects=wrong.version)
    await channel.retract(0, (await channel.post(0, Text(said("taken back")))).version)
    await channel.save_draft(0, said("draft"))


async def open_a_staff_only_thread(channel: Channel, kari: Client, ingrid: Terms, said: Said) -> None:
    opened_thread = await channel.open_thread(
        Audience.STAFF_ONLY,
        Topic.SAFETY,
        said("title of a thread"),
        [ingrid],
        reason_for_user=said("reason"),
        review_at=Millis(kari.now() + 86_400_000),
    )
    assert opened_thread.thread is not None
    await channel.post(opened_thread.thread, Text(said("among staff")))


async def tables_of(hub: HubProcess) -> Places:
    """Every row of every table as text: what lies compressed in the files is seen here."""
    connection = await asyncpg.connect(EmbeddedPostgres(hub.data / "postgres").dsn("superuser"))
    try:
        names = await connection.fetch(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found: Places = {}
        for (name,) in names:
            rows = await connection.fetch(f"SELECT t::text AS row FROM {name} t")  # noqa: S608 - the server's own names
            found[f"table {name}"] = "\n".join(row["row"] for row in rows).encode()
        return found
    finally:
        await connection.close()


class Planted:
    """One canary of its own for each place, and where it must be found."""

    def __init__(self) -> None:
        self.where: dict[str, str] = {}
        self.long = ""

    def at(self, place: str) -> str:
        canary = new_canary()
        self.where[canary] = place
        return canary


async def plant_in_the_database(hub: HubProcess, planted: Planted) -> None:
    connection = await asyncpg.connect(EmbeddedPostgres(hub.data / "postgres").dsn("superuser"))
    try:
        await connection.execute("CREATE TABLE planted (text text)")
        await connection.execute("INSERT INTO planted VALUES ($1)", planted.at("hub postgres/pgdata/base/"))
        await connection.execute("INSERT INTO planted VALUES ($1)", planted.at("table public.planted") + "x" * 100_000)
        record = planted.at("hub postgres/pgdata/pg_wal/")
        await connection.execute("SELECT pg_logical_emit_message(false, 'planted', $1)", record)
        # Longer than a page of the log: it lies there in pieces, and is found only where they are joined.
        planted.long = "".join(new_canary() for _ in range(2500))
        await connection.execute("SELECT pg_logical_emit_message(false, 'planted', $1)", planted.long)
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.execute(f"SELECT '{planted.at('hub postgres/postgres.log')}' FROM nowhere")  # noqa: S608
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def plant_on_the_wire(proxy: RecordingProxy, planted: Planted) -> None:
    """Masked by a WebSocket client; and both ways, by a server that says everything back."""
    async with websockets.connect(f"ws://{proxy.address}/ws", compression=None, proxy=None) as socket:
        await socket.send(frames.encode(frames.Hello(1, DeviceId(bytes(16)), planted.at("wire"))))
        await socket.recv()

    async def say_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"you said " + await reader.readline())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say_back, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with RecordingProxy(address) as other:
        reader, writer = await asyncio.open_connection(*other.address.split(":"))
        canary = planted.at("wire")
        writer.write(canary.encode() + b"\n")
        await reader.read()
        writer.close()
        both_ways = [data for data in other.captured().values() if canary.encode() in data]
    server.close()
    assert len(both_ways) == 2
    reader, writer = await asyncio.open_connection(*proxy.address.split(":"))
    writer.write(b"GET /%s HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n" % canary.encode())
    await reader.read()
    writer.close()


def plant_on_a_clients_disk(profiles: Path, planted: Planted) -> None:
    with sqlite3.connect(profiles / "Kari" / "local.db") as local:
        local.execute("CREATE TABLE planted (text TEXT)")
        local.execute("INSERT INTO planted VALUES (?)", (planted.at("client Kari/local.db"),))
    local.close()


@pytest.mark.slow
async def test_what_people_say_is_found_nowhere_but_with_them(
    start_hub: Callable[..., HubProcess], world: World, terms: Invite, tmp_path: Path
) -> None:
    hub: HubProcess = start_hub(world, SAMSNAKK_LOG_LEVEL="debug")
    said, planted, profiles = Said(), Planted(), tmp_path / "profiles"
    async with RecordingProxy(hub.url.removeprefix("http://")) as proxy:
        async with AsyncExitStack() as clients:
            people: dict[str, Client] = {}
            for name in NAMES:
                profile: Profile = make_profile(world, name, profiles / name)
                client = Client(profile.unlock(key=KEY), f"http://{proxy.address}")
                people[name] = await clients.enter_async_context(client)
            await converse(people, terms, world, said)
        await plant_in_the_database(hub, planted)
        await plant_on_the_wire(proxy, planted)
        places = proxy.captured()
    status, metrics = await asyncio.to_thread(hub.get, "/metrics")
    assert status == 200
    places["metrics"] = metrics
    places |= await tables_of(hub)
    assert await asyncio.to_thread(hub.stop) == 0
    plant_on_a_clients_disk(profiles, planted)
    with hub.log_file.open("a") as log:
        log.write(planted.at("hub hub.log") + "\n")
    places |= {f"hub {name}": data for name, data in files_below(hub.data)}
    places |= {f"client {name}": data for name, data in files_below(profiles)}

    assert found_in(places, said.canary) == []
    for canary, where in planted.where.items():
        assert found_in({place: data for place, data in places.items() if place.startswith(where)}, canary), where
    long = planted.long.encode()
    assert [place for place, data in places.items() if long in data] == ["hub postgres/pgdata/pg_wal as one"]
    told = {name: data for name, data in places.items() if name.endswith(".log") or name == "metrics"}
    assert len(told) == 3
    for identifying in (NATIONAL_ID, *(person.name for person in world.people)):
        assert found_in(told, identifying) == []
    for person in world.people:
        assert found_in(told, person.name.split()[-2]) == [], "surname"


def test_every_dress_of_a_canary_is_recognised_wherever_it_begins() -> None:
    canary = new_canary()
    for before in range(4):
        text = "ø" * before + " " * before + canary + "!" * before
        for charset in ("utf-8", "utf-16-le", "utf-16-be"):
            raw = bytes(before) + text.encode(charset)
            for seen in (raw, base64.b64encode(raw), base64.urlsafe_b64encode(raw), raw.hex().encode()):
                assert found_in({"here": b"\xff" + seen + b"\xfe"}, canary), (charset, before)
        assert found_in({"here": quote(text).encode()}, canary)
    assert found_in({"here": b"nothing"}, canary) == []
