"""The node as a witness: it cosigns what it has recomputed, once written down, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.hashing import Digest
from crypto.notes import NoteKind, note_key, sign_note, verify_cosignature
from domain.ids import Millis, OrganisationId
from protocol.witnesses import witness_name
from samsnakk.errors import Disconnected, Refused
from samsnakk.node.faults import LOG_FORKED, LOG_SHRUNK, LOG_UNSIGNED, Evidence
from samsnakk.node.witness.book import Book, WitnessedElsewhere
from samsnakk.node.witness.witnessing import FRESH, Witness
from tests.client.node.fake_log import ORIGIN, FakeLog, entries, entry, signed
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import HUB_KEY, trust

AT = Millis(1_795_000_000_000)
CLINIC, TOWN = (OrganisationId(some_id(name)) for name in ("clinic", "town"))
KEYS = {CLINIC: signing_key("node of clinic"), TOWN: signing_key("node of town")}
MANY = 700


class Desk:
    """A witness that can be stopped and begun again, with the same files."""

    def __init__(self, folder: Path, log: FakeLog) -> None:
        self.folder = folder
        self.log = log
        self.book = Book(folder / "witness.db")
        self.witness = self._begin()

    def _begin(self) -> Witness:
        return Witness(trust(), self.book, self.log, Evidence(self.folder / "evidence"))

    def begin_again(self) -> None:
        self.book.close()
        self.book = Book(self.folder / "witness.db")
        self.witness = self._begin()

    async def look(self, at: int = AT) -> str:
        fault = await self.witness.look(KEYS, Millis(at))
        return "" if fault is None else fault.code

    @property
    def cosigned(self) -> list[int]:
        return [int(note.text.split("\n")[1]) for note in self.log.handed_in]

    @property
    def evidence(self) -> list[str]:
        folder = self.folder / "evidence"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, FakeLog(entries(MANY)))
    yield made
    made.book.close()


async def test_a_log_that_holds_is_cosigned_in_the_name_of_every_organisation(desk: Desk) -> None:
    assert not await desk.look()
    (note,) = desk.log.handed_in
    for organisation, key in KEYS.items():
        by = note_key(witness_name(organisation), NoteKind.WITNESS, key.public)
        assert verify_cosignature(note, by) == AT // 1000
    assert not desk.evidence


async def test_only_what_is_new_is_fetched_and_computed_also_after_a_restart(desk: Desk) -> None:
    await desk.look()
    assert desk.log.bundles == [(0, 256), (1, 256), (2, 188)]
    for again in (False, True):
        if again:
            desk.begin_again()
        desk.log.bundles.clear()
        desk.log.grow(entries(10, start=len(desk.log.leaves)))
        assert not await desk.look()
        assert len(desk.log.bundles) == 1
    assert desk.cosigned == [MANY, MANY + 10, MANY + 20]


async def test_an_unchanged_log_is_cosigned_again_only_after_a_while(desk: Desk) -> None:
    for later in (0, 1000, FRESH - 1, FRESH):
        assert not await desk.look(AT + later)
    assert desk.cosigned == [MANY, MANY]


async def test_what_the_hub_did_not_take_is_handed_in_again(desk: Desk) -> None:
    original = desk.log.hand_in

    async def lost(_: str) -> None:
        raise Disconnected

    desk.log.hand_in = lost  # type: ignore[method-assign, assignment]
    with pytest.raises(Disconnected):
        await desk.look()
    desk.log.hand_in = original  # type: ignore[method-assign]
    assert not await desk.look(AT + 5000)
    assert desk.cosigned == [MANY]


def _swapped(log: FakeLog) -> None:
    log.leaves[3], log.leaves[8] = log.leaves[8], log.leaves[3]
    log.offered = signed(log.leaves)


def _repeated(log: FakeLog) -> None:
    log.grow([log.leaves[-1]])


def _left_out(log: FakeLog) -> None:
    log.grow(entries(6, start=MANY + 5))


def _served_otherwise(log: FakeLog) -> None:
    log.leaves[-1] = entry("stream 4", 140, "another head")


def _heads_left_out(log: FakeLog) -> None:
    log.offered = signed(log.leaves, heads=Digest(bytes(32)))


def _new_stream_from_the_middle(log: FakeLog) -> None:
    log.grow([entry("new", 2)])


LIES = [_swapped, _repeated, _left_out, _served_otherwise, _heads_left_out, _new_stream_from_the_middle]


@pytest.mark.parametrize("lie", LIES)
async def test_a_log_that_leaves_out_repeats_reorders_or_changes_is_not_cosigned(
    lie: Callable[[FakeLog], None], desk: Desk
) -> None:
    lie(desk.log)
    assert await desk.look() == LOG_FORKED
    assert desk.log.handed_in == []
    assert desk.witness.seen.size == 0
    assert [name.split("-")[0] for name in desk.evidence] == ["log_forked", "log_forked"]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_second_log_of_one_size_is_never_cosigned(desk: Desk, *, restarted: bool) -> None:
    await desk.look()
    honest = desk.log.offered
    other = entries(MANY)
    other[-1] = entry("stream 4", 140, "another head")
    desk.log.leaves, desk.log.offered = other, signed(other)
    if restarted:
        desk.begin_again()
    assert await desk.look(AT + FRESH) == LOG_FORKED
    assert len(desk.log.handed_in) == 1
    kept = (desk.folder / "evidence" / desk.evidence[0]).read_bytes()
    assert desk.log.offered.encode() in kept
    assert honest is not None
    assert honest.split("\n\n")[0].encode() in kept  # what was cosigned


async def test_a_log_that_goes_on_from_another_past_is_not_cosigned(desk: Desk) -> None:
    await desk.look()
    other = entries(MANY)
    other[0] = entry("stream 0", 1, "another head")
    desk.log.leaves = [*other, *entries(50, start=MANY)]
    desk.log.offered = signed(desk.log.leaves)
    assert await desk.look() == LOG_FORKED
    assert desk.cosigned == [MANY]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_log_that_became_shorter_is_not_cosigned(desk: Desk, *, restarted: bool) -> None:
    await desk.look()
    desk.log.leaves = desk.log.leaves[: MANY - 1]
    desk.log.offered = signed(desk.log.leaves)
    if restarted:
        desk.begin_again()
    assert await desk.look() == LOG_SHRUNK
    desk.log.offered = None
    assert await desk.look() == LOG_SHRUNK
    assert desk.cosigned == [MANY]


async def test_a_checkpoint_under_another_key_or_of_another_log_is_not_cosigned(desk: Desk) -> None:
    desk.log.offered = signed(desk.log.leaves, signing_key("somebody"))
    assert await desk.look() == LOG_UNSIGNED
    other = checkpoint_text(Checkpoint("log.samsnakk/ff", 1, Digest(bytes(32)), Digest(bytes(32))))
    desk.log.offered = sign_note(other, ORIGIN, HUB_KEY)
    assert await desk.look() == LOG_UNSIGNED
    assert desk.log.handed_in == []


async def test_what_is_no_note_at_all_is_a_fault_on_the_way_and_no_lie(desk: Desk) -> None:
    desk.log.offered = "<html>Vedlikehold</html>"
    with pytest.raises(Refused):
        await desk.look()
    assert not desk.evidence


async def test_a_lie_is_told_each_time_and_written_down_once_and_the_honest_log_goes_on(desk: Desk) -> None:
    await desk.look()
    honest = list(desk.log.leaves)
    desk.log.grow([desk.log.leaves[-1]])
    for later in range(3):
        assert await desk.look(AT + later) == LOG_FORKED
    assert len(desk.evidence) == 2
    desk.log.leaves = honest
    desk.log.grow(entries(5, start=MANY))
    assert not await desk.look()
    assert desk.cosigned == [MANY, MANY + 5]


async def test_it_stands_in_the_book_before_it_is_signed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(Exception):
        pass

    def die(*_: object) -> str:
        raise Died

    monkeypatch.setattr("samsnakk.node.witness.witnessing.cosignature_line", die)
    with suppress(Died):
        await desk.look()
    monkeypatch.undo()
    desk.begin_again()
    assert desk.witness.seen.size == MANY
    other = entries(MANY)
    other[-1] = entry("stream 4", 140, "another head")
    desk.log.leaves, desk.log.offered = other, signed(other)
    assert await desk.look() == LOG_FORKED


async def test_a_book_that_cannot_be_written_keeps_everything_unsigned(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(desk.book, "turn", full)
    with suppress(OSError):
        await desk.look()
    assert desk.log.handed_in == []
    monkeypatch.undo()
    assert not await desk.look()
    assert desk.cosigned == [MANY]


async def test_two_nodes_with_one_book_never_cosign_past_each_other(desk: Desk) -> None:
    with closing(Book(desk.folder / "witness.db")) as second:
        other = Witness(trust(), second, desk.log, Evidence(desk.folder / "evidence"))
        original = desk.log.bundle

        async def meanwhile(n: int, width: int) -> bytes:
            desk.log.bundle = original  # type: ignore[method-assign]
            assert await other.look(KEYS, AT) is None
            return await original(n, width)

        desk.log.bundle = meanwhile  # type: ignore[method-assign]
        with pytest.raises(WitnessedElsewhere):
            await desk.look()
    assert not await desk.look()


async def test_who_has_no_certificate_cosigns_nothing_and_follows_all_the_same(desk: Desk) -> None:
    assert await desk.witness.look({}, AT) is None
    assert desk.log.handed_in == []
    assert desk.witness.seen.size == MANY
    assert not await desk.look()
    assert desk.cosigned == [MANY]
