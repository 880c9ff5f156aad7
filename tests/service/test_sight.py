"""What the hub remembers of a reader is at every moment what the rules say of that reader."""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings

from domain.access.events import Purpose
from domain.channel.acts import Recorded
from domain.channel.evolve import evolve
from domain.channel.kinds import KIND_OF
from domain.channel.state import NOTHING, Channel
from domain.channel.terms import KindClass
from domain.channel.visibility import reads, served_threads
from domain.ids import ChannelId, DeploymentId, DeviceId, Millis, ThreadNo, Version
from protocol.acts import Place
from protocol.requests import ReadRequest
from service.push.sight import Sight
from tests.domain.anything import attempt
from tests.domain.anything_drawn import CAST, Draw, draws
from tests.domain.cast import ANNA, ARNE, Someone
from tests.domain.channel_builder import DAY, around_ida, epoch, message

few = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIRST = around_ida()


@dataclass(frozen=True)
class Leaf:
    version: Version
    thread: ThreadNo | None
    kind_class: KindClass


def leaf(recorded: Recorded) -> Leaf:
    return Leaf(recorded.version, recorded.act.thread, KIND_OF[type(recorded.act.event)].kind_class)


def request(who: Someone, threads: tuple[ThreadNo, ...] = ()) -> ReadRequest:
    place = Place(DeploymentId(bytes(16)), ChannelId(bytes(16)))
    author = who.author
    assert author.person is not None
    return ReadRequest(
        place=place,
        person=author.person,
        device=DeviceId(author.device),
        organisation=author.organisation,
        role=author.role,
        purpose=Purpose.COORDINATION,
        threads=threads,
        request_id=bytes(16),
        made_at=Millis(0),
        action="subscribe",
    )


def by_the_rules(channel: Channel, asked: ReadRequest, leaves: list[Leaf], at: Millis) -> tuple[bool, ...]:
    reader, person = asked.reader, asked.person
    return tuple(reads(channel, reader, o.thread, o.kind_class, o.version, at, person) for o in leaves)


@few
@given(draws)
def test_a_reader_is_judged_as_if_nothing_were_remembered(attempts: list[Draw]) -> None:
    story = FIRST.copy()
    for one in attempts:
        attempt(story, one)
    remembered = [Sight(request(who)) for who in CAST]
    channel, leaves = NOTHING, [leaf(recorded) for recorded in story.records]
    for number, recorded in enumerate(story.records):
        channel = evolve(channel, recorded)
        for at in (recorded.recorded_at, Millis(recorded.recorded_at + 2 * DAY), recorded.recorded_at):
            for sight, who in zip(remembered, CAST, strict=True):
                asked = request(who)
                assert sight.threads(channel, at) == served_threads(channel, asked.reader, at)
                for some in (leaves[number : number + 1], leaves[: number + 1]):
                    assert sight.view(channel, some, at) == by_the_rules(channel, asked, some, at)


def test_a_reader_whose_term_ends_sees_nothing_that_is_recorded_from_then_on() -> None:
    story = FIRST.copy()
    story.unit(ANNA, (0, ARNE.joining(until=story.at + DAY)), epoch(0), message(0))
    sight = Sight(request(ARNE))
    story.unit(ANNA, message(0))
    newest = [leaf(story.records[-1])]
    assert sight.view(story.channel, newest, story.at) == (True,)
    last = Millis(story.at + DAY - 1)
    assert sight.threads(story.channel, last) == {ThreadNo(0)}
    assert sight.view(story.channel, newest, last) == (True,)
    over = Millis(story.at + DAY)
    assert sight.view(story.channel, newest, over) == (False,)
    assert sight.threads(story.channel, over) == frozenset()
    # A clock that was set back.
    assert sight.threads(story.channel, last) == {ThreadNo(0)}
