"""What two have decided to erase lies nowhere any more; what nobody decided is missed; what comes back is caught."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from protocol import frames
from protocol.errors import ErasedContent, ForkedHistory, ForkedLog, ProtocolError, UnjustifiedStub
from samsnakk import Channel, Files, State, Terms
from samsnakk.demo.searching import found_below
from tests.client.conftest import Connect
from tests.client.relay import relay
from tests.conftest import stop_database
from tests.journeys.erasure.conftest import Room

MIDDLE = slice(20, 84)
"""Enough of a body to be found by, and not so much that the edge of a page lies in it for sure."""


async def caught(channel: Channel) -> ProtocolError:
    """What the reader finds wrong with the history, which is when it stops to believe."""
    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(lambda: channel.broken)
    assert channel.broken is not None
    return channel.broken.problem


async def test_nothing_of_what_was_erased_remains_in_the_databases_files_and_log(room: Room) -> None:
    gone, stays = await room.said("dette skal bort"), await room.said("dette blir")
    long = await room.said("lang " * 3000)
    sealed = bytes(range(256)) * 40
    file = await room.kari.upload(0, sealed, "feil.pdf")
    posted = (await room.kari.post(0, Files((file,), ""))).version
    rows = {"text": await room.row(gone), "long": await room.row(long), "files": await room.row(posted)}
    wanted = {f"{name} body": body[MIDDLE] for name, (body, _) in rows.items()}
    wanted |= {f"{name} blind": blind for name, (_, blind) in rows.items()}
    kept = {"kept": (await room.row(stays))[0][MIDDLE]}
    wanted["piece"] = (await _piece(room))[MIDDLE]
    folder = room.hub.data / "postgres"
    assert found_below(folder, {**wanted, **kept}) == {*wanted, *kept}
    await room.confirmed(await room.decided(gone, long, posted))
    assert found_below(folder, {**wanted, **kept}) == {"kept"}


async def _piece(room: Room) -> bytes:
    connection = await asyncpg.connect(room.hub.database_url("superuser"))
    try:
        found = await connection.fetchval("SELECT data FROM attachment_pieces LIMIT 1")
    finally:
        await connection.close()
    return bytes(found)


async def test_a_superuser_who_erases_without_a_decision_is_caught_by_whoever_reads(
    room: Room, connect: Connect, terms: Callable[..., Terms]
) -> None:
    version = await room.said("dette har ingen vedtatt å slette")
    await room.kari.join(0, terms("Ola", history=0))
    room.hub.kill()
    await room.as_superuser(
        f"DELETE FROM bodies WHERE originator_id = '{{channel}}' AND originator_version = {version}"  # noqa: S608
    )
    room.hub.start()
    theirs = await (await connect("Ola")).channel(room.kari.id)
    assert isinstance(await caught(theirs), UnjustifiedStub)


async def test_what_a_backup_brought_back_is_erased_again_before_anything_is_served(room: Room) -> None:
    version = await room.said("dette skal bort")
    body, blind = await room.row(version)
    await room.confirmed(await room.decided(version))
    room.hub.kill()
    await room.as_superuser(
        f"INSERT INTO bodies VALUES ('{{channel}}', {version}, '\\x{body.hex()}', '\\x{blind.hex()}')"  # noqa: S608
    )
    assert await room.row(version) == (body, blind)
    room.hub.start()
    with pytest.raises(AssertionError):
        await room.row(version)
    said = [json.loads(line) for line in room.hub.log_file.read_text().splitlines() if line.startswith("{")]
    assert [line["event"] for line in said].count("erasure.again") == 1


async def test_a_hub_that_died_before_it_had_erased_does_so_when_it_comes_back(room: Room) -> None:
    version = await room.said("dette skal bort")
    body, _ = await room.row(version)
    ref = await room.decided(version)
    room.hub.kill()
    room.hub.start()
    with pytest.raises(AssertionError):
        await room.row(version)
    await room.confirmed(ref)
    assert found_below(room.hub.data / "postgres", {"body": body[MIDDLE]}) == set()


def bringing_back(item: list[Any], version: int) -> Callable[[frames.HubFrame], list[frames.HubFrame]]:
    def changed(frame: frames.HubFrame) -> list[frames.HubFrame]:
        if not isinstance(frame, frames.Events) or not frame.items:
            return [frame]
        items = [item if one[0] == version else one for one in frame.items]
        return [frames.Events(frame.channel, frame.stream, items, frame.head, frame.live)]

    return changed


async def test_a_hub_that_serves_what_was_erased_is_caught(
    room: Room, connect: Connect, terms: Callable[..., Terms]
) -> None:
    await room.kari.join(0, terms("Ola", history=0))
    version = await room.said("dette skal bort")
    kept = room.kari.items(version)[version - 1]
    await room.decided(version)
    async with relay(room.hub.url) as between:
        between.change = bringing_back(kept, version)
        theirs = await (await connect("Ola", between.url)).channel(room.kari.id)
        assert isinstance(await caught(theirs), ErasedContent)
        assert theirs.event(version).content is None


async def test_nobody_who_knows_of_the_decision_follows_a_backup_from_before_it(room: Room) -> None:
    version = await room.said("dette skal bort")
    assert room.hub.stop() == 0
    folder = room.hub.data / "postgres"
    stop_database(folder)
    backup = folder.with_name("backup")
    shutil.copytree(folder, backup, symlinks=True, ignore=shutil.ignore_patterns("sockets", "*.pid"))
    room.hub.start()
    await room.confirmed(await room.decided(version))
    assert room.hub.stop() == 0
    stop_database(folder)
    shutil.rmtree(folder / "pgdata")
    shutil.copytree(backup / "pgdata", folder / "pgdata", symlinks=True)
    _give_back(folder)
    room.hub.start()
    # By whichever comes first: the channel went back, or the log did.
    assert isinstance(await caught(room.kari), ForkedHistory | ForkedLog)
    assert room.kari.event(version).state is State.ERASED


def _give_back(folder: Path) -> None:
    """The server's account owns its files; a copy belongs to whoever made it."""
    owner = folder.stat()
    for path in (folder / "pgdata", *(folder / "pgdata").rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
