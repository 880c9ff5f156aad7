"""In which capacities somebody acts in a channel right now: what picks the rows of the decision table."""

from domain.channel.acts import Author
from domain.channel.audits import Duty
from domain.channel.permissions import Actor
from domain.channel.roster import active_member, sees_team
from domain.channel.state import Channel
from domain.channel.terms import STAFF_STANDINGS, Member, Standing
from domain.ids import MAIN_THREAD, Millis, PrincipalId


def acting_tillitsperson(channel: Channel, at: Millis) -> frozenset[PrincipalId]:
    """The tillitsperson; when that membership is gone, who stands in: never empty while any staff is left.

    First the inboxes of the same organisation, then its staff, then all staff of thread 0.
    """
    main = channel.threads.get(MAIN_THREAD)
    if main is None or channel.tillitsperson is None:
        return frozenset()
    if active_member(main, channel.tillitsperson, at) is not None:
        return frozenset({channel.tillitsperson})
    staff = [m for m in main.members.values() if m.standing in STAFF_STANDINGS and m.active(at)]
    theirs = [m for m in staff if m.organisation == channel.tillitsperson_organisation]
    inboxes = [m for m in theirs if m.standing is Standing.INBOX]
    return frozenset(m.principal for m in inboxes or theirs or staff)


def actors(channel: Channel, author: Author, at: Millis) -> frozenset[Actor]:
    """Every capacity in which this author may act right now."""
    if author.is_hub:
        return frozenset({Actor.HUB})
    if author.duty is not None:
        return _on_duty(author, author.duty)
    if channel.user is not None and channel.user.principal == author.person:
        return frozenset({Actor.USER})
    principal = author.role or author.person
    assert principal is not None  # noqa: S101 - is_hub was answered above
    rows = (active_member(thread, principal, at) for thread in channel.threads.values())
    found = {_capacity(row, author) for row in rows if row is not None} - {None}
    if _is_tillitsperson(channel, author, principal, at):
        found.add(Actor.TILLITSPERSON)
    if author.organisation is not None and _just_opened(channel, principal):
        found.add(Actor.OPENER)
    if Actor.RELATIVE not in found and not sees_team(channel):
        found |= _beyond_sight(channel, author, principal)
    return frozenset(actor for actor in found if actor is not None)


def _on_duty(author: Author, duty: Duty) -> frozenset[Actor]:
    """In an act that rests on a duty nobody is anything else; and nobody audits behind the name of an inbox."""
    if author.organisation is None or author.role is not None:
        return frozenset()
    return frozenset({Actor.AUDITOR if duty is Duty.AUDIT else Actor.APPROVER})


def _capacity(member: Member, author: Author) -> Actor | None:
    """A staff member acts for the organisation it joined for, and for no other; an inbox acts only as a role."""
    if (member.standing is Standing.INBOX) is not (author.role is not None):
        return None
    if member.standing in STAFF_STANDINGS:
        return Actor.STAFF if member.organisation == author.organisation else None
    return Actor.RELATIVE


def _is_tillitsperson(channel: Channel, author: Author, principal: PrincipalId, at: Millis) -> bool:
    main = channel.threads.get(MAIN_THREAD)
    row = active_member(main, principal, at) if main is not None else None
    staff = row is not None and _capacity(row, author) is Actor.STAFF
    return staff and principal in acting_tillitsperson(channel, at)


def _just_opened(channel: Channel, principal: PrincipalId) -> bool:
    """Whether the newest record is this author's opening of the channel or of a thread, which it must now join."""
    opened = (thread for thread in channel.threads.values() if thread.opened_at == channel.version)
    return not channel.opened or any(thread.opened_by == principal for thread in opened)


def _beyond_sight(channel: Channel, author: Author, principal: PrincipalId) -> set[Actor | None]:
    """What a reader who may not know thread 0 has to believe of somebody who acts for an organisation."""
    if author.organisation is None:
        return set()
    may_be_tillitsperson = author.role is not None or principal == channel.tillitsperson
    return {Actor.STAFF, Actor.TILLITSPERSON} if may_be_tillitsperson else {Actor.STAFF}
