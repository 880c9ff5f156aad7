"""Consent, age, shielding, blocking and reports: who takes part, and on whose word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.channel import events as e
from domain.channel.consents import resting
from domain.channel.legal_bases import OrganisationKind
from domain.channel.roster import user_takes_part
from domain.channel.state import Channel
from domain.channel.terms import AgeGroup, ConsentScope, Range, UndoReason
from domain.ids import MAIN_THREAD, Code, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from protocol.contents import Reason, encode_content
from samsnakk import units
from samsnakk.channel_acts import ChannelActs
from samsnakk.channel_events import Sent
from samsnakk.errors import Refused
from samsnakk.plans import Plan, Step, Withdrawing

WRONG_PARTICIPANT: Final = "wrong-participant"
REPORT: Final = "report"


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """What the user's word about an organisation is in one thread, as everybody derives it.

    `until` in UTC milliseconds, None until withdrawn; `people`: who is there on it now; `stands`: it lets somebody in.
    """

    thread: ThreadNo
    organisation: OrganisationId
    scope: ConsentScope
    until: Millis | None
    stands: bool
    withdrawn: bool
    people: tuple[PrincipalId, ...]


@dataclass(frozen=True, slots=True)
class Readable:
    """What somebody could read of a thread while taking part in it, versions."""

    thread: ThreadNo
    ranges: tuple[Range, ...]


class ChannelRights(ChannelActs):
    """What the user (or who decides for her) says; and what staff record about her. Raises as all acts do."""

    async def consent(
        self,
        organisation: OrganisationId,
        told: str,
        threads: Sequence[int] | None = None,
        *,
        scope: ConsentScope = ConsentScope.TAKE_PART,
        until: Millis | None = None,
    ) -> Sent:
        """Let an organisation take part on the user's word, in `threads` (None: all with the user, as they are now).

        `told`: what it is about, in the user's words or in those she was told; sealed, for the threads' members.
        """
        numbers = with_user(self.state) if threads is None else [ThreadNo(n) for n in threads]
        if not numbers:
            raise Refused("unknown_thread")
        given = [Step(e.ConsentGiven(organisation, scope, until), number) for number in numbers]
        return await self.carry_out((*given, Step(e.MessagePosted(), min(numbers), encode_content(Reason(told)))))

    async def limit_consent(
        self, organisation: OrganisationId, thread: int, *, scope: ConsentScope, until: Millis | None
    ) -> Sent:
        """Let the consent that stands in a thread reach less far, or end earlier."""
        return await self.act(e.ConsentLimited(organisation, scope, until), thread)

    async def withdraw_consent(self, organisation: OrganisationId, threads: Sequence[int] | None = None) -> Sent:
        """Take the consent back, in `threads` or (None) everywhere: one act, in effect when this returns.

        Who was there on it is out and so is the organisation's vault; new keys travel in the same unit where this
        device can make them.
        """
        numbers = None if threads is None else tuple(ThreadNo(n) for n in threads)
        return await self.carry_out((Withdrawing(organisation, numbers),))

    def consents(self) -> list[ConsentLine]:
        """Every word of the user about an organisation, thread by thread, and who is here on it."""
        return consent_lines(self.state, self._parts.reader.clock.now())

    async def record_age(self, group: AgeGroup, next_change: Millis | None) -> Sent:
        """Record how old the user is; what takes rights from her holds when a second person records the same."""
        return await self.act(e.AgeRecorded(group, next_change), None)

    async def shield(self, thread: int) -> Sent:
        """Keep a thread from those with parental responsibility; they are out at once."""
        return await self.carry_out((Step(e.ThreadShielded(), ThreadNo(thread)),))

    async def lift_shield(self, thread: int, legal_basis: Code | None = None) -> Sent:
        """Open it again: the user without a reason, staff on a legal basis that is thereby recorded."""
        return await self.act(e.ShieldLifted(legal_basis), thread)

    async def block(self, principal: PrincipalId) -> Sent:
        """Want no more of somebody: out of every thread with the user at once; only she lets them in again."""
        plan = units.blocking(self.state, principal, self._parts.reader.clock.now())
        if not plan:
            raise Refused("not_a_member")
        return await self.carry_out(plan)

    async def report(
        self, thread: int, organisation: OrganisationId, about: PrincipalId | None, told: str | None = None
    ) -> Sent:
        """Report something to an organisation, which must look into it; `told` is sealed for the thread's members."""
        opened = Step(e.DeviationOpened(organisation, about, REPORT), ThreadNo(thread))
        return await self.carry_out((*_told(ThreadNo(thread), told), opened))

    async def wrong_participant(self, thread: int, principal: PrincipalId, organisation: OrganisationId) -> Sent:
        """Somebody should never have been added: out, and a deviation of `organisation`; see `was_readable`."""
        number = ThreadNo(thread)
        left = Step(e.ParticipantLeft(principal, WRONG_PARTICIPANT), number)
        opened = Step(e.DeviationOpened(organisation, principal, WRONG_PARTICIPANT), number)
        return await self.carry_out((left, opened))

    def was_readable(self, principal: PrincipalId) -> list[Readable]:
        """What somebody could read, thread by thread: the list that goes with a deviation."""
        return readable_by(self.state, principal)

    async def undo_arrival(self, reason: UndoReason) -> Sent:
        """Whoever arrived as the user is not to be here as her. Takes effect when two people have said so.

        The second one's saying ends that principal's part with a new key; then the user can be invited again. What was
        open meanwhile: `was_readable`; what was done in her name: `done_by`. `Refused("not_a_member")`: nobody is here.
        """
        user, me = self.state.user, self._parts.reader.person
        if user is None:
            raise Refused("not_a_member")
        waiting = [
            version
            for version, stated in self.state.undos.items()
            if stated.by != me and (stated.user, stated.reason) == (user.principal, reason)
        ]
        confirms = min(waiting, default=None)
        return await self.carry_out((Step(e.ArrivalUndone(user.principal, reason, confirms), None),))

    def done_by(self, principal: PrincipalId) -> list[Version]:
        """Every act that this end knows to have been made in this person's name."""
        acts = (place for place in self._held.places if place.act is not None)
        return [place.version for place in acts if place.header.person == principal]

    async def claim_care(self, legal_basis: Code, relation: Code, reference: str | None = None) -> Sent:
        """Answer for it that the own organisation has a care relation to the user; `reference` is sealed."""
        claimed = Step(e.CareClaimed(legal_basis, relation), MAIN_THREAD)
        return await self.carry_out((claimed, *_told(MAIN_THREAD, reference)))

    async def state_organisation(self, organisation: OrganisationId, kind: OrganisationKind) -> Sent:
        """State what kind an organisation is, as its signed listing says; legal bases are held to it from here on."""
        return await self.act(e.OrganisationStated(organisation, kind), None)

    async def report_death(self, *, died: bool = True) -> Sent:
        """Record that the user has died, or that this was a mistake; holds when a second person records the same."""
        return await self.act(e.DeathReported(died), None)


def with_user(channel: Channel) -> list[ThreadNo]:
    """The threads that the user takes part in."""
    return sorted(number for number, thread in channel.threads.items() if user_takes_part(channel, thread))


def consent_lines(channel: Channel, at: Millis) -> list[ConsentLine]:
    """As `ChannelRights.consents`, of any state."""
    lines = []
    for number, thread in sorted(channel.threads.items()):
        here = {m.organisation for m in thread.members.values() if m.organisation is not None and m.active(at)}
        for organisation in sorted(here | set(thread.consents)):
            people = tuple(sorted(member.principal for member in resting(thread, organisation, at)))
            consent = thread.consents.get(organisation)
            if consent is None and not people:
                continue
            lines.append(
                ConsentLine(
                    number,
                    organisation,
                    consent.scope if consent is not None else ConsentScope.WITH_HISTORY,
                    consent.until if consent is not None else None,
                    stands=consent is None or consent.stands(at),
                    withdrawn=consent is not None and consent.withdrawn,
                    people=people,
                )
            )
    return lines


def readable_by(channel: Channel, principal: PrincipalId) -> list[Readable]:
    """Ranges of versions that were open to the principal, thread by thread; open ends end with the newest record."""
    found = []
    for number, thread in sorted(channel.threads.items()):
        spans = thread.ranges.get(principal, ())
        ranges = tuple(Range(s.start, Version(channel.version) if s.until is None else s.until) for s in spans)
        if ranges:
            found.append(Readable(number, ranges))
    return found


def _told(thread: ThreadNo, text: str | None) -> Plan:
    return () if text is None else (Step(e.MessagePosted(), thread, encode_content(Reason(text))),)
