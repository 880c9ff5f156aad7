"""A channel handed to an archive: it verifies by itself, sealed or opened, also after its content has been erased."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.events import Purpose
from domain.ids import Digest, Version
from samsnakk import Channel, Terms, Text
from samsnakk.archiving import Archive, BadArchive, encode_archive, parse_archive, verify_archive
from samsnakk.demo.world import World
from tests.client.conftest import Connect, opened
from tests.client.test_erasing import Room, decided, room

__all__ = ["room"]


async def test_an_archive_verifies_with_nothing_but_a_trust_file_and_says_what_it_was_made_for(
    room: Room, world: World
) -> None:
    sent = await room.kari.post(0, Text("til arkivet"))
    archive = parse_archive(encode_archive(await room.kari.archive(plain=True)))
    found = verify_archive(archive, world.trust)
    assert found.contents[sent.version] == Text("til arkivet")
    assert (found.version, found.purpose) == (room.kari.version, Purpose.COORDINATION)


async def test_a_sealed_archive_holds_no_key_and_opens_nothing(room: Room, world: World) -> None:
    sent = await room.kari.post(0, Text("til arkivet"))
    archive = await room.kari.archive(plain=False)
    data = encode_archive(archive)
    assert b"til arkivet" not in data
    epochs = room.kari._held.keys.epochs.values()
    assert not [key for key in epochs if bytes(key) in data]
    found = verify_archive(parse_archive(data), world.trust)
    assert found.contents == {}
    assert found.held.places[sent.version - 1].body is not None


async def test_it_verifies_after_what_is_in_it_was_erased_and_the_channel_still_has_its_head(
    room: Room, world: World
) -> None:
    sent = await room.kari.post(0, Text("til arkivet"))
    data = encode_archive(await room.kari.archive(plain=True))
    ref = await decided(room, sent.version)
    await room.kari.reached(Version(ref))
    found = verify_archive(parse_archive(data), world.trust)
    assert found.contents[sent.version] == Text("til arkivet")
    assert room.kari.head_at(found.version) == found.archive.head
    later = verify_archive(parse_archive(encode_archive(await room.kari.archive(plain=True))), world.trust)
    assert sent.version not in later.contents
    assert later.held.places[sent.version - 1].act is None


async def made(room: Room) -> Archive:
    await room.kari.post(0, Text("til arkivet"))
    return await room.kari.archive(plain=True)


def _other_text(archive: Archive) -> Archive:
    assert archive.keys is not None
    wrong = {version: archive.keys[max(archive.keys)] for version in archive.keys}
    return replace(archive, keys={**wrong, min(archive.keys): bytes(32)})  # type: ignore[dict-item]


def _without(archive: Archive, at: int) -> Archive:
    return replace(archive, items=[*archive.items[:at], *archive.items[at + 1 :]])


BROKEN: dict[str, Callable[[Archive], Archive]] = {
    "a record left out": lambda archive: _without(archive, 3),
    "the newest record left out": lambda archive: _without(archive, len(archive.items) - 1),
    "another head": lambda archive: replace(archive, head=Digest(bytes(32))),
    "a key that does not open": _other_text,
    "no access line": lambda archive: replace(archive, line=archive.items[0]),
    "without the key streams": lambda archive: replace(
        archive, items=[*archive.items[:1], archive.items[0], *archive.items[2:]]
    ),
    "of another reader": lambda archive: replace(archive, reader=archive.place.channel),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("how", BROKEN)
async def test_an_archive_that_was_changed_is_refused(how: str, room: Room, world: World) -> None:
    with pytest.raises(BadArchive):
        verify_archive(BROKEN[how](await made(room)), world.trust)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(BadArchive):
        parse_archive(data)


async def test_what_stands_for_a_reader_with_stubs_verifies_too(
    room: Room, connect: Connect, terms: Callable[..., Terms], world: World
) -> None:
    await room.kari.post(0, Text("før hun kom"))
    await room.kari.join(0, terms("Ingrid"))
    theirs: Channel = await opened(await connect("Ingrid"), room.kari)
    found = verify_archive(parse_archive(encode_archive(await theirs.archive(plain=True))), world.trust)
    assert found.version == theirs.version
    assert Text("før hun kom") not in found.contents.values()
