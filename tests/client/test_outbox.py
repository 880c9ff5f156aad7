"""What goes first: a report that nothing can be sealed without may never wait behind what waits for it."""

from typing import cast

from domain.channel import events as e
from domain.ids import MAIN_THREAD, CommandId, EpochNo, ThreadNo
from samsnakk.compose import Unit
from samsnakk.kept import Kept
from samsnakk.outbox import Entry, Outbox
from samsnakk.plans import Plan, Step

MESSAGE: Plan = (Step(e.MessagePosted(), MAIN_THREAD, b"content"),)
REPORT: Plan = (Step(e.WrapFailed(EpochNo(1)), MAIN_THREAD),)
BUILT = Unit((), (CommandId(bytes(16)),), 0, cast("ThreadNo | None", None), frozenset())


def order(outbox: Outbox) -> list[int]:
    return [entry.number for entry in outbox.waiting]


def outbox_with(*units: Unit | None) -> tuple[Outbox, list[Entry]]:
    outbox = Outbox(cast("Kept", None))
    entries = [outbox.add(MESSAGE, None) for _ in units]
    for entry, unit in zip(entries, units, strict=True):
        entry.unit = unit
    return outbox, entries


def test_a_report_goes_before_what_is_not_built_and_behind_what_is() -> None:
    outbox, (first, second, third) = outbox_with(BUILT, None, None)
    report = outbox.add_first(REPORT)
    assert order(outbox) == [first.number, report.number, second.number, third.number]
    outbox.first()
    assert order(outbox) == [first.number, report.number, second.number, third.number]


def test_a_report_passes_what_was_built_when_it_came_and_must_be_built_anew() -> None:
    outbox, (first, second) = outbox_with(BUILT, BUILT)
    report = outbox.add_first(REPORT)
    assert order(outbox) == [first.number, second.number, report.number]
    first.unit = None
    outbox.first()
    assert order(outbox) == [report.number, first.number, second.number]


def test_a_report_that_is_built_has_left_and_stays_in_its_place() -> None:
    outbox, (first,) = outbox_with(BUILT)
    report = outbox.add_first(REPORT)
    first.unit, report.unit = None, BUILT
    outbox.first()
    assert order(outbox) == [first.number, report.number]


def test_several_reports_keep_their_order() -> None:
    outbox, (first,) = outbox_with(BUILT)
    one, other = outbox.add_first(REPORT), outbox.add_first(REPORT)
    first.unit = None
    outbox.first()
    assert order(outbox)[2] == first.number
    assert {one.number, other.number} == set(order(outbox)[:2])
