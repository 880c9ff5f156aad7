"""Plans for what people do in a channel: which acts belong together, in which order."""

from collections.abc import Sequence

from domain.channel import events as e
from domain.channel.permissions import RULES_VERSION
from domain.channel.roster import active_member, user_takes_part
from domain.channel.state import Channel
from domain.channel.terms import Audience, KeyRef, Topic
from domain.ids import MAIN_THREAD, Digest, Millis, PrincipalId, ThreadNo, Version
from protocol.contents import KnownContent, Reason, Title, encode_content
from samsnakk.attaching import references
from samsnakk.joining import Claim
from samsnakk.plans import NEW_THREAD, Granting, Plan, Step

EVERYTHING = Version(0)


def opening(stream_secret: bytes, tillitsperson: e.ParticipantJoined, title: str | None, claim: Claim) -> Plan:
    """A new channel with its first tillitsperson, who opens it and answers for a care relation."""
    steps = [
        Step(e.ChannelOpened(stream_secret, RULES_VERSION, tillitsperson.principal), None),
        Step(tillitsperson, MAIN_THREAD),
        Step(e.CareClaimed(tillitsperson.legal_basis, claim.relation), MAIN_THREAD),
    ]
    if claim.organisation is not None and tillitsperson.organisation is not None:
        steps.append(Step(e.OrganisationStated(tillitsperson.organisation, claim.organisation), None))
    if claim.reference is not None:
        steps.append(Step(e.MessagePosted(), MAIN_THREAD, encode_content(Reason(claim.reference))))
    if title is not None:
        steps.append(Step(e.MessagePosted(), MAIN_THREAD, encode_content(Title(title))))
    return tuple(steps)


def message(
    thread: ThreadNo, content: KnownContent, *, asks: bool, due: Millis | None, corrects: Version | None
) -> Plan:
    """One message. Raises `BadContent` for a text that not every end can keep."""
    posted = e.MessagePosted(asks=asks, due=due, corrects=corrects, attachments=references(content))
    return (Step(posted, thread, encode_content(content)),)


def joining(thread: ThreadNo, joined: e.ParticipantJoined) -> Plan:
    """Somebody joins, gets the new key, and the history that was chosen."""
    return (Step(joined, thread), *_history(thread, joined))


def approving(thread: ThreadNo, ref: Version, joined: e.ParticipantJoined) -> Plan:
    """What another proposed takes effect, with everything that belongs to it."""
    return (Step(e.Approved(ref), thread), *_history(thread, joined))


def _history(thread: ThreadNo, joined: e.ParticipantJoined) -> Plan:
    if joined.history_from is None:
        return ()
    return (Granting(thread, joined.principal, joined.history_from),)


def opening_thread(
    audience: Audience,
    topic: Topic,
    title: str,
    members: Sequence[e.ParticipantJoined],
    reason_for_user: str | None,
    review_at: Millis | None,
) -> Plan:
    """A new thread with its members and title; a staff-only one is announced to the user in thread 0."""
    plan: list[Step] = [Step(e.ThreadOpened(audience, topic, review_at), NEW_THREAD)]
    plan += [Step(joined, NEW_THREAD) for joined in members]
    plan.append(Step(e.MessagePosted(), NEW_THREAD, encode_content(Title(title))))
    if audience is Audience.STAFF_ONLY and reason_for_user is not None:
        told = encode_content(Reason(reason_for_user))
        plan.append(Step(e.MessagePosted(), MAIN_THREAD, told, announces_new=True))
    return tuple(plan)


def arriving(channel: Channel, inviter: PrincipalId, user: PrincipalId, key: KeyRef, transcript: Digest | None) -> Plan:
    """The user arrives: on every with-user roster from here on, with the whole history the inviter has."""
    threads = [
        number
        for number, thread in channel.threads.items()
        if thread.audience is Audience.WITH_USER and inviter in thread.members
    ]
    grants = [Granting(number, user, EVERYTHING) for number in sorted(threads)]
    return (Step(e.UserArrived(user, key, transcript), None), *grants)


def blocking(channel: Channel, principal: PrincipalId, at: Millis) -> Plan:
    """Somebody is shut out of every thread with the user that it is in at `at`, thread 0 last."""
    threads = (n for n, thread in channel.threads.items() if active_member(thread, principal, at) is not None)
    return tuple(
        Step(e.ParticipantBlocked(principal), number)
        for number in sorted(threads, reverse=True)
        if user_takes_part(channel, channel.threads[number])
    )


def closing(reason: str, summary: KnownContent) -> Plan:
    """Closing words, then read-only."""
    return (Step(e.MessagePosted(), MAIN_THREAD, encode_content(summary)), Step(e.ChannelClosed(reason), None))


def is_with_user(channel: Channel, thread: ThreadNo) -> bool:
    """Whether the user reads along in the thread."""
    known = channel.threads.get(thread)
    return known is not None and user_takes_part(channel, known)
