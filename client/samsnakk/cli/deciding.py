"""What `samsnakk chat` does about who takes part: consents, blocks, reports, invitations, answers to proposals."""

from collections.abc import Callable
from typing import Final

from domain.channel.consents import resting
from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import ConsentScope
from domain.ids import Millis, OrganisationId, ThreadNo
from samsnakk.channel import Channel
from samsnakk.cli import rights_commands as r
from samsnakk.cli import rights_texts as t
from samsnakk.cli.bringing import Bringing, KindOf, nobody_says
from samsnakk.cli.error_texts import Unclear
from samsnakk.cli.known_names import Known, end_in, word_in
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.shown import one_line
from samsnakk.cli.transcript import local_time
from samsnakk.rights import ConsentLine

Note = Callable[[str], None]
_SCOPES: Final = {ConsentScope.TAKE_PART: t.FROM_NOW, ConsentScope.WITH_HISTORY: t.WITH_HISTORY}


class Deciding:
    """The commands of one visit. Raises what the channel raises, and `Unclear` for what names nobody here."""

    def __init__(
        self, channel: Channel, names: Names, threads: Threads, note: Note, kind_of: KindOf = nobody_says
    ) -> None:
        self._channel = channel
        self._names = names
        self._threads = threads
        self._note = note
        self._known = Known(names.trust)
        self._bringing = Bringing(channel, names, threads, self._known, note, kind_of)

    async def do(self, command: r.RightsCommand, thread: int, now: Millis) -> None:
        """Carry out what was typed in a thread."""
        match command:
            case r.ShowConsents():
                self.show()
            case r.GiveConsent(words=words):
                await self._give(words, thread, now)
            case r.LimitConsent(words=words):
                await self._limit(words, thread, now)
            case r.WithdrawConsent(words=words):
                await self._withdraw(words, thread, now)
            case r.BlockSomebody(words=words):
                await self._block(words)
            case r.Shield(up=up):
                await self._shield(thread, up=up)
            case r.ReportSomething(words=words):
                await self._report(words, thread)
            case r.StateKind(words=words):
                await self._state(words)
            case r.AnswerProposal(ref=ref, yes=yes):
                await self._answer(ref, yes=yes)
            case _:
                await self._bringing.do(command, thread, now)

    def show(self) -> None:
        """Every consent, organisation by organisation and thread by thread, in plain words."""
        lines = self._channel.consents()
        for line in sorted(lines, key=lambda one: (self._house(one.organisation), one.thread)):
            self._note(self._sentence(line))
            if line.people:
                self._note(t.PEOPLE.format(names=self._people(line.people)))
            elif line.stands:
                self._note(t.NOBODY)
        if not lines:
            self._note(t.NO_CONSENTS)

    def _sentence(self, line: ConsentLine) -> str:
        form = t.STANDS if line.stands else t.WITHDRAWN if line.withdrawn else t.OVER
        return form.format(
            organisation=self._house(line.organisation),
            thread=self._threads.name(line.thread),
            who=t.YOU_HAVE if self._is_user() else t.USER_HAS,
            scope=_SCOPES[line.scope],
            until=self._until(line.until),
        )

    async def _give(self, words: str, thread: int, now: Millis) -> None:
        house = self._known.organisation(words)
        until, history = end_in(house.rest, now), word_in(house.rest, "historikk", "history")
        _all_read(house.rest, "consent")
        scope = ConsentScope.WITH_HISTORY if history else ConsentScope.TAKE_PART
        name = self._house(house.id)
        told = t.TOLD.format(organisation=name, scope=_SCOPES[scope], until=self._until(until))
        await self._channel.consent(house.id, told, [thread], scope=scope, until=until)
        self._note(t.GIVEN.format(organisation=name, until=self._until(until), short=name))

    async def _limit(self, words: str, thread: int, now: Millis) -> None:
        house = self._known.organisation(words)
        until, narrow = end_in(house.rest, now), word_in(house.rest, "fra-nå", "from-now")
        _all_read(house.rest, "limit")
        standing = self._channel.state.threads[ThreadNo(thread)].consents.get(house.id)
        scope = standing.scope if standing is not None and not narrow else ConsentScope.TAKE_PART
        ends = until if until is not None or standing is None else standing.until
        await self._channel.limit_consent(house.id, thread, scope=scope, until=ends)
        self._note(t.LIMITED.format(organisation=self._house(house.id), until=self._until(ends), scope=_SCOPES[scope]))

    async def _withdraw(self, words: str, thread: int, now: Millis) -> None:
        house = self._known.organisation(words)
        here = word_in(house.rest, "her", "here")
        _all_read(house.rest, "withdraw")
        threads = [ThreadNo(thread)] if here else sorted(self._channel.state.threads)
        found = (resting(self._channel.state.threads[number], house.id, now) for number in threads)
        people = tuple(dict.fromkeys(member.principal for members in found for member in members))
        await self._channel.withdraw_consent(house.id, [thread] if here else None)
        where = t.HERE if here else t.EVERYWHERE
        self._note(t.TAKEN_BACK.format(organisation=self._house(house.id), where=where))
        if people:
            self._note(t.WERE_HERE.format(names=self._people(people)))

    async def _block(self, words: str) -> None:
        somebody = self._known.person(words)
        _all_read(somebody.rest, "block")
        await self._channel.block(somebody.id)
        self._note(t.BLOCKED.format(name=self._names.full(somebody.id)))

    async def _shield(self, thread: int, *, up: bool) -> None:
        await (self._channel.shield(thread) if up else self._channel.lift_shield(thread))
        self._note(t.SHIELDED if up else t.UNSHIELDED)

    async def _report(self, words: str, thread: int) -> None:
        """About a person, to the organisation the person is here for; or to an organisation as a whole."""
        try:
            somebody = self._known.person(words)
            about, rest = somebody.id, somebody.rest
            organisation = self._known.pin(about).organisation or self._channel.state.tillitsperson_organisation
        except Unclear:
            house = self._known.organisation(words)
            about, organisation, rest = None, house.id, house.rest
        if organisation is None or not rest:
            raise Unclear(t.NOT_READ.format(words=words, usage=t.RIGHTS_USAGE["report"]))
        owner = OrganisationId(organisation)
        sent = await self._channel.report(thread, owner, about, " ".join(rest))
        self._note(t.REPORTED.format(organisation=self._house(owner), version=sent.version))

    async def _state(self, words: str) -> None:
        house = self._known.organisation(words)
        kind = t.KIND_WORDS.get(" ".join(house.rest).casefold())
        if not house.rest and await self._bringing.state(house.id):
            return
        if kind is None:
            raise Unclear(t.NOT_READ.format(words=words, usage=t.RIGHTS_USAGE["kind"]))
        await self._channel.state_organisation(house.id, OrganisationKind(kind))
        self._note(t.STATED.format(organisation=self._house(house.id), kind=t.ORGANISATION_KINDS[kind]))

    async def _answer(self, ref: int, *, yes: bool) -> None:
        if yes:
            await self._channel.approve(ref)
        else:
            await self._channel.decline(ref)
        self._note((t.SAID_YES if yes else t.SAID_NO).format(version=ref))

    def _is_user(self) -> bool:
        user = self._channel.state.user
        return user is not None and user.principal == self._channel.me

    def _house(self, organisation: OrganisationId) -> str:
        return self._names.organisation(organisation) or one_line(self._names.trust.name_of(organisation))

    def _people(self, people: tuple[bytes, ...]) -> str:
        return ", ".join(self._names.full(person) for person in people)

    def _until(self, until: Millis | None) -> str:
        if until is None:
            return t.UNTIL_WITHDRAWN
        moment, texts = local_time(until), self._names.texts
        return t.UNTIL.format(time=f"{texts.date(moment)} kl. {texts.time(moment)}")


def _all_read(rest: list[str], usage: str) -> None:
    """Nothing that was typed is passed over in silence."""
    if rest:
        raise Unclear(t.NOT_READ.format(words=" ".join(rest), usage=t.RIGHTS_USAGE[usage]))
