"""Who steals the whole database and the hub's configuration reads nothing; with the recovery code it all opens."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from typing import Any

import asyncpg

from crypto import keyrings
from crypto.errors import CryptoError
from crypto.kem import KemKey
from crypto.keyring_deposits import locator_hash, recovery_locator
from crypto.keyring_slots import (
    DeviceSlot,
    PrfSlot,
    RecoverySlot,
    open_device_slot,
    open_prf_slot,
    open_prf_slot_with,
    open_recovery_slot,
)
from crypto.recovery_codes import format_recovery_code
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened
from protocol.acts import Header, parse_header
from protocol.errors import ProtocolError
from protocol.records import parse_stored
from protocol.sealing import open_epoch, open_message
from samsnakk import Text
from samsnakk.keyring_passkeys import add_passkey
from tests.conftest import HubProcess
from tests.journeys.keyrings.authenticator import Authenticator, prf
from tests.journeys.keyrings.conftest import Place

Dump = dict[str, list[asyncpg.Record]]
CANARY = "kanarifugl i buret"


async def dump_of(hub: HubProcess) -> Dump:
    """Every row of every table, as a superuser sees them."""
    connection = await asyncpg.connect(hub.database_url("superuser"))
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0]: await connection.fetch(f'SELECT * FROM "{row[0]}"') for row in names}  # noqa: S608
    finally:
        await connection.close()


def byte_strings(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield value.encode()
    elif isinstance(value, list):
        for item in value:
            yield from byte_strings(item)


def key_material(dump: Dump, *files: bytes) -> set[bytes]:
    """Whatever could be a 32-byte key: whole values, and every 32 bytes that CBOR or base64 announces as such."""
    found: set[bytes] = set()
    everything = [b for rows in dump.values() for row in rows for v in row.values() for b in byte_strings(v)]
    for data in [*everything, *files]:
        if len(data) == 32:
            found.add(data)
        found.update(re.findall(rb"(?s)\x58\x20(.{32})", data))
        for text in re.findall(rb'"([A-Za-z0-9+/_-]{43})=?"', data):
            found.add(urlsafe_b64decode(text.replace(b"+", b"-").replace(b"/", b"_") + b"="))
    return found


def records_of(dump: Dump) -> Iterator[tuple[Header, bytes]]:
    bodies = {(r["originator_id"], r["originator_version"]): (r["body"], r["blind"]) for r in dump["bodies"]}
    for row in dump["stored_events"]:
        body, blind = bodies.get((row["originator_id"], row["originator_version"]), (None, None))
        try:
            record = parse_stored(row["state"], body, blind)
            yield parse_header(record.signed.header)[0], record.signed.body or b""
        except (ProtocolError, CryptoError):
            continue


def keys_of_slots(dump: Dump, keys: Iterable[bytes], codes: Iterable[str]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(person, file, keyring key) for whatever opens."""
    for row in dump["keyrings"]:
        person, file = row["person"], row["file"]
        for slot in keyrings.parse_keyring_file(file).slots:
            tries: list[tuple[Any, Any]] = []
            match slot:
                case RecoverySlot():
                    tries = [(open_recovery_slot, code) for code in codes]
                case PrfSlot():
                    # Each as what the PRF gives, as what gives it, and as the slot's own key.
                    outputs = [output for key in keys for output in (key, prf(key, slot.salt))]
                    tries = [(open_prf_slot, output) for output in outputs]
                    tries += [(with_slot_key, key) for key in keys]
                case DeviceSlot():
                    tries = [(open_device_slot, KemKey.from_seed(key)) for key in keys]
            for opening, key in tries:
                try:
                    yield person, file, opening(person, slot, key)
                except CryptoError:
                    continue


def with_slot_key(_: bytes, slot: PrfSlot, key: bytes) -> SecretKey:
    return open_prf_slot_with(SecretKey(key), slot)


def attack(dump: Dump, keys: set[bytes], codes: Iterable[str] = ()) -> tuple[set[bytes], list[bytes]]:
    """Try everything on everything; which persons' keyrings opened, and which contents."""
    codes = [*codes, *(format_recovery_code(key[:20]) for key in keys)]
    rings: dict[bytes, keyrings.Keyring] = {}
    opened = list(keys_of_slots(dump, keys, codes))
    opened += [(row["person"], row["file"], key) for row in dump["keyrings"] for key in keys]
    for person, file, key in opened:
        try:
            rings[person] = keyrings.open_keyring(keyrings.parse_keyring_file(file), person, SecretKey(key))
        except CryptoError:
            continue
    seeds = {bytes(seed) for ring in rings.values() for _, seed in ring.seeds}
    return set(rings), list(contents(list(records_of(dump)), keys, seeds))


def contents(records: list[tuple[Header, bytes]], keys: set[bytes], seeds: set[bytes]) -> Iterator[bytes]:
    kem = [KemKey.from_seed(seed) for seed in {*seeds, *keys}]
    epoch_keys: set[bytes] = set(keys)
    for header, body in records:
        if isinstance(header.event, EpochOpened):
            for entry in header.event.roster:
                for key in kem:
                    try:
                        epoch_keys.add(open_epoch(header, body, entry.principal, [key]))
                    except (ProtocolError, CryptoError):
                        continue
    for header, body in records:
        for epoch_key in epoch_keys:
            try:
                yield open_message(header, body, SecretKey(epoch_key))
            except (ProtocolError, CryptoError):
                continue


async def test_a_stolen_database_and_the_hubs_configuration_decrypt_nothing(place: Place) -> None:
    home = await place.home(place.profile("Ola"))
    if (await home.state()).keyring_hash is None:
        await home.begin("Laptop")
    code, passkey = await home.new_code(), Authenticator()
    await add_passkey(home, passkey.handover(home.person))
    client = await place.client(home.unlocked)
    channel = await client.open_channel(title=CANARY)
    await channel.post(0, Text(CANARY))

    dump = await dump_of(place.hub)
    assert dump["keyrings"]
    assert dump["stored_events"]
    stolen = (place.world.hub_key_file.read_bytes(), place.world.trust_file.read_bytes())
    keys = key_material(dump, *stolen)
    assert stolen[0] in keys
    assert len(keys) > 100
    sampled = {stolen[0], *sorted(keys)[:150]}
    mine = {"keyrings": [r for r in dump["keyrings"] if r["person"] == home.person], **_only(dump, channel.id)}
    assert attack(mine, sampled) == (set(), [])
    assert not any(CANARY.encode() in b for rows in dump.values() for row in rows for b in byte_strings(list(row)))

    # The same attack with the one thing that lies on paper opens everything, and with the passkey too: it can succeed.
    for known, codes in ((set[bytes](), [code]), ({passkey.secret}, [])):
        people, texts = attack(mine, known, codes)
        assert people == {home.person}
        assert any(CANARY.encode() in text for text in texts)


async def test_what_the_hub_keeps_of_a_code_finds_no_keyring_at_the_door(place: Place) -> None:
    home = await place.home(place.profile("Ola"))
    if (await home.state()).keyring_hash is None:
        await home.begin("Laptop")
    locator = recovery_locator(place.world.deployment, await home.new_code())
    kept = {bytes(found) for row in (await dump_of(place.hub))["keyrings"] for found in row["locators"]}
    assert locator_hash(locator) in kept
    assert locator not in kept
    assert locator_hash(locator_hash(locator)) not in kept


def _only(dump: Dump, channel: bytes) -> Dump:
    """The rows of one channel: trying every key of everybody on everything takes minutes and shows no more."""
    return {
        table: [row for row in dump[table] if row["originator_id"].bytes == channel]
        for table in ("stored_events", "bodies")
    }
