"""The access log's own small rules."""

import pytest

from domain.access.events import DisclosureMade, IntervalClosed, IntervalOpened, Purpose, Reach, ThreadBasis
from domain.access.state import AccessLog, UnknownInterval, decide_line, evolve_line
from domain.ids import Digest, Millis, ThreadNo, Version
from tests.domain.cast import ANNA, named

OPENED = IntervalOpened(
    reader=ANNA.principal,
    device=named("device anna"),
    organisation=ANNA.organisation,
    role=None,
    purpose=Purpose.TREATMENT,
    threads=(ThreadBasis(ThreadNo(0), "treatment"),),
    after=Version(0),
    head_version=Version(4),
    head=Digest(bytes(32)),
    lease=named("lease"),
    lease_until=Millis(9),
    request=b"signed",
)
DISCLOSED = DisclosureMade(
    reader=ANNA.principal,
    device=named("device anna"),
    organisation=ANNA.organisation,
    role=None,
    purpose=Purpose.TREATMENT,
    legal_basis="treatment",
    reach=Reach.HISTORY,
    thread=ThreadNo(0),
    start=Version(1),
    until=Version(2),
    file=None,
    request=b"signed",
)


def test_an_interval_is_open_from_its_line_to_the_line_that_closes_it() -> None:
    log = evolve_line(AccessLog(), OPENED, Version(1), Millis(5))
    assert log.open == {1: OPENED}
    closing = IntervalClosed(Version(1), Version(4), "bye")
    decide_line(log, closing)
    assert evolve_line(log, closing, Version(2), Millis(6)) == AccessLog(Version(2), Millis(6), {})


def test_a_look_up_is_one_line_and_opens_nothing() -> None:
    decide_line(AccessLog(), DISCLOSED)
    assert evolve_line(AccessLog(), DISCLOSED, Version(1), Millis(5)).open == {}


@pytest.mark.parametrize("ref", [0, 2])
def test_what_is_not_open_cannot_be_closed(ref: int) -> None:
    log = evolve_line(AccessLog(), OPENED, Version(1), Millis(5))
    with pytest.raises(UnknownInterval):
        decide_line(log, IntervalClosed(Version(ref), Version(4), "bye"))
