"""A hub or member that erases without a decision, forges one, or serves what was erased."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.key_statements import NodeCertified
from domain.channel import events as e
from domain.ids import PrincipalId, ThreadNo, Version
from protocol.directory import Directory
from protocol.errors import (
    ErasedContent,
    ForgedRecord,
    ForkedHistory,
    MalformedFrame,
    UnauthorisedRecord,
    UnjustifiedStub,
    UnknownKey,
)
from protocol.node_words import Wording, encode_word, parse_word
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.erasures import NODE, NODE_KEY, VAULT, decided, proposal, served_without, with_desk, word
from tests.protocol.keyholders import ANNA, BERIT, DESK, EXPIRES, IDA, MALLORY, ROLF, stated, streams
from tests.protocol.reading import after, refuses, replayed
from tests.protocol.small_channel import AFTER_BERIT, BERITS_ANSWER, joining
from tests.protocol.stream_builder import PLACE, Story, directory


def with_node() -> Directory:
    """Everybody's keys, and a node that the clinic's vault names."""
    keys, before = directory(), streams()[bytes(VAULT)]
    certified = NodeCertified(NODE, NODE_KEY.public, EXPIRES)
    keys.add(VAULT, stated(VAULT, some_id("clinic"), signing_key("root of clinic"), [certified], after=before))
    return keys


@pytest.mark.parametrize("who", [ANNA, IDA, DESK], ids=lambda who: who.name)
def test_a_stub_that_a_decision_of_two_explains_is_believed(who: object) -> None:
    story = decided()
    replay = replayed(who, served_without(story, AFTER_BERIT, 4))  # type: ignore[arg-type]
    replay.verify_stubs(story.now)
    assert replay.head == story.head


def test_a_stub_without_a_decision_is_an_attack() -> None:
    """What a superuser who deletes from the table of bodies gets."""
    story = with_desk()
    replay = replayed(IDA, served_without(story, AFTER_BERIT, 4))
    with pytest.raises(UnjustifiedStub, match=f"version {AFTER_BERIT}"):
        replay.verify_stubs(story.now)


def test_a_decision_explains_no_other_stub_than_those_it_names() -> None:
    story = decided()
    replay = replayed(IDA, served_without(story, AFTER_BERIT, BERITS_ANSWER, 4))
    with pytest.raises(UnjustifiedStub, match=f"version {BERITS_ANSWER}"):
        replay.verify_stubs(story.now)


def test_a_proposal_alone_explains_nothing() -> None:
    story = with_desk()
    story.record(story.signed(ANNA, proposal(AFTER_BERIT), 0))
    replay = replayed(IDA, served_without(story, AFTER_BERIT, 4))
    with pytest.raises(UnjustifiedStub):
        replay.verify_stubs(story.now)


def proposed_by(story: Story) -> int:
    story.record(story.signed(ANNA, proposal(AFTER_BERIT), 0))
    return story.version


def test_one_person_alone_erases_nothing() -> None:
    story = with_desk()
    proposed_by(story)
    act = story.signed(ANNA, e.ErasureApproved(Version(story.version)), 0)
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "same_person_twice")


def test_an_approver_of_another_organisation_is_not_believed() -> None:
    story = with_desk()
    story.record(story.signed(IDA, joining(BERIT), 0))
    proposed_by(story)
    act = story.signed(BERIT, e.ErasureApproved(Version(story.version)), 0)
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "not_the_organisation")


def test_an_approval_in_a_colleagues_name_is_forged() -> None:
    story = with_desk()
    proposed_by(story)
    act = story.signed(MALLORY, e.ErasureApproved(Version(story.version)), 0, person=DESK.person, role=DESK.role)
    refuses(replayed(IDA, story.items()), after(story, act), ForgedRecord)


def test_an_approval_by_a_certified_colleague_who_is_not_in_the_thread_is_not_believed() -> None:
    story = with_desk()
    proposed_by(story)
    act = story.signed(MALLORY, e.ErasureApproved(Version(story.version)), 0)
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "not_a_participant")


def test_the_hub_the_user_and_a_relative_decide_nothing() -> None:
    story = with_desk()
    proposed_by(story)
    decision = e.ErasureApproved(Version(story.version))
    for act in (story.signed(IDA, decision, 0), story.signed(ROLF, decision, 0), story.hub_act(decision, thread=0)):
        refuses(replayed(ANNA, story.items()), after(story, act), UnauthorisedRecord)


@pytest.mark.parametrize("target", [2, 3, 5, 27], ids=["a join", "a key", "an arrival", "a trace"])
def test_who_is_where_and_who_did_what_is_not_erased(target: int) -> None:
    story = with_desk()
    act = story.signed(ANNA, proposal(target), 0)
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "not_erasable")


def test_what_another_organisation_answers_for_is_not_erased() -> None:
    story = with_desk()
    act = story.signed(ANNA, proposal(BERITS_ANSWER), 0)
    refuses(replayed(IDA, story.items()), after(story, act), UnauthorisedRecord, "not_the_organisation")


def test_a_hub_that_keeps_the_decision_from_a_reader_cannot_explain_the_gap() -> None:
    story = decided()
    items = served_without(story, AFTER_BERIT, 4)
    items[-1] = story.stub(story.version)
    replay = replayed(IDA, items)
    with pytest.raises(UnjustifiedStub):
        replay.verify_stubs(story.now)


def test_a_nodes_word_is_believed_only_under_its_own_signature() -> None:
    story, keys = decided(), with_node()
    ref = Version(story.version)
    good = e.CopyErased(ref, VAULT, word(story))
    for wrong in (
        word(story, signature=bytes(64)),
        word(story, held=0),
        word(story, at=1),
        word(story, device=some_id("another node")),
        word(story, ref=story.version - 1),
    ):
        act = story.hub_act(e.CopyErased(ref, VAULT, wrong), thread=0)
        refuses(replayed(IDA, story.items(), keys), after(story, act), ForgedRecord)
    replay = replayed(IDA, story.items(), keys)
    replay.accept(after(story, story.hub_act(good, thread=0)))
    decision = replay.channel.threads[ThreadNo(0)].erasing.decisions[ref]
    assert VAULT in decision.copies
    assert VAULT not in decision.missing


def test_a_node_that_saw_another_decision_shows_that_there_are_two_histories() -> None:
    story, other, keys = with_desk(), with_desk().fork("two"), with_node()
    for one in (story, other):
        proposed_by(one)
        one.record(one.signed(DESK, e.ErasureApproved(Version(one.version)), 0))
    act = story.hub_act(e.CopyErased(Version(story.version), VAULT, word(other)), thread=0)
    refuses(replayed(IDA, story.items(), keys), after(story, act), ForkedHistory)


def test_who_shows_what_it_said_it_had_erased_shows_the_very_record_that_stands_in_the_chain() -> None:
    """That a node keeps what it has confirmed cannot be seen from outside. What it shows later convicts it."""
    story, keys = decided(), with_node()
    kept = story.item(AFTER_BERIT)
    replay = replayed(IDA, served_without(story, AFTER_BERIT, 4), keys)
    replay.accept(after(story, story.hub_act(e.CopyErased(Version(story.version), VAULT, word(story)), thread=0)))
    with pytest.raises(ErasedContent, match=f"version {AFTER_BERIT}"):
        replay.fill(kept)
    with pytest.raises(ForgedRecord):
        replay.fill([kept[0], kept[1], b"another text"])


def test_a_word_travels_and_comes_back_as_it_was() -> None:
    story = decided()
    about = Wording(PLACE, ThreadNo(0), Version(story.version), VAULT)
    assert parse_word(encode_word(about, word(story)), PLACE.deployment) == (about, word(story))


@given(st.binary(max_size=600))
def test_any_bytes_in_a_words_place_are_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(MalformedFrame):
        parse_word(data, PLACE.deployment)


def test_the_hub_cannot_confirm_in_the_place_of_a_node_that_nobody_certified() -> None:
    story = decided()
    act = story.hub_act(e.CopyErased(Version(story.version), VAULT, word(story)), thread=0)
    refuses(replayed(IDA, story.items()), after(story, act), ForgedRecord)
    unknown = e.CopyErased(Version(story.version), PrincipalId(some_id("no vault")), word(story))
    refuses(replayed(IDA, story.items()), after(story, story.hub_act(unknown, thread=0)), UnknownKey)
    nothing_said = e.CopyErased(Version(story.version), VAULT, None)
    refuses(replayed(IDA, story.items()), after(story, story.hub_act(nothing_said, thread=0)), UnauthorisedRecord)
