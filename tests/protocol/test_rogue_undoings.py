"""A hub or member that lies about an arrival: undone by one, by the hub, or by nobody; a thief who goes on; a claim."""

from domain.channel import events as e
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import UndoReason
from domain.ids import Version
from protocol.errors import ForgedRecord, UnauthorisedRecord, UnjustifiedStub
from tests.protocol.keyholders import ANNA, BERIT, IDA, MALLORY, ROLF
from tests.protocol.reading import after, refuses, replayed
from tests.protocol.small_channel import joining, told
from tests.protocol.stream_builder import Story


def said(confirms: int | None = None, reason: UndoReason = UndoReason.WRONG_PERSON) -> e.ArrivalUndone:
    return e.ArrivalUndone(IDA.principal, reason, None if confirms is None else Version(confirms))


def with_berit() -> Story:
    story = told()
    story.record(story.signed(IDA, joining(BERIT), 0))
    story.record(story.epoch(IDA, 0))
    return story


def undone() -> Story:
    story = with_berit()
    first = story.version + 1
    story.record(story.signed(BERIT, said()))
    story.record(story.signed(ANNA, said(first)))
    return story


def test_an_arrival_undone_by_one_person_is_not_believed_by_the_user() -> None:
    story = with_berit()
    first = story.version + 1
    story.record(story.signed(ANNA, said()))
    act = story.signed(ANNA, said(first))
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "same_person_twice")


def test_an_arrival_undone_in_a_colleagues_name_is_forged() -> None:
    story = with_berit()
    first = story.version + 1
    story.record(story.signed(ANNA, said()))
    forged = story.signed(MALLORY, said(first), person=BERIT.person)
    refuses(replayed(IDA, story.items()), after(story, forged), ForgedRecord)


def test_an_arrival_undone_by_a_relative_or_by_the_thief_herself_is_not_believed() -> None:
    story = with_berit()
    for who in (ROLF, IDA):
        refuses(replayed(ANNA, story.items()), after(story, story.signed(who, said())), UnauthorisedRecord)


def test_a_confirmation_of_another_reason_is_not_believed() -> None:
    story = with_berit()
    first = story.version + 1
    story.record(story.signed(BERIT, said(reason=UndoReason.LOST_KEYS)))
    refuses(replayed(IDA, story.items()), after(story, story.signed(ANNA, said(first))), UnauthorisedRecord)


def test_a_hub_cannot_keep_an_undoing_from_staff_behind_a_stub() -> None:
    story = undone()
    for reader in (ANNA, BERIT):
        refuses(replayed(reader, story.items()[:-1]), story.stub(story.version), UnjustifiedStub)


def test_what_a_thief_writes_after_the_undoing_is_believed_by_nobody() -> None:
    story = undone()
    for reader in (ANNA, BERIT):
        late = story.signed(IDA, e.ConsentGiven(BERIT.organisation or b"", "take_part", None), 0)  # type: ignore[arg-type]
        refuses(replayed(reader, story.items()), after(story, late), UnauthorisedRecord, "not_a_participant")


def test_a_key_that_still_includes_the_thief_is_noticed_by_everybody() -> None:
    story = with_berit()
    kept = story.epoch(ANNA, 0)
    first = story.version + 1
    story.record(story.signed(BERIT, said()))
    story.record(story.signed(ANNA, said(first)))
    for reader in (ANNA, BERIT):
        refuses(replayed(reader, story.items()), after(story, kept), UnauthorisedRecord)


def test_a_kind_that_the_hub_or_a_relative_states_is_not_believed() -> None:
    story = with_berit()
    nav = e.OrganisationStated(BERIT.organisation or b"", OrganisationKind.SPECIALIST_HEALTH)  # type: ignore[arg-type]
    refuses(replayed(IDA, story.items()), after(story, story.signed(ROLF, nav)), UnauthorisedRecord)
    refuses(replayed(IDA, story.items()), after(story, story.signed(MALLORY, nav, person=ANNA.person)), ForgedRecord)


def test_an_organisation_let_in_on_a_basis_of_others_is_not_believed() -> None:
    story = told()
    house = BERIT.organisation
    assert house is not None
    story.record(story.signed(ANNA, e.OrganisationStated(house, OrganisationKind.NAV)))
    refuses(
        replayed(IDA, story.items()),
        after(story, story.signed(ANNA, joining(BERIT, "treatment"), 0)),
        UnauthorisedRecord,
        "wrong_basis",
    )
