"""An inbox's seeds reach those they are sealed for, and count only where the key stream names them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.boxes import ONLY_NONCE, seal_box
from crypto.cbor import CborInput, decode, encode
from crypto.errors import BadKey, CannotOpen, Malformed
from crypto.hashing import Digest, hash_with
from crypto.inbox_files import (
    MAX_INBOX_FILE,
    MAX_INBOX_SEEDS,
    MAX_SEATS,
    MAX_UNCERTIFIED,
    InboxFile,
    InboxPlace,
    InboxSeed,
    Recipient,
    carried_on,
    certified_seeds,
    inbox_file_hash,
    open_inbox,
    parse_inbox_file,
    seal_inbox,
)
from crypto.kem import KemKey, hpke_seal
from crypto.labels import INBOX_READERS, INBOX_SEAT, INBOX_SEEDS, labelled
from crypto.layers import kem_hash
from crypto.shapes import SecretKey, array
from tests.crypto.fixed import flipped, kem_key, kem_seed, some_digest, some_id, some_secret

KARI, JON = some_id("Kari"), some_id("Jon")
PLACE = InboxPlace(some_id("deployment"), some_id("inbox"), 2, some_digest("first"))
SEEDS = (InboxSeed(1, SecretKey(kem_seed("inbox 1"))), InboxSeed(2, SecretKey(kem_seed("inbox 2"))))
RECIPIENTS = [Recipient(KARI, 1, kem_key("Kari").public), Recipient(JON, 3, kem_key("Jon").public)]
KEY = some_secret("file")
FILE = seal_inbox(PLACE, SEEDS, RECIPIENTS, file_key=KEY)
KEYS = {1: kem_key("Kari")}


def named(*names: str) -> dict[int, Digest]:
    """What a key stream says: the hash of each version's key."""
    return {n: kem_hash([kem_key(name).public]) for n, name in enumerate(names, 1)}


def test_everybody_it_is_sealed_for_gets_all_seeds_and_nobody_else_any() -> None:
    file = parse_inbox_file(FILE)
    assert file.place == PLACE
    assert open_inbox(file, KARI, KEYS) == SEEDS
    assert open_inbox(file, JON, {1: kem_key("old"), 3: kem_key("Jon")}) == SEEDS
    for person, keys in (
        (KARI, {}),
        (KARI, {1: kem_key("other")}),
        (KARI, {2: kem_key("Kari")}),
        (JON, {3: kem_key("Kari")}),
        (some_id("Ola"), KEYS),
    ):
        with pytest.raises(CannotOpen):
            open_inbox(file, person, keys)


def test_a_seed_counts_only_as_the_version_that_the_key_stream_names_it_for() -> None:
    assert certified_seeds(SEEDS, named("inbox 1", "inbox 2")) == {1: SEEDS[0].seed, 2: SEEDS[1].seed}
    assert certified_seeds(SEEDS, named("inbox 1")) == {1: SEEDS[0].seed}
    assert certified_seeds(SEEDS, named("inbox 2", "inbox 1")) == {}
    assert certified_seeds(SEEDS, named("another inbox", "another inbox 2")) == {}


@pytest.mark.parametrize(
    "changed",
    [
        lambda file: replace(file, place=replace(file.place, inbox=some_id("another"))),
        lambda file: replace(file, place=replace(file.place, deployment=some_id("another"))),
        lambda file: replace(file, place=replace(file.place, generation=3)),
        lambda file: replace(file, place=replace(file.place, replaces=some_digest("another"))),
        lambda file: replace(file, seats=tuple(seat for seat in file.seats if seat.person == KARI)),
        lambda file: replace(file, seats=tuple(replace(seat, version=1) for seat in file.seats)),
        lambda file: replace(file, ciphertext=flipped(file.ciphertext)),
    ],
)
def test_nothing_of_a_file_can_be_put_beside_something_else(changed: Callable[[InboxFile], InboxFile]) -> None:
    with pytest.raises(CannotOpen):
        open_inbox(changed(parse_inbox_file(FILE)), KARI, KEYS)


def test_a_file_whose_seats_hold_different_keys_gives_one_reader_the_seeds_and_the_others_nothing() -> None:
    bound = _bound([(KARI, 1)])
    ciphertext = seal_box(KEY, ONLY_NONCE, labelled(INBOX_SEEDS, bound), encode([[1, SEEDS[0].seed]]))
    for file_key in (some_secret("another"), KEY[:16]):
        seat = hpke_seal(kem_key("Kari").public, labelled(INBOX_SEAT, encode([bound, KARI, 1])), file_key)
        if len(seat) != 1168:
            with pytest.raises(Malformed):
                parse_inbox_file(encode(_items([[KARI, 1, seat]], ciphertext)))
            continue
        with pytest.raises(CannotOpen):
            open_inbox(parse_inbox_file(encode(_items([[KARI, 1, seat]], ciphertext))), KARI, KEYS)


def test_the_next_file_carries_on_what_counts_and_what_may_still_count() -> None:
    waiting = [InboxSeed(3, some_secret(str(n))) for n in range(MAX_UNCERTIFIED + 2)]
    dead = InboxSeed(2, some_secret("never certified"))
    found = carried_on([*SEEDS, dead, *waiting], named("inbox 1", "inbox 2"))
    assert found == (*SEEDS, *waiting[2:])
    assert carried_on(SEEDS, {}) == SEEDS
    assert carried_on((), named("inbox 1")) == ()


def test_an_own_file_has_its_own_hash() -> None:
    assert inbox_file_hash(FILE) != inbox_file_hash(flipped(FILE))


def test_what_could_not_be_read_back_is_not_sealed() -> None:
    for place, seeds, recipients in (
        (PLACE, SEEDS, []),
        (PLACE, SEEDS, [RECIPIENTS[0]] * 2),
        (PLACE, SEEDS[::-1], RECIPIENTS),
        (PLACE, [SEEDS[0], replace(SEEDS[0], version=2)], RECIPIENTS),
        (PLACE, [InboxSeed(0, KEY)], RECIPIENTS),
        (replace(PLACE, replaces=None), SEEDS, RECIPIENTS),
        (replace(PLACE, generation=1), SEEDS, RECIPIENTS),
        (replace(PLACE, generation=0), SEEDS, RECIPIENTS),
        (replace(PLACE, inbox=b"short"), SEEDS, RECIPIENTS),
    ):
        with pytest.raises(Malformed):
            seal_inbox(place, seeds, recipients, file_key=KEY)
    with pytest.raises(BadKey):
        seal_inbox(PLACE, SEEDS, [replace(RECIPIENTS[0], public=b"no key")], file_key=KEY)
    with pytest.raises(Malformed):
        seal_inbox(PLACE, SEEDS, RECIPIENTS, file_key=SecretKey(b"short"))


def test_the_limits_fit_into_a_file() -> None:
    seat: list[CborInput] = [bytes(16), 2**31, bytes(1168)]
    seats = [[n.to_bytes(16), *seat[1:]] for n in range(MAX_SEATS)]
    parse_inbox_file(encode(_items(seats, bytes(MAX_INBOX_SEEDS * 40))))
    with pytest.raises(Malformed):
        parse_inbox_file(encode(_items([*seats, [b"\xff" * 16, *seat[1:]]], bytes(16))))
    seeds = [InboxSeed(n, SecretKey(n.to_bytes(32))) for n in range(1, MAX_INBOX_SEEDS + 2)]
    seal_inbox(PLACE, seeds[:-1], RECIPIENTS, file_key=KEY)
    with pytest.raises(Malformed):
        seal_inbox(PLACE, seeds, RECIPIENTS, file_key=KEY)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 2),
        (0, True),
        (1, b"short"),
        (2, None),
        (3, 0),
        (3, 2**53),
        (4, None),
        (4, b"short"),
        (5, []),
        (5, {}),
        (5, [[KARI, 1]]),
        (5, [[KARI, 0, bytes(1168)]]),
        (5, [[KARI, 1, bytes(1167)]]),
        (5, [[KARI, 1, bytes(1168)], [KARI, 2, bytes(1168)]]),
        (6, b"short"),
        (6, None),
    ],
)
def test_a_file_of_another_shape_is_malformed(at: int, value: CborInput) -> None:
    items = array(decode(FILE, max_size=MAX_INBOX_FILE))
    with pytest.raises(Malformed):
        parse_inbox_file(encode([*items[:at], value, *items[at + 1 :]]))


@pytest.mark.parametrize(
    "content", [None, {}, [[0, bytes(32)]], [[1, b"short"]], [[1]], [[2, bytes(32)], [1, bytes([1] * 32)]], [[1, 2]]]
)
def test_content_of_another_shape_is_malformed(content: CborInput) -> None:
    bound = _bound([(KARI, 1)])
    seat = hpke_seal(kem_key("Kari").public, labelled(INBOX_SEAT, encode([bound, KARI, 1])), KEY)
    ciphertext = seal_box(KEY, ONLY_NONCE, labelled(INBOX_SEEDS, bound), encode(content))
    with pytest.raises(Malformed):
        open_inbox(parse_inbox_file(encode(_items([[KARI, 1, seat]], ciphertext))), KARI, KEYS)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_file_or_one_error(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_inbox_file(data)


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_no_byte_of_a_file_can_be_changed(at: int, mask: int) -> None:
    changed = bytearray(FILE)
    changed[at] ^= mask
    opened = 0
    for person, keys in ((KARI, KEYS), (JON, {3: kem_key("Jon")})):
        try:
            assert open_inbox(parse_inbox_file(bytes(changed)), person, keys) == SEEDS
            opened += 1
        except (Malformed, CannotOpen):
            pass
    assert opened < len(RECIPIENTS)  # in another's seat a byte is another's loss


@given(st.integers(0, len(FILE) - 1))
def test_half_a_file_is_none(length: int) -> None:
    with pytest.raises(Malformed):
        parse_inbox_file(FILE[:length])


@given(
    st.lists(st.tuples(st.integers(1, 9), st.binary(min_size=32, max_size=32)), max_size=12, unique_by=lambda r: r[1])
)
def test_whatever_is_sealed_comes_back(rows: list[tuple[int, bytes]]) -> None:
    seeds = tuple(InboxSeed(version, SecretKey(seed)) for version, seed in sorted(rows, key=lambda row: row[0]))
    file = parse_inbox_file(seal_inbox(PLACE, seeds, RECIPIENTS, file_key=KEY))
    assert open_inbox(file, KARI, KEYS) == seeds
    assert "seed=" not in repr(seeds)


def test_a_key_made_from_a_seed_is_the_one_that_is_named() -> None:
    assert kem_hash([KemKey.from_seed(SEEDS[0].seed).public]) == named("inbox 1")[1]


def _bound(readers: list[tuple[bytes, int]]) -> bytes:
    listed = hash_with(INBOX_READERS, encode([list(row) for row in readers]))
    return encode([1, PLACE.deployment, PLACE.inbox, PLACE.generation, PLACE.replaces, listed])


def _items(seats: list[list[CborInput]], ciphertext: bytes) -> list[CborInput]:
    return [1, PLACE.deployment, PLACE.inbox, PLACE.generation, PLACE.replaces, seats, ciphertext]
