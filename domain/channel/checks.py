"""What must hold whoever acts: order, rosters, terms, targets. The second half of `decide`."""

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act
from domain.channel.conditions import STAFF_STANDINGS
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.permissions import RULES_VERSION
from domain.channel.roster import rekey_pending, roster, staff_in_channel
from domain.channel.state import Channel, Target, Thread
from domain.channel.terms import MAX_MEMBERS, MAX_THREADS, Audience, Standing
from domain.ids import MAIN_THREAD, Millis, PrincipalId


def check(  # noqa: C901, PLR0912, PLR0915 - one case per kind
    channel: Channel, thread: Thread | None, act: Act, at: Millis, target: Target | None
) -> None:
    """What must hold whoever acts."""
    match act.event:
        case e.ChannelOpened(rules=rules):
            if rules != RULES_VERSION:
                raise no.UnknownRules
        case e.ThreadOpened() as opened:
            _check_opening(channel, opened, at)
        case e.UserArrived():
            if channel.user is not None:
                raise no.UserAlreadyArrived
        case e.ParticipantJoined() as joined:
            _check_joining(channel, _known(thread), joined, at)
        case e.Proposed(joined=joined):
            _check_joining(channel, _known(thread), joined, at)
        case e.Approved(ref=ref):
            _check_joining(channel, _known(thread), channel.proposals[ref].joined, at)
        case e.ParticipantLeft(principal=principal):
            _check_leaving(channel, _known(thread), principal, at)
        case e.TillitspersonProposed(receiver=receiver):
            if receiver not in staff_in_channel(channel, at) or receiver == channel.tillitsperson:
                raise no.NotAMember
        case e.EpochOpened() as epoch:
            _check_epoch(channel, _known(thread), act, epoch, at)
        case e.WrapFailed(epoch=number):
            epoch_now = _known(thread).epoch
            if epoch_now is not None and epoch_now.number != number:
                raise no.StaleEpoch
        case e.HistoryGranted() as granted:
            _check_grant(channel, _known(thread), granted, at)
        case e.MessagePosted() as message:
            _check_message(channel, _known(thread), act, message, at, target)
        case e.MessageRetracted() | e.MessageMisplaced():
            _check_target(_known(thread), target)
        case e.MessagesSeen(upto=upto):
            if upto > channel.version:
                raise no.SeenAhead
        case e.QuestionOffered(receiver=receiver):
            _require_member(channel, _known(thread), receiver, at)
        case _:
            pass


def _known(thread: Thread | None) -> Thread:
    if thread is None:
        raise no.UnknownThread
    return thread


def _check_opening(channel: Channel, opened: e.ThreadOpened, at: Millis) -> None:
    if len(channel.threads) >= MAX_THREADS:
        raise no.TooManyThreads
    if opened.audience is Audience.STAFF_ONLY and (opened.review_at is None or opened.review_at <= at):
        raise no.ReviewDateMissing


def _check_joining(channel: Channel, thread: Thread, joined: e.ParticipantJoined, at: Millis) -> None:
    if joined.legal_basis not in LEGAL_BASES:
        raise no.UnknownLegalBasis
    if joined.valid_until is not None and joined.valid_until <= at:
        raise no.TermAlreadyOver
    present = thread.members.get(joined.principal)
    is_user = channel.user is not None and channel.user.principal == joined.principal
    if is_user or (present is not None and present.active(at)):
        raise no.AlreadyAMember
    if len(thread.members) >= MAX_MEMBERS:
        raise no.TooManyMembers
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


def _check_leaving(channel: Channel, thread: Thread, principal: PrincipalId, at: Millis) -> None:
    if channel.user is not None and principal == channel.user.principal:
        raise no.UserNeverLeaves
    if principal not in thread.members:
        raise no.NotAMember
    if thread.number == MAIN_THREAD and staff_in_channel(channel, at) <= {principal}:
        raise no.LastStaffMember


def _check_epoch(channel: Channel, thread: Thread, act: Act, epoch: e.EpochOpened, at: Millis) -> None:
    if act.membership_version != thread.membership_version:
        raise no.MembershipMoved
    last = thread.epoch.number if thread.epoch is not None else 0
    # A replay that saw stubs may not know the newest epoch; then the number must still rise.
    in_order = epoch.epoch > last if thread.partial else epoch.epoch == last + 1
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
            return
    raise no.NotAMember


def _check_message(
    channel: Channel, thread: Thread, act: Act, message: e.MessagePosted, at: Millis, target: Target | None
) -> None:
    epoch = thread.epoch
    if epoch is None or act.epoch != epoch.number:
        raise no.StaleEpoch
    if act.membership_version != thread.membership_version:
        raise no.MembershipMoved
    if rekey_pending(channel, thread, at):
        raise no.RekeyPending
    if message.corrects is not None:
        _check_target(thread, target)
    if message.announces is not None:
        told = channel.threads.get(message.announces)
        if thread.number != MAIN_THREAD or told is None:
            raise no.UnknownThread


def _check_target(thread: Thread, target: Target | None) -> None:
    if target is None:
        # A replay that holds the target only as a stub cannot judge it; the hub always can.
        if thread.partial:
            return
        raise no.UnknownTarget
    if not target.is_message or target.thread != thread.number:
        raise no.UnknownTarget
    if target.version in thread.retracted:
        raise no.AlreadyRetracted


def _require_member(channel: Channel, thread: Thread, principal: PrincipalId, at: Millis) -> None:
    if all(entry.principal != principal for entry in roster(channel, thread, at)):
        raise no.NotAMember
