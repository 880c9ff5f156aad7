"""How a recorded event changes the channel. Never refuses: what is recorded has happened.

`evolve` is for records, `evolve_stub` for the places where a reader gets only a leaf.
"""

from dataclasses import replace
from typing import assert_never

from domain.channel import events as e
from domain.channel.acts import Author, Recorded
from domain.channel.audit_cases import evolve_audit
from domain.channel.consents import in_effect_until, welcome_again
from domain.channel.evolve_erasing import evolve_erasing
from domain.channel.evolve_rights import evolve_rights, evolve_user
from domain.channel.evolve_thread import (
    evolve_thread,
    expired,
    left,
    open_range,
    with_expiry,
    with_vaults,
)
from domain.channel.kinds import KIND_OF
from domain.channel.roster import roster
from domain.channel.state import Channel, Handover, Proposal, Thread, UserRef
from domain.channel.terms import STRUCTURE, Audience, KindClass, Member, Topic, VaultRef
from domain.ids import MAIN_THREAD, Millis, PrincipalId, ThreadNo, Version


def evolve(channel: Channel, recorded: Recorded) -> Channel:
    """The state after `recorded`, whose version must be `channel.version + 1`."""
    moved = replace(channel, version=recorded.version, recorded_at=recorded.recorded_at)
    after = _apply(_expire(moved, recorded.act.thread), recorded)
    if after.threads is not channel.threads:
        after = _let_vaults_read(channel, after, recorded)
    if KIND_OF[type(recorded.act.event)].kind_class in STRUCTURE:
        return _count_membership(channel, after, recorded.recorded_at)
    return after


def evolve_stub(
    channel: Channel, version: Version, thread: ThreadNo | None, at: Millis, kind_class: KindClass
) -> Channel:
    """The state after a leaf whose record this reader does not get.

    The thread remembers that an act of this class is unseen, and everything such an act may have changed is judged
    leniently from then on.
    """
    after = _expire(replace(channel, version=version, recorded_at=at), thread)
    known = after.threads.get(thread) if thread is not None else None
    if known is None or kind_class in known.unseen:
        return after
    return _with(after, replace(known, unseen=known.unseen | {kind_class}))


def _expire(channel: Channel, number: ThreadNo | None) -> Channel:
    thread = channel.threads.get(number) if number is not None else None
    if thread is None:
        return channel
    closed = expired(thread, channel.version, channel.recorded_at)
    return channel if closed is thread else _with(channel, closed)


def _let_vaults_read(before: Channel, after: Channel, r: Recorded) -> Channel:
    """A message changes no members, and costs two comparisons here."""
    for number, thread in after.threads.items():
        old = before.threads.get(number)
        if old is None or old.members is not thread.members or old.vaults is not thread.vaults:
            reading = with_vaults(old, thread, r.version, r.recorded_at)
            after = after if reading is thread else _with(after, reading)
    return after


def _count_membership(before: Channel, after: Channel, at: Millis) -> Channel:
    """Membership version: recorded acts that changed the thread's roster, both rosters taken at the same time."""
    for number, thread in after.threads.items():
        old = before.threads.get(number)
        was = roster(before, old, at) if old is not None else ()
        if was != roster(after, thread, at):
            after = _with(after, replace(thread, membership_version=thread.membership_version + 1))
    return after


def _with(channel: Channel, *threads: Thread) -> Channel:
    return replace(channel, threads={**channel.threads, **{thread.number: thread for thread in threads}})


def _apply(channel: Channel, r: Recorded) -> Channel:
    event = r.act.event
    if isinstance(event, e.ChannelWideEvent):
        return _apply_channel_wide(channel, event, r)
    return _apply_in_thread(channel, event, r)


def _apply_channel_wide(  # noqa: C901, PLR0911 - one case per kind
    channel: Channel, event: e.ChannelWideEvent, r: Recorded
) -> Channel:
    if isinstance(event, e.AboutUserEvent):
        return evolve_user(channel, event, r)
    if isinstance(event, e.AuditEvent):
        return evolve_audit(channel, event, r)
    match event:
        case e.ChannelOpened():
            return _channel_opened(channel, event, r)
        case e.UserArrived():
            return _user_arrived(channel, event, r.version)
        case e.TillitspersonProposed():
            handover = Handover(event, proposer=r.act.author.person)
            return replace(channel, handovers={**channel.handovers, r.version: handover})
        case e.TillitspersonConfirmed(ref=ref):
            return _handover_confirmed(channel, ref, r.act.author, r.version)
        case e.ChannelClosed():
            return replace(channel, closed=True)
        case e.ChannelReopened():
            return replace(channel, closed=False)
        case e.KeyMoved():
            return _key_moved(channel, event, r.version)
        case e.OrganisationStated(organisation=organisation, kind=kind):
            return replace(channel, kinds={**channel.kinds, organisation: kind})
        case _:
            assert_never(event)


def _channel_opened(channel: Channel, event: e.ChannelOpened, r: Recorded) -> Channel:
    author = r.act.author
    opener = author.role or author.person
    main = Thread(MAIN_THREAD, Audience.WITH_USER, Topic.OTHER, r.version, None, opened_by=opener)
    return replace(
        channel,
        opened=True,
        rules=event.rules,
        stream_secret=event.stream_secret,
        tillitsperson=event.tillitsperson,
        threads={MAIN_THREAD: main},
    )


def _user_arrived(channel: Channel, event: e.UserArrived, version: Version) -> Channel:
    user = UserRef(event.user, event.key, version)
    with_user = [t for t in channel.threads.values() if t.audience is Audience.WITH_USER]
    opened = [replace(t, ranges=open_range(t, event.user, version)) for t in with_user]
    return _with(replace(channel, user=user), *opened)


def _key_moved(channel: Channel, event: e.KeyMoved, version: Version) -> Channel:
    """A new key version replaces the old one everywhere; a principal without any valid key is out everywhere.

    Whatever moved after the first entry (a lost device above all), the threads it is in get a new epoch.
    """
    key, first = event.key, event.principal not in channel.key_streams
    channel = replace(channel, key_streams={**channel.key_streams, event.principal: event.n})
    if channel.user is not None and channel.user.principal == event.principal and key is not None:
        channel = replace(channel, user=replace(channel.user, key=key))
    moved = ((v, replace(p, joined=_key_moved_for(p.joined, event))) for v, p in channel.proposals.items())
    ended = {v for v, p in channel.proposals.items() if p.joined.principal == event.principal and key is None}
    channel = replace(channel, proposals={v: p for v, p in moved if v not in ended})
    threads = (_key_moved_in(thread, event, version) for thread in channel.threads.values())
    return _with(channel, *(thread if first else _rekey_due(thread, event.principal) for thread in threads))


def _rekey_due(thread: Thread, principal: PrincipalId) -> Thread:
    epoch = thread.epoch
    if epoch is None or all(entry.principal != principal for entry in epoch.roster):
        return thread
    return replace(thread, epoch=replace(epoch, broken=True))


def _key_moved_for(joined: e.ParticipantJoined, event: e.KeyMoved) -> e.ParticipantJoined:
    """An approval must not bring in a key that was replaced while the proposal lay open."""
    if event.key is not None and joined.principal == event.principal:
        return replace(joined, key=event.key)
    return replace(joined, vault=_moved_vault(joined.vault, event)) if joined.vault is not None else joined


def _key_moved_in(thread: Thread, event: e.KeyMoved, version: Version) -> Thread:
    member = thread.members.get(event.principal)
    if member is not None and event.key is None:
        return left(thread, event.principal, version)
    if member is not None and event.key is not None:
        return replace(thread, members={**thread.members, event.principal: replace(member, key=event.key)})
    return replace(thread, vaults={o: _moved_vault(v, event) for o, v in thread.vaults.items()})


def _moved_vault(vault: VaultRef, event: e.KeyMoved) -> VaultRef:
    if vault.principal != event.principal or event.key is None:
        return vault
    return replace(vault, key=event.key)


def _handover_confirmed(channel: Channel, ref: Version, author: Author, version: Version) -> Channel:
    """In effect when the receiver and (once she has arrived) the user have confirmed; that settles all other open
    handovers, which were proposed about somebody who no longer has the role."""
    handover = channel.handovers.get(ref)
    person = author.role or author.person
    if handover is None or person is None:
        return channel
    confirmed = handover.confirmed | {person}
    former, receiver = channel.tillitsperson, handover.proposal.receiver
    needed = {receiver} | ({channel.user.principal} if channel.user is not None else set())
    if not needed <= confirmed:
        return replace(channel, handovers={**channel.handovers, ref: replace(handover, confirmed=confirmed)})
    row = channel.threads[MAIN_THREAD].members.get(receiver)  # a relative does not know it
    organisation = row.organisation if row is not None else None
    channel = replace(channel, handovers={}, tillitsperson=receiver, tillitsperson_organisation=organisation)
    if not handover.proposal.ends_access or former is None:
        return channel
    return _with(channel, *(left(t, former, version) for t in channel.threads.values() if former in t.members))


def _joined(channel: Channel, thread: Thread, event: e.ParticipantJoined, version: Version) -> Channel:
    member = Member(
        event.principal,
        event.standing,
        event.organisation,
        event.function,
        event.legal_basis,
        event.valid_until,
        event.key,
        version,
        term=event.valid_until,
    )
    thread = replace(thread, consents=welcome_again(thread, member, channel.recorded_at))
    member = replace(member, valid_until=in_effect_until(channel, thread, member))
    vaults = thread.vaults
    if event.organisation is not None and event.vault is not None:
        vaults = {**vaults, event.organisation: event.vault}
    thread = replace(
        thread,
        members={**thread.members, event.principal: member},
        vaults=vaults,
        ranges=open_range(thread, event.principal, version),
        blocked=thread.blocked - {event.principal},
    )
    thread = with_expiry(thread, channel.recorded_at)
    if thread.number == MAIN_THREAD and event.principal == channel.tillitsperson:
        channel = replace(channel, tillitsperson_organisation=event.organisation)
    return _with(channel, thread)


def _thread_opened(channel: Channel, number: ThreadNo, event: e.ThreadOpened, r: Recorded) -> Channel:
    """Empty but for the user; staff who open it join with the next act, so that whoever sees this thread and not
    thread 0 derives the same members."""
    opener = r.act.author.role or r.act.author.person
    thread = Thread(number, event.audience, event.topic, r.version, event.review_at, opened_by=opener)
    if channel.user is not None and event.audience is Audience.WITH_USER:
        thread = replace(thread, ranges=open_range(thread, channel.user.principal, r.version))
    return _with(channel, thread)


def _apply_in_thread(channel: Channel, event: e.InThreadEvent, r: Recorded) -> Channel:
    number = r.act.thread
    if number is None:
        return channel
    if isinstance(event, e.ThreadOpened):
        return _thread_opened(channel, number, event, r)
    thread = channel.threads.get(number)
    if thread is None:  # a thread whose opening this reader holds only as a stub
        return channel
    if isinstance(event, e.ParticipantJoined):
        return _joined(channel, thread, event, r.version)
    if isinstance(event, e.ProposalEvent):
        return _proposal(channel, thread, event, r)
    if isinstance(event, e.ErasingEvent):
        return _with(channel, evolve_erasing(thread, event, r))
    if isinstance(event, e.RightsEvent):
        return _with(channel, evolve_rights(channel, thread, event, r))
    changed = evolve_thread(thread, event, r)
    return channel if changed is thread else _with(channel, changed)


def _proposal(channel: Channel, thread: Thread, event: e.ProposalEvent, r: Recorded) -> Channel:
    if isinstance(event, e.Proposed):
        author = r.act.author
        if author.person is None:
            return channel
        proposal = Proposal(author.person, author.organisation, author.role, thread.number, event.joined)
        return replace(channel, proposals={**channel.proposals, r.version: proposal})
    proposal_made = channel.proposals.get(event.ref)
    rest = {v: p for v, p in channel.proposals.items() if v != event.ref}
    channel = replace(channel, proposals=rest)
    if isinstance(event, e.Approved) and proposal_made is not None:
        return _joined(channel, thread, proposal_made.joined, r.version)
    return channel
