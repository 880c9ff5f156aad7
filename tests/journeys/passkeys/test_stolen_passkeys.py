"""Who steals database, configuration and all of the passkeys' tables opens no keyring that a passkey opens."""

from pathlib import Path

from crypto import keyrings
from crypto.keyring_slots import PrfSlot
from tests.journeys.keyrings.test_stolen_database import Dump, attack, byte_strings, dump_of, key_material
from tests.journeys.passkeys.keyring_person import Make


def hidden_in(dump: Dump, *tables: str) -> set[bytes]:
    """Whatever in these tables could be a secret of 32 bytes, or hold one."""
    values = [b for table in tables for row in dump[table] for v in row.values() for b in byte_strings(v)]
    return {value[at : at + 32] for value in values for at in range(max(len(value) - 31, 0))}


async def test_the_stolen_database_with_configuration_and_passkey_tables_opens_no_keyring(person: Make) -> None:
    async with person() as kari:
        await kari.desk.register("Telefon")
        handed = await kari.add()
        await kari.desk.page.goto(f"{kari.desk.hub.url}/passkey")
        hub, dump = kari.desk.hub, await dump_of(kari.desk.hub)
        assert dump["passkeys"]
        assert dump["sessions"]
        folder = Path(hub.environment["SAMSNAKK_SIGN_IN_FILE"]).parent
        files = [path.read_bytes() for path in folder.iterdir() if path.is_file()]
        files += [kari.world.hub_key_file.read_bytes(), kari.world.trust_file.read_bytes()]
        keys = key_material(dump, *files)
        assert {bytes(range(32)), kari.world.hub_key_file.read_bytes()} <= keys, "the search finds what is there"
        tables = hidden_in(dump, "passkeys", "passkey_challenges", "passkey_trail", "sessions")
        assert handed.slot.credential in tables
        mine = {
            "keyrings": [row for row in dump["keyrings"] if row["person"] == kari.home.person][-1:],
            "stored_events": [],
            "bodies": [],
        }
        slots = keyrings.parse_keyring_file(mine["keyrings"][0]["file"]).slots
        assert any(isinstance(slot, PrfSlot) for slot in slots)
        sampled = {bytes(range(32)), kari.world.hub_key_file.read_bytes(), *sorted(keys)[:60], *sorted(tables)[:120]}
        assert attack(mine, {*sampled, handed.slot.credential}) == (set(), [])
        # With the slot's key, which only the passkey gives, it opens.
        assert attack(mine, {handed.slot.key})[0] == {kari.home.person}
