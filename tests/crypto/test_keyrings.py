from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.boxes import seal_box
from crypto.cbor import CborInput, decode, encode
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.hashing import hash_with
from crypto.keyring_slots import (
    PassphraseCost,
    PassphraseSlot,
    Slot,
    device_slot,
    open_device_slot,
    open_passphrase_slot,
    open_prf_slot,
    open_recovery_slot,
    parse_slot,
    passphrase_slot,
    prf_slot,
    recovery_slot,
    slot_items,
)
from crypto.keyrings import (
    MAX_FILE,
    MAX_SLOTS,
    Keyring,
    keyring_hash,
    open_keyring,
    parse_keyring_file,
    seal_keyring,
    verify_keyring_hash,
)
from crypto.labels import KEYRING, KEYRING_SLOTS, labelled
from crypto.recovery_codes import format_recovery_code, parse_recovery_code
from crypto.shapes import array
from tests.crypto.fixed import KARI, flipped, kem_key, some_bytes, some_id, some_secret

PERSON, DEVICE = some_id("Kari"), some_id("telephone")
KEY = some_secret("keyring")
SALT, NONCE = some_bytes("salt"), some_bytes("nonce", 12)
PRF, CREDENTIAL = some_bytes("prf"), some_bytes("credential", 64)
CODE = format_recovery_code(some_bytes("recovery", 20))
KEYRING_OF_KARI = Keyring(
    PERSON,
    ((1, some_secret("seed 1")), (2, some_secret("seed 2"))),
    some_secret("root"),
    {"root of NAV": some_bytes("root"), "checkpoint": b"note"},
)
DEVICE_SLOT = device_slot(PERSON, KEY, DEVICE, KARI.public)
PRF_SLOT = prf_slot(PERSON, KEY, CREDENTIAL, PRF, SALT)
RECOVERY_SLOT = recovery_slot(PERSON, KEY, CODE, SALT)
SLOTS: list[Slot] = [DEVICE_SLOT, PRF_SLOT, RECOVERY_SLOT]
FILE = seal_keyring(KEYRING_OF_KARI, KEY, SLOTS, nonce=NONCE)


@pytest.fixture(scope="module")
def by_passphrase() -> PassphraseSlot:
    return passphrase_slot(PERSON, KEY, "blåbærsyltetøy på skiva", SALT)


def test_a_keyring_opens_with_its_key() -> None:
    file = parse_keyring_file(FILE)
    assert list(file.slots) == SLOTS
    assert open_keyring(file, PERSON, KEY) == KEYRING_OF_KARI


def test_a_staff_keyring_has_no_root_seed() -> None:
    keyring = replace(KEYRING_OF_KARI, root_seed=None, pins={})
    file = parse_keyring_file(seal_keyring(keyring, KEY, SLOTS, nonce=NONCE))
    assert open_keyring(file, PERSON, KEY) == keyring


def test_every_slot_gives_the_keyring_key() -> None:
    assert open_device_slot(PERSON, DEVICE_SLOT, KARI) == KEY
    assert open_prf_slot(PERSON, PRF_SLOT, PRF) == KEY
    assert open_recovery_slot(PERSON, RECOVERY_SLOT, CODE.lower().replace("-", " ")) == KEY


def test_a_passphrase_gives_the_keyring_key_however_the_keyboard_spells_it(by_passphrase: PassphraseSlot) -> None:
    decomposed = "bla\u030abærsyltetøy pa\u030a skiva"
    assert open_passphrase_slot(PERSON, by_passphrase, decomposed) == KEY


def test_another_passphrase_or_person_does_not_open(by_passphrase: PassphraseSlot) -> None:
    with pytest.raises(CannotOpen):
        open_passphrase_slot(PERSON, by_passphrase, "Blåbærsyltetøy på skiva")
    with pytest.raises(CannotOpen):
        open_passphrase_slot(some_id("Ola"), by_passphrase, "blåbærsyltetøy på skiva")


def test_no_passphrase_at_all_is_refused() -> None:
    with pytest.raises(Malformed):
        passphrase_slot(PERSON, KEY, "", SALT)


def test_a_slot_opens_for_its_own_device_passkey_and_code_only() -> None:
    other_code = format_recovery_code(some_bytes("other", 20))
    with pytest.raises(CannotOpen):
        open_device_slot(PERSON, DEVICE_SLOT, kem_key("other"))
    with pytest.raises(CannotOpen):
        open_device_slot(PERSON, replace(DEVICE_SLOT, device=some_id("other")), KARI)
    with pytest.raises(CannotOpen):
        open_prf_slot(PERSON, PRF_SLOT, some_bytes("other"))
    with pytest.raises(CannotOpen):
        open_prf_slot(PERSON, replace(PRF_SLOT, credential=b"other"), PRF)
    with pytest.raises(CannotOpen):
        open_recovery_slot(PERSON, RECOVERY_SLOT, other_code)


def test_a_slot_of_one_person_does_not_open_for_another() -> None:
    other = some_id("Ola")
    with pytest.raises(CannotOpen):
        open_device_slot(other, DEVICE_SLOT, KARI)
    with pytest.raises(CannotOpen):
        open_prf_slot(other, PRF_SLOT, PRF)
    with pytest.raises(CannotOpen):
        open_recovery_slot(other, RECOVERY_SLOT, CODE)


def test_a_keyring_does_not_open_with_another_key_or_for_another_person() -> None:
    file = parse_keyring_file(FILE)
    with pytest.raises(CannotOpen):
        open_keyring(file, PERSON, some_secret("other"))
    with pytest.raises(CannotOpen):
        open_keyring(file, some_id("Ola"), KEY)


def test_slots_added_removed_reordered_or_changed_by_the_hub_close_the_keyring() -> None:
    file = parse_keyring_file(FILE)
    hub = device_slot(PERSON, some_secret("the hub's"), DEVICE, KARI.public)
    for slots in (SLOTS[:-1], SLOTS[::-1], [*SLOTS, hub], [hub, *SLOTS[1:]]):
        with pytest.raises(CannotOpen):
            open_keyring(replace(file, slots=tuple(slots)), PERSON, KEY)


def test_a_changed_file_does_not_open() -> None:
    file = parse_keyring_file(FILE)
    for changed in (
        replace(file, nonce=flipped(NONCE)),
        replace(file, ciphertext=flipped(file.ciphertext)),
        replace(file, ciphertext=b""),
    ):
        with pytest.raises(CannotOpen):
            open_keyring(changed, PERSON, KEY)


def test_the_key_stream_tells_an_older_or_foreign_keyring() -> None:
    verify_keyring_hash(FILE, keyring_hash(FILE))
    foreign = seal_keyring(KEYRING_OF_KARI, KEY, SLOTS, nonce=some_bytes("other", 12))
    with pytest.raises(CannotOpen):
        verify_keyring_hash(foreign, keyring_hash(FILE))


def _file(content: CborInput) -> bytes:
    slots = [slot_items(slot) for slot in SLOTS]
    aad = labelled(KEYRING, encode([1, PERSON, hash_with(KEYRING_SLOTS, encode(slots))]))
    return encode([1, slots, NONCE, seal_box(KEY, NONCE, aad, encode(content))])


CONTENT: dict[str, CborInput] = {"person": PERSON, "seeds": [[1, KEY]], "root_seed": None, "pins": {}}


def test_the_content_is_the_documented_map() -> None:
    assert open_keyring(parse_keyring_file(_file(CONTENT)), PERSON, KEY) == Keyring(PERSON, ((1, KEY),), None, {})


@pytest.mark.parametrize(
    "changed",
    [
        {"person": b"short"},
        {"person": some_id("Ola")},
        {"seeds": [[0, KEY]]},
        {"seeds": [[2, KEY], [1, KEY]]},
        {"seeds": [[1, KEY], [1, KEY]]},
        {"seeds": [[1, b"short"]]},
        {"seeds": [[1]]},
        {"root_seed": b"short"},
        {"pins": []},
        {"pins": {"": b""}},
        {"pins": {"name": "text"}},
        {"more": 1},
    ],
)
def test_content_of_another_shape_is_malformed(changed: dict[str, CborInput]) -> None:
    with pytest.raises(Malformed):
        open_keyring(parse_keyring_file(_file(CONTENT | changed)), PERSON, KEY)


def test_what_could_not_be_read_back_is_not_sealed() -> None:
    with pytest.raises(Malformed):
        seal_keyring(replace(KEYRING_OF_KARI, seeds=KEYRING_OF_KARI.seeds[::-1]), KEY, SLOTS, nonce=NONCE)
    with pytest.raises(Malformed):
        seal_keyring(KEYRING_OF_KARI, KEY, [], nonce=NONCE)
    with pytest.raises(Malformed):
        seal_keyring(KEYRING_OF_KARI, KEY, [RECOVERY_SLOT] * (MAX_SLOTS + 1), nonce=NONCE)
    with pytest.raises(BadKey):
        seal_keyring(KEYRING_OF_KARI, KEY, SLOTS, nonce=b"short")


WRAPPED = bytes(48)


@pytest.mark.parametrize(
    "slot",
    [
        None,
        [],
        ["unknown", SALT, WRAPPED],
        ["recovery", SALT],
        ["recovery", SALT[:31], WRAPPED],
        ["recovery", SALT, WRAPPED + b"x"],
        ["prf", b"", SALT, WRAPPED],
        ["prf", bytes(1024), SALT, WRAPPED],
        ["prf", "credential", SALT, WRAPPED],
        ["device", b"short", DEVICE_SLOT.sealed],
        ["device", DEVICE, DEVICE_SLOT.sealed[:-1]],
        ["passphrase", SALT, [64 * 1024, 3], WRAPPED],
        ["passphrase", SALT, [64 * 1024 - 1, 3, 4], WRAPPED],
        ["passphrase", SALT, [1024 * 1024 + 1, 3, 4], WRAPPED],
        ["passphrase", SALT, [64 * 1024, 2, 4], WRAPPED],
        ["passphrase", SALT, [64 * 1024, 17, 4], WRAPPED],
        ["passphrase", SALT, [64 * 1024, 3, 0], WRAPPED],
        ["passphrase", SALT, [64 * 1024, 3, 17], WRAPPED],
        ["passphrase", SALT, [64 * 1024, 3, True], WRAPPED],
    ],
)
def test_a_slot_of_another_shape_is_malformed(slot: CborInput) -> None:
    with pytest.raises(Malformed):
        parse_slot(decode(encode(slot), max_size=4096))


def test_slots_are_read_back_as_they_were_written(by_passphrase: PassphraseSlot) -> None:
    for slot in [*SLOTS, by_passphrase]:
        assert parse_slot(decode(encode(slot_items(slot)), max_size=4096)) == slot


def test_the_default_cost_is_the_recommended_one() -> None:
    assert PassphraseCost() == PassphraseCost(memory_kib=65536, iterations=3, lanes=4)


def test_slots_take_no_salt_credential_or_output_of_another_length() -> None:
    with pytest.raises(Malformed):
        recovery_slot(PERSON, KEY, CODE, SALT[:16])
    with pytest.raises(Malformed):
        prf_slot(PERSON, KEY, b"", PRF, SALT)
    with pytest.raises(BadKey):
        prf_slot(PERSON, KEY, CREDENTIAL, PRF[:31], SALT)
    with pytest.raises(BadKey):
        device_slot(PERSON, KEY, DEVICE, b"no key")


@pytest.mark.parametrize(("at", "value"), [(0, 2), (0, True), (1, []), (1, {}), (2, b"short"), (2, 1), (3, None)])
def test_a_file_of_another_shape_is_malformed(at: int, value: CborInput) -> None:
    items = array(decode(FILE, max_size=MAX_FILE))
    with pytest.raises(Malformed):
        parse_keyring_file(encode([*items[:at], value, *items[at + 1 :]]))


@given(st.binary(max_size=200))
def test_other_bytes_are_no_keyring(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_keyring_file(data)


@given(st.binary(min_size=20, max_size=20))
def test_a_recovery_code_is_read_back_as_it_was_written(secret: bytes) -> None:
    code = format_recovery_code(secret)
    assert len(code) == 39
    assert parse_recovery_code(code) == secret
    assert parse_recovery_code(code.lower().replace("0", "o").replace("1", "l")) == secret


@given(st.text(max_size=45))
def test_any_other_text_is_no_recovery_code(text: str) -> None:
    with pytest.raises(Malformed):
        parse_recovery_code(text)


@pytest.mark.parametrize("secret", [b"", bytes(19), bytes(21)])
def test_a_recovery_secret_of_another_length_is_refused(secret: bytes) -> None:
    with pytest.raises(Malformed):
        format_recovery_code(secret)


def test_a_keyring_shows_no_seed_and_no_pin() -> None:
    shown = repr(KEYRING_OF_KARI)
    assert "seed" not in shown
    assert "pin" not in shown
