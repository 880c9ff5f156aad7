"""What must hold whoever acts: order, rosters, terms, targets. The second half of `decide`."""

from typing import assert_never

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act
from domain.channel.asking import Targets
from domain.channel.checks_of_audits import check_audit
from domain.channel.checks_of_erasing import check_erasing
from domain.channel.checks_of_rights import (
    check_basis,
    check_consented,
    check_kind,
    check_reopening,
    check_rights,
    check_user,
)
from domain.channel.permissions import RULES_VERSION
from domain.channel.roster import active_member, rekey_pending, roster, sees_team, staff_in_channel
from domain.channel.state import Channel, Target, Thread
from domain.channel.terms import MAX_MEMBERS, MAX_THREADS, STAFF_STANDINGS, Audience, KindClass, Standing
from domain.ids import MAIN_THREAD, EpochNo, Millis, PrincipalId, Version


def check(  # noqa: C901 - one branch per group of kinds
    channel: Channel, thread: Thread | None, act: Act, at: Millis, target: Target | None, targets: Targets
) -> None:
    """Raise the refusal that stops the act whoever its author is; the table has been asked already."""
    event = act.event
    if isinstance(event, e.ChannelWideEvent):
        _check_channel_wide(channel, act, event, at)
    elif isinstance(event, e.ThreadOpened):
        _check_opening(channel, event, at)
    elif thread is None:
        raise no.UnknownThread
    elif isinstance(event, e.ParticipantJoined | e.ProposalEvent):
        _check_joining(channel, thread, event, at)
    elif isinstance(event, e.ParticipantLeft):
        _check_leaving(channel, thread, event.principal, at)
    elif isinstance(event, e.KeyEvent):
        _check_keys(channel, thread, act, event, at)
    elif isinstance(event, e.MessageEvent):
        _check_messages(channel, thread, act, at, target)
    elif isinstance(event, e.QuestionEvent):
        _check_question(channel, thread, event, at)
    elif isinstance(event, e.ErasingEvent):
        check_erasing(channel, thread, event, at, targets)
    elif isinstance(event, e.RightsEvent):
        check_rights(thread, event, at)
        if isinstance(event, e.ParticipantBlocked):
            _check_leaving(channel, thread, event.principal, at)
    else:
        assert_never(event)


def _check_channel_wide(  # noqa: C901, PLR0912 - one case per kind
    channel: Channel, act: Act, event: e.ChannelWideEvent, at: Millis
) -> None:
    if isinstance(event, e.AboutUserEvent):
        check_user(channel, event, act, at)
        return
    if isinstance(event, e.AuditEvent):
        check_audit(channel, event, act, at)
        return
    match event:
        case e.ChannelOpened(rules=rules):
            if rules != RULES_VERSION:
                raise no.UnknownRules
        case e.UserArrived(user=user):
            _check_arrival(channel, user, at)
        case e.TillitspersonProposed(receiver=receiver):
            if receiver == channel.tillitsperson:
                raise no.NotAMember
            _check_receiver(channel, receiver, at)
        case e.TillitspersonConfirmed(ref=ref):
            _check_receiver(channel, channel.handovers[ref].proposal.receiver, at)
        case e.ChannelReopened():
            check_reopening(channel)
        case e.KeyMoved(principal=principal, n=n):
            if n <= channel.key_streams.get(principal, 0):
                raise no.KeyStreamBackwards
        case e.OrganisationStated(organisation=organisation, kind=kind):
            check_kind(channel, organisation, kind, at)
        case e.ChannelClosed():
            pass
        case _:
            assert_never(event)


def _check_receiver(channel: Channel, receiver: PrincipalId, at: Millis) -> None:
    """The next tillitsperson is in thread 0 when proposed and still when confirmed."""
    if sees_team(channel) and receiver not in staff_in_channel(channel, at):
        raise no.NotAMember


def _check_arrival(channel: Channel, user: PrincipalId, at: Millis) -> None:
    if channel.user is not None:
        raise no.UserAlreadyArrived
    for thread in channel.threads.values():
        if active_member(thread, user, at) is not None or user in _vaults(thread):
            raise no.AlreadyAMember


def _check_opening(channel: Channel, opened: e.ThreadOpened, at: Millis) -> None:
    if len(channel.threads) >= MAX_THREADS:
        raise no.TooManyThreads
    if opened.audience is Audience.STAFF_ONLY and (opened.review_at is None or opened.review_at <= at):
        raise no.ReviewDateMissing


def _check_joining(channel: Channel, thread: Thread, event: e.ParticipantJoined | e.ProposalEvent, at: Millis) -> None:
    """A proposal is checked when it is made and again when it is approved."""
    match event:
        case e.ParticipantJoined():
            joined = event
        case e.Proposed():
            joined = event.joined
        case e.Approved(ref=ref):
            joined = channel.proposals[ref].joined
        case e.Declined():
            return
        case _:
            assert_never(event)
    _check_terms(thread, joined, at)
    check_basis(channel, joined, at)
    _check_seat(channel, thread, joined, at)


def _check_terms(thread: Thread, joined: e.ParticipantJoined, at: Millis) -> None:
    if joined.valid_until is not None and joined.valid_until <= at:
        raise no.TermAlreadyOver
    if joined.standing in STAFF_STANDINGS:
        if joined.organisation is None:
            raise no.OrganisationMissing
        if joined.vault is None:
            raise no.VaultMissing
        return
    if joined.standing is not Standing.RELATIVE or joined.organisation is not None or joined.vault is not None:
        raise no.NotPermitted
    if thread.number == MAIN_THREAD or thread.audience is not Audience.WITH_USER:
        raise no.RelativesNotChannelWide


def _check_seat(channel: Channel, thread: Thread, joined: e.ParticipantJoined, at: Millis) -> None:
    """One principal stands on a roster once and in a channel in one capacity: as a relative or as staff."""
    entries = roster(channel, thread, at)
    taken = {entry.principal for entry in entries} | _vaults(thread)
    is_user = channel.user is not None and channel.user.principal == joined.principal
    if is_user or joined.principal in taken:
        raise no.AlreadyAMember
    seats = len(entries) + 1 + (thread.audience is Audience.WITH_USER and channel.user is None)
    if joined.vault is not None:
        vault = joined.vault.principal
        others = {v.principal for o, v in thread.vaults.items() if o != joined.organisation}
        if vault in (taken - _vaults(thread)) | others | {joined.principal}:
            raise no.AlreadyAMember
        seats += vault not in {entry.principal for entry in entries}
    if seats > MAX_MEMBERS:
        raise no.TooManyMembers
    rows = (active_member(other, joined.principal, at) for other in channel.threads.values())
    if any((row.standing is Standing.RELATIVE) is not (joined.standing is Standing.RELATIVE) for row in rows if row):
        raise no.NotPermitted


def _vaults(thread: Thread) -> set[PrincipalId]:
    return {vault.principal for vault in thread.vaults.values()}


def _check_leaving(channel: Channel, thread: Thread, principal: PrincipalId, at: Millis) -> None:
    if channel.user is not None and principal == channel.user.principal:
        raise no.UserNeverLeaves
    if principal not in thread.members:
        raise no.NotAMember
    if thread.number == MAIN_THREAD and not channel.closed and staff_in_channel(channel, at) <= {principal}:
        raise no.LastStaffMember


def _check_keys(channel: Channel, thread: Thread, act: Act, event: e.KeyEvent, at: Millis) -> None:
    match event:
        case e.EpochOpened():
            _check_epoch(channel, thread, act, event, at)
        case e.WrapFailed(epoch=number):
            _check_failed(thread, number)
        case e.HistoryGranted():
            _check_grant(channel, thread, event, at)
        case _:
            assert_never(event)


def _check_failed(thread: Thread, number: EpochNo) -> None:
    """Also of an older epoch: a newer one may be open before the wrap is tried, and its messages are still owed."""
    newest = thread.epoch.number if thread.epoch is not None else 0
    if number < 1 or (number > newest and KindClass.KEY not in thread.unseen):
        raise no.StaleEpoch


def _known_epoch(thread: Thread, number: EpochNo) -> bool:
    """Whether `number` is the newest epoch; False if it must be one that this replay holds only as a stub.

    Raises:
        StaleEpoch: it is older, or there is no such epoch.

    """
    newest = thread.epoch.number if thread.epoch is not None else 0
    if number == newest and thread.epoch is not None:
        return True
    if number > newest and KindClass.KEY in thread.unseen:
        return False
    raise no.StaleEpoch


def _check_epoch(channel: Channel, thread: Thread, act: Act, epoch: e.EpochOpened, at: Millis) -> None:
    if act.membership_version != thread.membership_version:
        raise no.MembershipMoved
    last = thread.epoch.number if thread.epoch is not None else 0
    # A replay that saw stubs may not know the newest epoch; then the number must still rise.
    in_order = epoch.epoch > last if KindClass.KEY in thread.unseen else epoch.epoch == last + 1
    if not in_order or act.epoch != epoch.epoch:
        raise no.EpochOutOfOrder
    if epoch.roster != roster(channel, thread, at):
        raise no.RosterMismatch


def _check_grant(channel: Channel, thread: Thread, granted: e.HistoryGranted, at: Millis) -> None:
    if any(until > channel.version for _, until in granted.ranges):
        raise no.SeenAhead
    for entry in roster(channel, thread, at):
        if entry.principal == granted.recipient:
            if entry.key_version != granted.key_version:
                raise no.MembershipMoved
            check_consented(thread, granted, at)
            return
    raise no.NotAMember


def _check_messages(channel: Channel, thread: Thread, act: Act, at: Millis, target: Target | None) -> None:
    event = act.event
    match event:
        case e.MessagePosted():
            _check_message(channel, thread, act, event, at)
            if event.corrects is not None:
                _check_target(thread, event.corrects, target)
                _check_standing(thread, event.corrects)
        case e.MessageRetracted(target=version):
            _check_target(thread, version, target)
            _check_standing(thread, version)
        case e.MessageMisplaced(target=version):
            # Also after a retraction: those who read it before are a deviation all the same.
            _check_target(thread, version, target)
        case e.MessagesSeen(upto=upto):
            if upto > channel.version:
                raise no.SeenAhead
        case _:
            pass


def _check_message(channel: Channel, thread: Thread, act: Act, message: e.MessagePosted, at: Millis) -> None:
    known = _known_epoch(thread, act.epoch)
    if act.membership_version != thread.membership_version:
        raise no.MembershipMoved
    if known and rekey_pending(channel, thread, at):
        raise no.RekeyPending
    if message.announces is not None and (thread.number != MAIN_THREAD or message.announces not in channel.threads):
        raise no.UnknownThread


def _check_target(thread: Thread, version: Version, target: Target | None) -> None:
    if target is None:
        # A replay that holds the target only as a stub cannot judge it; the hub always can.
        if KindClass.CONTENT in thread.unseen:
            return
        raise no.UnknownTarget
    if not target.is_message or target.thread != thread.number or target.version != version:
        raise no.UnknownTarget


def _check_standing(thread: Thread, version: Version) -> None:
    if version in thread.retracted:
        raise no.AlreadyRetracted


def _check_question(channel: Channel, thread: Thread, event: e.QuestionEvent, at: Millis) -> None:
    """A question is offered to somebody who can accept it: the user, staff or an inbox of the thread."""
    if not isinstance(event, e.QuestionOffered):
        return
    if channel.user is not None and event.receiver == channel.user.principal and thread.audience is Audience.WITH_USER:
        return
    row = active_member(thread, event.receiver, at)
    if row is None or row.standing not in STAFF_STANDINGS:
        raise no.NotAMember
