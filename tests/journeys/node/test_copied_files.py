"""The organisation's copy holds the attachments too: sealed, checked against the record, readable without any hub."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crypto.attachments import FileOpener
from crypto.hashing import Digest
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.access.events import DisclosureMade, Purpose
from samsnakk import Channel, Files, SealedFile, Terms
from samsnakk.attaching import references
from samsnakk.cli.arguments import main
from samsnakk.demo.world import World
from samsnakk.errors import Disconnected
from samsnakk.node.faults import ANOTHER_FILE, text_of
from samsnakk.node.replica import files as files_module
from samsnakk.node.replica.filing import NO_ROOM, Filing
from samsnakk.node.replica.status import replica_lines
from samsnakk.node.running import copying
from tests.client.conftest import Connect, opened
from tests.journeys.node.conftest import PASSPHRASE, House
from tests.journeys.node.rounds import DEADLINE, caught_up, rounds_until


async def posted(channel: Channel, *contents: bytes) -> Files:
    files = [await channel.upload(0, data, f"tegning {n}.png", "image/png") for n, data in enumerate(contents)]
    message = Files(tuple(files), "se her")
    await channel.post(0, message)
    return message


@asynccontextmanager
async def filing(house: House) -> AsyncIterator[Filing]:
    """The node at work; the hub has heard that it reads for the organisation."""
    async with copying(house.node) as (copy,):
        await rounds_until(house.node, lambda: copy.connected)
        yield house.node.filings[copy]


async def fetched(house: House, filing: Filing, message: Files) -> None:
    await rounds_until(house.node, lambda: all(filing.shelf.has(ref) for ref in references(message)))


async def stuck(filing: Filing, words: str) -> None:
    async with asyncio.timeout(DEADLINE):
        while words not in filing.problem:
            await filing.step()
            await asyncio.sleep(0.02)


def opened_from(filing: Filing, file: SealedFile) -> bytes:
    """As key officers open it, who have the message and so the file's key; no hub is asked."""
    opener = FileOpener(SecretKey(file.key), file.file, Digest(file.content_hash))
    sealed = filing.shelf.path(file.content_hash).read_bytes()  # type: ignore[arg-type]
    return b"".join([*opener.add(sealed), *opener.finish()])


async def test_attachments_are_in_the_copy_sealed_and_open_to_who_has_the_message(
    house: House, connect: Connect, world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.user_arrived(world.person("Elle").id)
    small, large = b"min tegning", random_bytes(600_000)
    message = await posted(channel, small, large)
    async with filing(house) as files:
        await fetched(house, files, message)
        assert [opened_from(files, file) for file in message.files] == [small, large]
        for ref in references(message):
            files.shelf.verify(ref)
        assert files.shelf.kept()[0] == 2
        assert small not in b"".join(path.read_bytes() for path in files.shelf.folder.glob("*/*"))
        assert {path.stat().st_mode & 0o077 for path in files.shelf.folder.glob("*/*")} == {0}
        await caught_up(house.node, channel)
        hers = await opened(await connect("Elle"), channel)
        lines = [line.event for line in await hers.access_log() if isinstance(line.event, DisclosureMade)]
    archived = [line for line in lines if line.purpose is Purpose.ARCHIVE]
    assert sorted(line.file or b"" for line in archived) == sorted(file.file for file in message.files)


async def test_the_copy_is_shown_and_read_again_without_a_hub_and_damage_is_told(
    house: House, connect: Connect, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = await (await connect("Kari")).open_channel()
    message = await posted(channel, b"en", b"to")
    async with filing(house) as files:
        await fetched(house, files, message)
        await caught_up(house.node, channel)
        async with asyncio.timeout(DEADLINE):
            while files.files.upto.get(channel.id, 0) < channel.version:
                await files.step()
    words = tmp_path / "ord"
    words.write_text(PASSPHRASE + "\n")
    words.chmod(0o600)
    node = house.node.issuer.node
    command = ["timeline", channel.id.hex(), "--from-node", str(node.path), "--passphrase-file", str(words), "--verify"]
    assert await asyncio.to_thread(main, command) == 0
    said = capsys.readouterr().out
    assert said.count("forseglet: i kopien") == 2
    assert "2 av 2 vedlegg i kopien er lest på nytt" in said
    number, size = files.shelf.kept()
    assert number >= 2
    assert any(
        f"{number} vedlegg i kopien ({size / 1e6:.1f} MB)".replace(".", ",") in line
        for line in await replica_lines(node)
    )
    damaged = files.shelf.path(references(message)[0].content_hash)
    damaged.write_bytes(bytes(damaged.stat().st_size))
    assert await asyncio.to_thread(main, command) == 1
    assert "1 vedlegg mangler i kopien eller er skadet" in capsys.readouterr().out


async def test_another_file_than_the_message_names_is_not_kept_and_the_hub_is_told_on_once(
    house: House, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await (await connect("Kari")).open_channel()
    async with filing(house) as files:
        doors = files._copying._doors
        honest = doors.download

        async def swapped(*asked: Any) -> AsyncIterator[bytes]:
            async for piece in honest(*asked):
                yield bytes(len(piece))

        monkeypatch.setattr(doors, "download", swapped)
        message = await posted(channel, b"rett fil")
        (ref,) = references(message)
        lied_about = files.shelf.path(ref.content_hash)
        found = await rounds_until(house.node, lambda: ref.file in files.files.missing)
        found += (await house.node.look()).in_channels
        assert [fault.code for fault in found if fault.channel == channel.id] == [ANOTHER_FILE]
        folder = house.node.issuer.node.path / "evidence"
        (text,) = folder.glob(f"{ANOTHER_FILE}-{channel.id.hex()[:8]}.txt")
        assert text_of(ANOTHER_FILE) in text.read_text("utf-8")
        assert not files.shelf.has(ref)
        assert not list(lied_about.parent.glob(f"{lied_about.name}*"))
        files._tried_at = type(files._tried_at)(0)
        await files.step()
        later = (await house.node.look()).in_channels
        assert channel.id not in {fault.channel for fault in later}  # once
        monkeypatch.setattr(doors, "download", honest)
        files._tried_at = type(files._tried_at)(0)
        await files.step()
        files.shelf.verify(ref)
        assert ref.file not in files.files.missing


async def test_a_full_disk_stops_files_and_no_records_and_a_lost_connection_leaves_no_half_file(
    house: House, connect: Connect, terms: Callable[..., Terms], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await (await connect("Kari")).open_channel()
    async with filing(house) as files:
        with monkeypatch.context() as full:
            full.setattr(files_module, "disk_usage", lambda _: SimpleNamespace(free=files_module.RESERVE))
            message = await posted(channel, b"for stor")
            await caught_up(house.node, channel)
            await stuck(files, NO_ROOM)
            assert NO_ROOM in (await house.node.look()).problem
            await channel.join(0, terms("Ingrid"))
            await caught_up(house.node, channel)  # records go on
        with monkeypatch.context() as cut:
            doors = files._copying._doors
            honest = doors.download

            async def broken(*asked: Any) -> AsyncIterator[bytes]:
                async for piece in honest(*asked):
                    yield piece[:4]
                    raise Disconnected

            cut.setattr(doors, "download", broken)
            await stuck(files, "not connected")
            assert not list(files.shelf.folder.glob("*/*.part"))
        await stuck(files, "")
        await fetched(house, files, message)


async def test_files_that_are_not_to_be_had_keep_no_others_waiting_and_are_counted(
    house: House, connect: Connect
) -> None:
    """A message may name a file that nobody ever stored."""
    channel = await (await connect("Kari")).open_channel()
    stored = await channel.upload(0, b"finnes", "a.png")
    never = SealedFile(random_bytes(16), stored.key, stored.content_hash, "b.png", "image/png", 6)  # type: ignore[arg-type]
    await channel.post(0, Files((never,)))
    message = Files((stored,))
    await channel.post(0, message)
    async with filing(house) as files:
        await rounds_until(house.node, lambda: never.file in files.files.missing)
        await fetched(house, files, message)
        lines = await replica_lines(house.node.issuer.node)
        assert any("1 er ikke å få hos huben" in line for line in lines)


async def test_an_erased_messages_file_is_destroyed_in_the_copy_too_and_one_that_stays_named_is_not(
    house: House, connect: Connect, terms: Callable[..., Terms]
) -> None:
    channel = await (await connect("Kari")).open_channel()
    await channel.join(0, terms("Jon"))
    his = await opened(await connect("Jon"), channel)
    shared = await channel.upload(0, b"i to meldinger", "a.png")
    alone = await channel.upload(0, b"bare i den ene", "b.png")
    wrong = await channel.post(0, Files((shared, alone)))
    await channel.post(0, Files((shared,)))
    message = Files((shared, alone))
    async with filing(house) as files:
        await fetched(house, files, message)
        (stays, goes) = references(message)
        await channel.retract(0, wrong.version)
        ref = (await channel.propose_erasure(0, [wrong.version], "persons-right")).version
        await his.reached(ref)
        await his.approve_erasure(ref)
        await rounds_until(house.node, lambda: not files.shelf.has(goes))
        assert files.shelf.has(stays)
        assert alone.file in files.files.erased
        await files.files.go_back(channel.id, type(ref)(1))  # as after a restore of an older list
        async with asyncio.timeout(DEADLINE):
            while files.files.upto.get(channel.id, 0) < channel.version:
                await files.step()
                await house.node.look()
        assert not files.shelf.has(goes)
    async with filing(house) as again:
        assert alone.file in again.files.erased
