"""From an order to the SDK: what a participant's process does in the channel when it is told to."""

from domain.channel.events import Proposed
from domain.ids import OrganisationId, PrincipalId, Version
from protocol.contents import Summary
from samsnakk.channel import Channel
from samsnakk.channel_events import Sent
from samsnakk.demo import lines
from samsnakk.demo.script import Deed
from samsnakk.errors import Refused
from samsnakk.joining import Terms


def sdk_terms(terms: lines.Terms, history: int | None = None) -> Terms:
    """The terms as the SDK takes them."""
    return Terms(
        principal=PrincipalId(terms.principal),
        standing=terms.standing,
        organisation=None if terms.organisation is None else OrganisationId(terms.organisation),
        function=terms.function,
        legal_basis=terms.legal_basis,
        valid_until=terms.valid_until,
        history_from=None if history is None else Version(history),
    )


async def carry_out(order: lines.AnyOrder, channel: Channel) -> Sent:
    """Do what the order says. Raises what the channel raises."""
    match order:
        case lines.Post() | lines.Misplace() | lines.Take() | lines.Offer():
            return await _message(order, channel)
        case lines.About():
            return await _about(order, channel)
        case lines.Join() | lines.Remove() | lines.Grant() | lines.HandOver():
            return await _membership(order, channel)
        case lines.OpenThread() | lines.Close() | lines.Reopen():
            return await _whole(order, channel)
        case _:
            raise AssertionError(f"{type(order).__name__} is not for the channel itself")


async def _message(order: lines.Post | lines.Misplace | lines.Take | lines.Offer, channel: Channel) -> Sent:
    match order:
        case lines.Post():
            return await channel.post(
                order.thread, order.content, asks=order.asks, due=order.due, corrects=order.corrects
            )
        case lines.Misplace():
            hidden = tuple(map(PrincipalId, order.hidden_from))
            return await channel.misplaced(order.thread, order.target, hidden)
        case lines.Take(offered=True):
            return await channel.accept(order.thread, order.target, order.until)
        case lines.Take():
            return await channel.take(order.thread, order.target, order.until)
        case lines.Offer():
            return await channel.offer(order.thread, order.target, PrincipalId(order.to))


async def _about(order: lines.About, channel: Channel) -> Sent:
    match order.what:
        case Deed.RETRACT:
            return await channel.retract(order.thread, order.target)
        case Deed.DONE:
            return await channel.done(order.thread, order.target)
        case Deed.APPROVE:
            return await channel.approve(order.target)
        case Deed.DECLINE:
            return await channel.decline(order.target)
        case Deed.CONFIRM:
            return await channel.confirm_handover(order.target)
        case Deed.WITHDRAW:
            return await channel.withdraw_consent(_proposed_house(channel, order.target))


def _proposed_house(channel: Channel, ref: int) -> OrganisationId:
    """The organisation that somebody was proposed for, at the version of the proposal."""
    facts = channel.event(Version(ref)).facts
    if not isinstance(facts, Proposed) or facts.joined.organisation is None:
        raise Refused("unknown_proposal")
    return facts.joined.organisation


async def _membership(order: lines.Join | lines.Remove | lines.Grant | lines.HandOver, channel: Channel) -> Sent:
    match order:
        case lines.Join(proposed=True):
            return await channel.propose(order.thread, sdk_terms(order.terms, order.history))
        case lines.Join():
            return await channel.join(order.thread, sdk_terms(order.terms, order.history))
        case lines.Remove():
            return await channel.remove(PrincipalId(order.principal), order.reason)
        case lines.Grant():
            return await channel.grant_history(order.thread, PrincipalId(order.to), order.history)
        case lines.HandOver():
            return await channel.propose_handover(PrincipalId(order.to), ends_access=order.ends_access)


async def _whole(order: lines.OpenThread | lines.Close | lines.Reopen, channel: Channel) -> Sent:
    match order:
        case lines.OpenThread():
            return await channel.open_thread(
                order.audience,
                order.topic,
                order.title,
                tuple(sdk_terms(terms) for terms in order.members),
                reason_for_user=order.reason,
                review_at=order.review_at,
            )
        case lines.Close():
            return await channel.close("closed", Summary(order.text, order.contact))
        case lines.Reopen():
            return await channel.reopen()
