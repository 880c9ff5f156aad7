"""Who still lacks an epoch's key, and what a holder may grant for it: bookkeeping, without a hub."""

from types import SimpleNamespace
from typing import cast

import pytest

from domain.channel import events as e
from domain.channel.terms import KindClass
from domain.ids import EpochNo, Millis, PrincipalId, ThreadNo, Version
from protocol.acts import VerifiedAct
from protocol.replay import Accepted
from samsnakk.granting import owed_spans
from samsnakk.held import Held
from samsnakk.owed import Debt, Owed
from tests.domain.cast import BERIT, DESK, IDA, ROLF, Someone
from tests.domain.channel_builder import Story, around_ida, epoch, history, message, removed

HERE, THERE = ThreadNo(0), ThreadNo(1)
FIRST = (HERE, EpochNo(1))


def place(version: int, who: Someone, event: e.ChannelEvent, thread: ThreadNo = HERE) -> Accepted:
    header = SimpleNamespace(event=event, person=who.author.person, role=who.author.role)
    act = cast("VerifiedAct", SimpleNamespace(header=header))
    return Accepted(Version(version), Millis(0), thread, KindClass.KEY, act)


def opens(version: int, number: int, thread: ThreadNo = HERE) -> Accepted:
    return place(version, BERIT, e.EpochOpened(EpochNo(number), (), bytes(32)), thread)


def fails(version: int, who: Someone, number: int = 1, thread: ThreadNo = HERE) -> Accepted:
    return place(version, who, e.WrapFailed(EpochNo(number)), thread)


def grants(version: int, to: Someone, *ranges: tuple[int, int]) -> Accepted:
    spans = tuple((Version(start), Version(until)) for start, until in ranges)
    return place(version, BERIT, e.HistoryGranted(to.principal, 1, spans))


def owed_after(*places: Accepted) -> Owed:
    owed = Owed()
    for one in places:
        owed.take(one)
    return owed


def test_who_reports_a_broken_wrap_is_owed_that_epoch_however_many_are_open_already() -> None:
    owed = owed_after(opens(3, 1), opens(7, 2), opens(9, 3), fails(10, ROLF))
    assert list(owed.of(HERE)) == [Debt(FIRST, Version(3), Version(7), frozenset({ROLF.principal}))]
    assert owed.is_owed(FIRST, ROLF.principal)
    assert not owed.is_owed((HERE, EpochNo(2)), ROLF.principal)


def test_the_newest_epoch_has_no_end() -> None:
    assert [debt.ended for debt in owed_after(opens(3, 1), fails(4, ROLF)).of(HERE)] == [None]


def test_an_inbox_is_owed_what_whoever_acts_for_it_reports() -> None:
    owed = owed_after(opens(3, 1), fails(4, DESK))
    assert owed.is_owed(FIRST, DESK.principal)
    assert not owed.is_owed(FIRST, PrincipalId(DESK.author.person or b""))


@pytest.mark.parametrize(("ranges", "paid"), [([(3, 9)], True), ([(1, 2), (3, 3)], True), ([(4, 9), (1, 2)], False)])
def test_a_grant_that_reaches_back_to_the_opening_settles_it(ranges: list[tuple[int, int]], paid: bool) -> None:
    owed = owed_after(opens(3, 1), fails(4, ROLF), fails(5, IDA), grants(10, ROLF, *ranges))
    assert owed.is_owed(FIRST, ROLF.principal) is not paid
    assert owed.is_owed(FIRST, IDA.principal)


def test_once_all_are_paid_nothing_is_left() -> None:
    owed = owed_after(opens(3, 1), fails(4, ROLF), fails(5, IDA), grants(9, ROLF, (3, 8)), grants(10, IDA, (1, 9)))
    assert list(owed.of(HERE)) == []


def test_threads_have_nothing_to_do_with_each_other() -> None:
    owed = owed_after(opens(3, 1), opens(4, 1, THERE), fails(5, ROLF, thread=THERE), grants(9, ROLF, (1, 8)))
    assert list(owed.of(HERE)) == []
    assert [debt.epoch for debt in owed.of(THERE)] == [(THERE, EpochNo(1))]


def test_an_epoch_whose_opening_is_not_known_here_is_nobody_elses_debt() -> None:
    assert list(owed_after(fails(4, ROLF)).of(HERE)) == []


def test_a_stub_says_nothing() -> None:
    owed = Owed()
    owed.take(Accepted(Version(4), Millis(0), HERE, KindClass.KEY, None))
    assert list(owed.of(HERE)) == []


def spans(story: Story, granter: Someone, recipient: Someone, debt: Debt) -> tuple[tuple[int, int], ...]:
    held = SimpleNamespace(replay=SimpleNamespace(channel=story.channel), version=story.channel.version)
    thread = story.channel.threads[debt.epoch[0]]
    return owed_spans(cast("Held", held), thread, granter.principal, recipient.principal, debt)


def debt_of(opened: int, ended: int | None = None) -> Debt:
    until = None if ended is None else Version(ended)
    return Debt((THERE, EpochNo(1)), Version(opened), until, frozenset({ROLF.principal}))


def test_what_is_owed_ends_where_the_next_epoch_begins() -> None:
    story = around_ida()
    first = story.unit(IDA, epoch(1), message(1))
    second = story.unit(BERIT, epoch(1), message(1), message(1))
    assert spans(story, BERIT, ROLF, debt_of(first, second)) == ((first, second - 1),)
    assert spans(story, BERIT, ROLF, debt_of(second)) == ((second, story.channel.version),)


def test_who_was_away_meanwhile_is_owed_nothing_of_that_time() -> None:
    story = around_ida()
    first = story.unit(IDA, epoch(1), message(1))
    gone = story.unit(IDA, removed(1, ROLF), epoch(1))
    story.unit(BERIT, message(1), message(1))
    story.unit(IDA, (1, ROLF.joining("users-choice")), epoch(1))
    # Whoever mends does not know that a newer epoch was opened meanwhile: the recipient's own stay still ends it.
    given = spans(story, BERIT, ROLF, debt_of(first))
    assert given[0][0] == first
    assert max(until for start, until in given if start <= gone) <= gone
    assert all(start > gone + 3 for start, _ in given[1:])


def test_who_cannot_reach_back_to_the_opening_grants_nothing() -> None:
    story = around_ida()
    first = story.unit(IDA, epoch(1), message(1))
    late = DESK
    story.unit(IDA, (1, late.joining()), epoch(1))
    assert spans(story, late, ROLF, debt_of(first)) == ()
    story.unit(BERIT, history(1, late, start=first))
    assert spans(story, late, ROLF, debt_of(first))[0][0] == first
