"""A client sees whether enough have cosigned the hub's log: too few warn, a lie ends all trust."""

from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest

from crypto.notes import NoteKey, NoteKind, cosignature_line, note_key, parse_note
from protocol.witnesses import log_key
from samsnakk.errors import BadProfile, Disconnected, Refused
from samsnakk.log.cosigned import FRESH, PATIENCE, POLICY, ROUND, Cosigned
from tests.client.node.fake_log import entries, entry, signed
from tests.crypto.fixed import signing_key
from tests.protocol.keyholders import trust

NOW = 1_795_000_000
NAMES = ("a", "b", "c")
NOBODY = SimpleNamespace()


def witness(name: str) -> NoteKey:
    return note_key(f"{name}.example/w", NoteKind.WITNESS, signing_key(f"witness {name}").public)


def cosigned(size: int, names: str, at: int = NOW, *, note: str | None = None) -> str:
    base = signed(entries(size)) if note is None else note
    text = parse_note(base).text
    return base + "".join(
        cosignature_line(text, witness(name).name, signing_key(f"witness {name}"), at) for name in names
    )


class Served:
    """`shown` is what the hub shows as cosigned."""

    def __init__(self) -> None:
        self.shown: str | None = None
        self.away = False

    async def note(self, which: str) -> str | None:
        assert which == "cosigned"
        if self.away:
            raise Disconnected
        return self.shown

    async def bundle(self, n: int, width: int) -> bytes:
        raise AssertionError(n, width)

    async def hand_in(self, note: str) -> None:
        raise AssertionError(note)


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def quorum(tmp_path: Path, served: Served) -> Cosigned:
    lines = "".join(f"witness {name} {witness(name)}\n" for name in NAMES)
    text = f"log {log_key(trust())}\n{lines}group all 2 a b c\nquorum all\n"
    (tmp_path / POLICY).write_text(text, encoding="utf-8")
    return Cosigned(trust(), tmp_path, served, NOBODY)  # type: ignore[arg-type]


async def rounds(quorum: Cosigned, count: int, now: int = NOW) -> None:
    for _ in range(count):
        await quorum.look(now)


LONG = int(PATIENCE / ROUND)


async def test_what_enough_have_cosigned_is_held_against_the_own_log_first(quorum: Cosigned, served: Served) -> None:
    served.shown = cosigned(9, "ab")
    await quorum.look(NOW)
    assert quorum.newest.checkpoint.size == 0
    (found,) = quorum.open
    assert found.checkpoint.size == 9
    quorum.settle(())
    assert quorum.newest.checkpoint.size == 0
    quorum.settle((found,))
    assert quorum.newest == found
    assert quorum.open == ()
    assert dict(quorum.times) == {"a": NOW, "b": NOW}


@pytest.mark.parametrize("shown", [None, cosigned(9, ""), cosigned(9, "a"), cosigned(9, "ab", NOW - FRESH - 1)])
async def test_too_few_or_none_lately_is_a_warning_after_a_while(
    shown: str | None, quorum: Cosigned, served: Served
) -> None:
    served.shown = shown
    await rounds(quorum, LONG)
    before = quorum.few
    await rounds(quorum, 1)
    assert (before, quorum.few) == (False, True)
    assert quorum.open == ()
    assert quorum.lie() is None
    served.shown = cosigned(9, "bc")
    await quorum.look(NOW)
    quorum.settle(quorum.open)
    after = quorum.few
    assert not after


async def test_a_quiet_log_that_is_cosigned_anew_is_no_reason_to_warn(quorum: Cosigned, served: Served) -> None:
    later = NOW
    for _ in range(3 * LONG):
        later += 60
        served.shown = cosigned(9, "ab", later)
        await quorum.look(later)
        quorum.settle(quorum.open)
        assert not quorum.few
    assert set(quorum.times.values()) == {later}


async def test_a_hub_that_shows_an_old_log_for_ever_is_noticed(quorum: Cosigned, served: Served) -> None:
    served.shown = cosigned(9, "ab")
    later = NOW
    while not quorum.few:
        await quorum.look(later)
        quorum.settle(quorum.open)
        later += int(ROUND)
        assert later < NOW + FRESH + 2 * PATIENCE


async def test_another_log_of_the_same_size_is_held_against_the_own_one(quorum: Cosigned, served: Served) -> None:
    served.shown = cosigned(9, "ab")
    await quorum.look(NOW)
    quorum.settle(quorum.open)
    served.shown = cosigned(9, "ab", note=signed([*entries(8), entry("other", 1)]))
    await quorum.look(NOW)
    assert [one.note for one in quorum.open] == [served.shown]


async def test_a_false_signature_in_a_known_name_is_a_lie(quorum: Cosigned, served: Served) -> None:
    wrong = f"— {witness('c').name} {b64encode(witness('c').hash + bytes(72)).decode()}\n"
    for lie in (cosigned(9, "ab") + wrong, signed(entries(9), signing_key("somebody"))):
        served.shown = lie
        await quorum.look(NOW)
        assert quorum.lie() == lie
        assert quorum.open == ()


async def test_a_hub_out_of_reach_or_a_strange_page_shows_nothing(quorum: Cosigned, served: Served) -> None:
    served.away = True
    with pytest.raises(Disconnected):
        await rounds(quorum, 1)
    served.away, served.shown = False, "<html>"
    with pytest.raises(Refused):
        await rounds(quorum, 1)
    assert quorum.lie() is None


def test_a_policy_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, served: Served) -> None:
    (tmp_path / POLICY).write_text("quorum nobody\n", encoding="utf-8")
    with pytest.raises(BadProfile, match="line 1"):
        Cosigned(trust(), tmp_path, served, NOBODY)  # type: ignore[arg-type]
