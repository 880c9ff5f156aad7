"""Erasing: wishing, proposing, approving and refusing it, and which copies are known to be clean."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from domain.channel import events as e
from domain.channel.erasing import ANSWER_WITHIN, ErasureDecision, ErasureProposal, Wish
from domain.channel.state import Channel
from domain.ids import Code, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from protocol.contents import Reason, encode_content
from samsnakk.channel_events import Sent
from samsnakk.errors import Refused
from samsnakk.plans import Plan, Step
from samsnakk.rights import ChannelRights


@dataclass(frozen=True, slots=True)
class WishStanding:
    """A wish of the user's that nobody has answered. `answer_by`: UTC milliseconds."""

    thread: ThreadNo
    ref: Version
    wish: Wish
    answer_by: Millis

    def overdue(self, at: Millis) -> bool:
        """Whether the organisation should have answered by now."""
        return at >= self.answer_by


@dataclass(frozen=True, slots=True)
class ProposalStanding:
    """A proposal that waits for the second person."""

    thread: ThreadNo
    ref: Version
    proposal: ErasureProposal


@dataclass(frozen=True, slots=True)
class DecisionStanding:
    """A decision, and what is known about the copies."""

    thread: ThreadNo
    ref: Version
    decision: ErasureDecision

    def overdue(self, at: Millis) -> bool:
        """Whether a copy should have been confirmed by now and was not."""
        return self.decision.overdue(at)


@dataclass(frozen=True, slots=True)
class Erasures:
    """Everything about erasing in one channel, as this reader knows it, oldest first."""

    wishes: tuple[WishStanding, ...]
    proposals: tuple[ProposalStanding, ...]
    decisions: tuple[DecisionStanding, ...]


class ChannelErasing(ChannelRights):
    """What two people of an organisation decide about what was written for it. Raises as all acts do."""

    def erasures(self) -> Erasures:
        """What stands about erasing in this channel."""
        return erasures_of(self.state)

    async def wish_erasure(self, thread: int, targets: Sequence[int], told: str | None = None) -> Sent:
        """The user's wish that messages are erased, to each organisation they were written for. `told`: why, sealed."""
        by_house: dict[OrganisationId, list[Version]] = defaultdict(list)
        for target in sorted({*targets}):
            by_house[self.written_for(thread, target)].append(Version(target))
        steps = [Step(e.ErasureRequested(house, tuple(of)), ThreadNo(thread)) for house, of in sorted(by_house.items())]
        return await self.carry_out((*steps, *self._why(thread, told)))

    async def propose_erasure(
        self,
        thread: int,
        targets: Sequence[int],
        legal_basis: Code,
        *,
        request: int | None = None,
        told: str | None = None,
    ) -> Sent:
        """First half of a decision; a colleague approves the returned `version`. `told`: why, sealed in the thread."""
        wanted = tuple(Version(target) for target in sorted({*targets}))
        if not wanted:
            raise Refused("not_erasable")
        wish = Version(request) if request is not None else None
        proposed = e.ErasureProposed(self.written_for(thread, wanted[0]), wanted, legal_basis, wish)
        return await self.carry_out((*self._why(thread, told), Step(proposed, ThreadNo(thread))))

    async def approve_erasure(self, ref: int) -> Sent:
        """Second half: what the proposal at version `ref` names is erased everywhere."""
        found = [one.thread for one in self.erasures().proposals if one.ref == ref]
        if not found:
            raise Refused("unknown_erasure")
        return await self.act(e.ErasureApproved(Version(ref)), found[0])

    async def refuse_erasure(self, ref: int, reason: Code, told: str | None = None) -> Sent:
        """Turn a proposal down or take it back, or say no to the user's wish. `told`: why, sealed in the thread."""
        standing = self.erasures()
        found = [one.thread for one in standing.proposals if one.ref == ref]
        found += [one.thread for one in standing.wishes if one.ref == ref]
        if not found:
            raise Refused("unknown_erasure")
        step = Step(e.ErasureRefused(Version(ref), reason), found[0])
        return await self.carry_out((*self._why(found[0], told), step))

    def linked_to(self, targets: Sequence[int]) -> list[Version]:
        """Other messages that correct one of these, or that one of these corrects: they say much the same."""
        named, found = {*targets}, set[Version]()
        for version in range(1, self.version + 1):
            facts = self.event(Version(version)).facts
            if not isinstance(facts, e.MessagePosted) or facts.corrects is None:
                continue
            if version in named or facts.corrects in named:
                found |= {Version(version), facts.corrects}
        gone = {v for thread in self.state.threads.values() for v in thread.erasing.erased}
        return sorted(found - named - gone)

    def written_for(self, thread: int, target: int) -> OrganisationId:
        """The organisation that a message was written for, which alone decides about it."""
        event = self.event(Version(target))
        if event.thread != thread or not isinstance(event.facts, e.MessagePosted) or event.organisation is None:
            raise Refused("not_erasable")
        return event.organisation

    async def has_node(self, vault: PrincipalId) -> bool:
        """Whether the vault's organisation has a certified node, which keeps a copy and can confirm."""
        await self._parts.finder.need([vault])
        at = self._parts.reader.clock.now()
        return any(node.holds_at(at) for node in self._parts.finder.directory.state(vault).nodes)

    def _why(self, thread: int, text: str | None) -> Plan:
        if text is None:
            return ()
        return (Step(e.MessagePosted(), ThreadNo(thread), encode_content(Reason(text))),)


def erasures_of(channel: Channel) -> Erasures:
    """What stands about erasing, thread by thread."""
    found = [(thread.number, thread.erasing) for _, thread in sorted(channel.threads.items())]
    return Erasures(
        wishes=tuple(
            WishStanding(number, ref, wish, Millis(wish.at + ANSWER_WITHIN))
            for number, erasing in found
            for ref, wish in sorted(erasing.wishes.items())
        ),
        proposals=tuple(
            ProposalStanding(number, ref, proposal)
            for number, erasing in found
            for ref, proposal in sorted(erasing.proposals.items())
        ),
        decisions=tuple(
            DecisionStanding(number, ref, decision)
            for number, erasing in found
            for ref, decision in sorted(erasing.decisions.items())
        ),
    )


def owed_by(channel: Channel, vault: PrincipalId) -> list[DecisionStanding]:
    """Decisions that a vault's node has not confirmed."""
    return [one for one in erasures_of(channel).decisions if vault in one.decision.missing]
