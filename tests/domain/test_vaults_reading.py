"""What an organisation's node may copy: what its vault was on the roster for, and nothing beside it."""

import pytest

from domain.channel import events as e
from domain.channel.visibility import is_served, served_threads
from domain.ids import ThreadNo
from tests.domain.cast import ANNA, BERIT, HUB, IDA, NILS, Someone
from tests.domain.channel_builder import DAY, Story, epoch, key_moved, message, removed, thread_opened
from tests.domain.rights_builder import NILLE, consented, withdrawn

VAULT = Someone("vault welfare", NILS.standing)
ONE = ThreadNo(1)


@pytest.fixture
def before(story: Story) -> int:
    """A message from before the organisation takes part; then Nils joins thread 1 for it."""
    written = story.unit(BERIT, message(1))
    story.unit(IDA, consented(1))
    story.unit(ANNA, (1, NILS.joining("consent")), epoch(1))
    return written


def test_a_vault_reads_from_its_organisations_first_member_on(story: Story, before: int) -> None:
    after = story.unit(BERIT, message(1))
    assert is_served(story.channel, VAULT.principal, story.at)
    assert served_threads(story.channel, VAULT.principal, story.at) == {ONE}
    assert [story.reads(VAULT, version) for version in (before, after)] == [False, True]


@pytest.mark.usefixtures("before")
def test_a_vault_reads_on_until_its_organisations_last_member_has_left(story: Story) -> None:
    story.unit(NILS, (1, NILLE.joining("consent")), epoch(1))
    story.unit(IDA, removed(1, NILS), epoch(1))
    between = story.unit(BERIT, message(1))
    assert story.reads(VAULT, between)
    story.unit(IDA, removed(1, NILLE), epoch(1))
    after = story.unit(BERIT, message(1))
    assert not is_served(story.channel, VAULT.principal, story.at)
    assert not story.reads(VAULT, after)


@pytest.mark.usefixtures("before")
def test_a_vault_that_comes_back_has_a_gap(story: Story) -> None:
    first = story.unit(BERIT, message(1))
    story.unit(IDA, removed(1, NILS), epoch(1))
    gap = story.unit(BERIT, message(1))
    story.unit(IDA, (1, NILS.joining("consent")), epoch(1))
    again = story.unit(BERIT, message(1))
    assert [story.reads(VAULT, version) for version in (first, gap, again)] == [True, False, True]


def test_a_vault_is_out_when_its_last_members_term_ends_without_anybody_clicking(story: Story) -> None:
    story.unit(IDA, consented(1))
    story.unit(ANNA, (1, NILS.joining("consent", until=story.at + DAY)), epoch(1))
    story.pass_time(DAY)
    assert not is_served(story.channel, VAULT.principal, story.at)
    after = story.unit(BERIT, epoch(1), message(1)) + 1
    assert not story.reads(VAULT, after)
    spans = story.channel.threads[ONE].ranges[VAULT.principal]
    assert all(span.until is not None for span in spans)


@pytest.mark.usefixtures("before")
def test_a_withdrawn_consent_ends_the_vaults_reading_at_once(story: Story) -> None:
    story.unit(IDA, *withdrawn(1))
    assert not is_served(story.channel, VAULT.principal, story.at)


@pytest.mark.usefixtures("before")
def test_a_member_whose_keys_ended_takes_the_vault_along_if_it_was_the_last(story: Story) -> None:
    story.unit(HUB, (None, key_moved(NILS, None)))
    assert not is_served(story.channel, VAULT.principal, story.at)


@pytest.mark.usefixtures("before")
def test_a_vault_gets_membership_whole_and_other_threads_content_as_leaves(story: Story) -> None:
    elsewhere = story.unit(ANNA, message(0))
    opening = story.unit(IDA, thread_opened(3), epoch(3))
    assert not story.reads(VAULT, elsewhere)
    assert story.reads(VAULT, opening)


@pytest.mark.usefixtures("before")
def test_the_vault_derives_the_same_as_the_hub_from_what_it_gets(story: Story) -> None:
    story.unit(BERIT, message(1))
    seen = story.as_seen_by(VAULT.principal)
    mine, theirs = (s.channel.threads[ONE].ranges[VAULT.principal] for s in (seen, story))
    assert mine == theirs


@pytest.mark.usefixtures("before")
def test_what_was_taken_back_is_a_leaf_for_the_vault_too(story: Story) -> None:
    written = story.unit(BERIT, message(1))
    story.unit(BERIT, (1, e.MessageRetracted(written)))
    assert not story.reads(VAULT, written)
