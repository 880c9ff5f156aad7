"""The client holds everything it reads against the hub's log, and remembers what it has accepted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.hashing import Digest
from crypto.log_entries import LogEntry
from crypto.signing import SigningKey
from protocol.errors import ForgedCheckpoint
from protocol.witnesses import log_key
from samsnakk import Channel, Client, NoLogPin, Terms, Text
from samsnakk.log.pinning import KEYRING_PIN, newer_pin, take_pin_from_keyring
from samsnakk.log.streams import record_of
from samsnakk.new_device import NewDevice
from samsnakk.profile import LOG_PIN, keep_log_pin
from tests.client.conftest import KEY, Connect, make_profile
from tests.conftest import HubProcess
from tests.made_log import MadeLog

DEADLINE = 20.0


async def shown(client: Client, channel: Channel) -> None:
    """Wait until the log has shown the client everything of the channel that it holds."""
    await client.log.pulse.wait_for(lambda: is_shown(client, channel) or client.log.broken, DEADLINE)
    assert client.log.broken is None


def is_shown(client: Client, channel: Channel) -> bool:
    stream = record_of(channel._held)
    entry = client.log.logged.get(stream.name)
    return entry is not None and entry.n >= stream.version


async def test_everything_that_is_written_and_read_is_found_in_the_log(
    connect: Connect, terms: Callable[..., Terms]
) -> None:
    kari, jon = await connect("Kari"), await connect("Jon")
    channel = await kari.open_channel()
    await channel.join(0, terms("Jon"))
    theirs = await jon.channel(channel.id)
    for text in ("en", "to", "tre"):
        await channel.post(0, Text(text))
    await theirs.reached(channel.version)
    await shown(kari, channel)
    await shown(jon, theirs)
    assert kari.log.pin.checkpoint.size >= channel.version
    assert not kari.log.late


async def test_the_accepted_checkpoint_survives_a_restart_and_the_loss_of_the_local_store(
    hub: HubProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "Kari"
    profile = make_profile(hub.world, "Kari", folder)
    async with Client(profile.unlock(key=KEY), hub.url) as kari:
        channel = await kari.open_channel()
        await channel.caught_up()
        await shown(kari, channel)
        pinned, name = kari.log.pin, record_of(channel._held).name
    async with Client(profile.unlock(key=KEY), "http://127.0.0.1:9") as again:
        assert again.log.pin == pinned
        assert name in again.log.logged
    for file in folder.glob("local.db*"):
        file.unlink()
    async with Client(profile.unlock(key=KEY), "http://127.0.0.1:9") as once_more:
        assert once_more.log.pin == pinned


async def test_without_a_pin_nothing_is_believed(hub: HubProcess, tmp_path: Path) -> None:
    profile = make_profile(hub.world, "Kari", tmp_path / "Kari")
    (tmp_path / "Kari" / LOG_PIN).unlink()
    with pytest.raises(NoLogPin):
        await Client(profile.unlock(key=KEY), hub.url).__aenter__()


def test_a_new_device_begins_where_the_persons_other_devices_stand(hub: HubProcess, tmp_path: Path) -> None:
    world = hub.world
    origin = log_key(world.trust).name
    older, newer = (
        MadeLog(origin, [LogEntry(Digest(bytes([n]) * 32), 1, Digest(bytes(32))) for n in range(size)])
        for size in (3, 5)
    )
    first = make_profile(world, "Kari", tmp_path / "first").unlock(key=KEY)
    keep_log_pin(first.folder, first.keyring_key, newer.signed(world.hub_key))
    carried = newer_pin(first, older.signed(world.hub_key).encode())
    assert carried.decode() == newer.signed(world.hub_key)
    keep_log_pin(first.folder, first.keyring_key, older.signed(world.hub_key))
    assert newer_pin(first, carried) == carried
    ring = replace(first.ring, pins={KEYRING_PIN: carried})
    second = NewDevice.make().settle(tmp_path / "second", world.trust, first.identity.organisation, ring, KEY)
    assert newer_pin(second, None) == carried


def test_a_pin_that_the_hub_never_signed_is_not_taken_over(hub: HubProcess, tmp_path: Path) -> None:
    first = make_profile(hub.world, "Kari", tmp_path / "first").unlock(key=KEY)
    made_up = MadeLog(log_key(hub.world.trust).name, []).signed(SigningKey.from_seed(bytes([7]) * 32)).encode()
    assert newer_pin(first, made_up) == b""
    with pytest.raises(ForgedCheckpoint):
        take_pin_from_keyring(first, made_up)
