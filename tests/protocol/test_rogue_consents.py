"""A hub or member that lies about consent: a forged one, somebody else's, one ignored, and a proxy nobody let in."""

from dataclasses import replace

from domain.channel import events as e
from domain.channel.terms import ConsentScope, RosterEntry
from domain.ids import EpochNo, ThreadNo
from protocol.acts import SignedAct, body_hash
from protocol.errors import ForgedRecord, UnauthorisedRecord, UnjustifiedStub
from tests.protocol.keyholders import ANNA, BERIT, IDA, MALLORY, ROLF
from tests.protocol.reading import after, refuses, replayed
from tests.protocol.small_channel import joining, told
from tests.protocol.stream_builder import Story

GIVEN = e.ConsentGiven(BERIT.organisation or b"", ConsentScope.TAKE_PART, None)  # type: ignore[arg-type]
WITHDRAWN = e.ConsentWithdrawn(GIVEN.organisation)


def epoch_for(story: Story, roster: tuple[RosterEntry, ...], number: int) -> SignedAct:
    event = e.EpochOpened(EpochNo(number), roster, bytes(32))
    signed = story.signed(ANNA, event, 0, epoch=EpochNo(number), body_hash=body_hash(b"\x80"))
    return replace(signed, body=b"\x80")


def test_a_consent_in_the_users_name_by_somebody_elses_device_is_forged() -> None:
    story = told()
    for who in (ANNA, MALLORY):
        forged = story.signed(who, GIVEN, 0, person=IDA.person)
        refuses(replayed(ANNA, story.items()), after(story, forged), ForgedRecord)


def test_a_consent_by_somebody_else_than_the_user_is_not_believed() -> None:
    story = told()
    for who, thread in ((ANNA, 0), (ROLF, 2)):
        for event in (GIVEN, WITHDRAWN):
            refuses(replayed(IDA, story.items()), after(story, story.signed(who, event, thread)), UnauthorisedRecord)


def test_staff_let_in_on_a_consent_that_nobody_gave_are_not_believed() -> None:
    story = told()
    act = story.signed(ANNA, joining(BERIT, "consent"), 0)
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "needs_approval")


def test_a_withdrawal_that_a_key_ignores_is_noticed_by_everybody() -> None:
    story = told()
    story.record(story.signed(IDA, GIVEN, 0))
    story.record(story.signed(ANNA, joining(BERIT, "consent"), 0))
    honest = story.epoch(ANNA, 0)
    story.record(honest)
    epoch = story.channel.threads[ThreadNo(0)].epoch
    assert epoch is not None
    story.record(story.signed(IDA, WITHDRAWN, 0))
    with_berit = epoch_for(story, epoch.roster, epoch.number + 1)
    for reader in (IDA, ANNA):
        refuses(replayed(reader, story.items()), after(story, with_berit), UnauthorisedRecord, "roster_mismatch")


def test_a_withdrawal_behind_a_stub_is_an_attack_on_the_user_and_on_staff() -> None:
    story = told()
    story.record(story.signed(IDA, GIVEN, 0))
    story.record(story.signed(IDA, WITHDRAWN, 0))
    for reader in (IDA, ANNA):
        refuses(replayed(reader, story.items()[:-1]), story.stub(story.version), UnjustifiedStub)


def test_a_proxy_whom_the_user_never_let_in_speaks_for_nobody() -> None:
    story = told()
    refuses(replayed(IDA, story.items()), after(story, story.signed(MALLORY, GIVEN, 2)), UnauthorisedRecord)
    proxy = joining(ROLF, "users-choice", function="proxy:consent")
    refuses(replayed(IDA, story.items()), after(story, story.signed(ANNA, proxy, 1)), UnauthorisedRecord)
