"""Letting somebody into a thread, opening history to them, and putting them out: the part of `samsnakk chat` that asks
for basis and history before it does anything."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import Standing
from domain.ids import Millis, OrganisationId, PrincipalId, ThreadNo, Version
from samsnakk.channel import Channel
from samsnakk.cli import rights_commands as r
from samsnakk.cli import rights_texts as t
from samsnakk.cli.error_texts import Unclear
from samsnakk.cli.known_names import Known, end_in, word_in
from samsnakk.cli.people import Names, Threads
from samsnakk.errors import Refused, SamsnakkError
from samsnakk.joining import Terms
from samsnakk.listings import ListingNotBelieved

KindOf = Callable[[OrganisationId], Awaitable[OrganisationKind | None]]
"""What an organisation's own signed listing says that it is."""


async def nobody_says(_: OrganisationId) -> OrganisationKind | None:
    """Where no directory is at hand."""
    return None


_BY_LAW = "parental-responsibility"


@dataclass(frozen=True, slots=True)
class Bringing:
    """The commands of one visit."""

    channel: Channel
    names: Names
    threads: Threads
    known: Known
    note: Callable[[str], None]
    kind_of: KindOf = nobody_says

    async def do(self, command: r.RightsCommand, thread: int, now: Millis) -> None:
        """Carry out what was typed in a thread."""
        match command:
            case r.BringIn(words=words):
                await self._bring(words, thread, now)
            case r.PutOut(words=words):
                await self._put_out(words, thread)
            case r.OpenHistory(words=words):
                await self._open(words, thread)
            case _:
                raise Unclear(t.NO_SUCH)

    async def _bring(self, words: str, thread: int, now: Millis) -> None:
        """A person, an inbox, or an organisation by its inbox; its vault comes along."""
        usage = t.RIGHTS_USAGE["bring"]
        somebody = self.known.person(words)
        rest, until = somebody.rest, end_in(somebody.rest, now)
        chosen, history = _history(rest)
        if not chosen:
            raise Unclear(t.CHOOSE_HISTORY.format(usage=usage))
        terms = self._terms(somebody.id, rest, until, history)
        if rest:
            raise Unclear(t.NOT_READ.format(words=" ".join(rest), usage=usage))
        if terms.organisation is not None:
            await self.state(terms.organisation)
        try:
            await self.channel.join(thread, terms)
        except Refused as refused:
            if refused.code != "needs_approval":
                raise
            sent = await self.channel.propose(thread, terms)
            self.note(t.PROPOSED.format(version=sent.version))
            return
        basis = t.BASIS_WORDS.get(terms.legal_basis, terms.legal_basis)
        name, place = self.names.full(somebody.id), self.threads.name(thread)
        self.note(t.BROUGHT.format(name=name, thread=place, basis=basis, what=_what(history)))

    async def state(self, organisation: OrganisationId) -> bool:
        """State what an organisation is, as its listing says; nothing happens where it stands, or cannot be had."""
        if organisation in self.channel.state.kinds:
            return False
        try:
            kind = await self.kind_of(organisation)
            if kind is None:
                return False
            await self.channel.state_organisation(organisation, kind)
        except ListingNotBelieved as lie:
            self.note(str(lie))
            return False
        except SamsnakkError:
            return False  # the join is refused for want of it, or goes without
        self.note(
            t.STATED.format(organisation=self.names.organisation(organisation), kind=t.ORGANISATION_KINDS[kind.value])
        )
        return True

    def _terms(self, who: PrincipalId, rest: list[str], until: Millis | None, history: Version | None) -> Terms:
        pin = self.known.pin(who)
        basis = next((code for word, code in t.BASES.items() if word_in(rest, word)), None)
        if pin.organisation is not None:
            if basis is None:
                raise Unclear(t.CHOOSE_BASIS.format(bases=", ".join(t.BASES), usage=t.RIGHTS_USAGE["bring"]))
            standing = Standing.INBOX if pin.inbox else Standing.STAFF
            function = "reception" if pin.inbox else "case-worker"
            return Terms(who, standing, OrganisationId(pin.organisation), function, basis, until, history)
        relation = next((code for word, code in t.RELATIVES.items() if word_in(rest, word)), None)
        if relation is None:
            raise Unclear(t.CHOOSE_RELATION.format(relations=", ".join(t.RELATIVES)))
        by_law = basis == _BY_LAW
        return Terms(who, Standing.RELATIVE, None, relation, _BY_LAW if by_law else "users-choice", until, history)

    async def _put_out(self, words: str, thread: int) -> None:
        somebody = self.known.person(words)
        wrong = word_in(somebody.rest, "feil", "wrong")
        if somebody.rest:
            raise Unclear(t.NOT_READ.format(words=" ".join(somebody.rest), usage=t.RIGHTS_USAGE["put_out"]))
        name, place = self.names.full(somebody.id), self.threads.name(thread)
        if not wrong:
            await self.channel.remove_from_thread(thread, somebody.id)
            self.note(t.OUT.format(name=name, thread=place))
            return
        owner = self.known.pin(somebody.id).organisation or self.channel.state.tillitsperson_organisation
        if owner is None:
            raise Unclear(t.NO_SUCH)
        await self.channel.wrong_participant(thread, somebody.id, OrganisationId(owner))
        here = [one for one in self.channel.was_readable(somebody.id) if one.thread == ThreadNo(thread)]
        spans = [f"#{span.start}-#{span.until}" for one in here for span in one.ranges]
        self.note(t.OUT.format(name=name, thread=place))
        self.note(t.WAS_READABLE.format(name=name, ranges=", ".join(spans)))

    async def _open(self, words: str, thread: int) -> None:
        somebody = self.known.person(words)
        chosen, history = _history(somebody.rest)
        if not chosen or history is None or somebody.rest:
            raise Unclear(t.NOT_READ.format(words=words, usage=t.RIGHTS_USAGE["history"]))
        await self.channel.grant_history(thread, somebody.id, history)
        self.note(t.OPENED.format(name=self.names.full(somebody.id), what=_what(history)))


def _history(rest: list[str]) -> tuple[bool, Version | None]:
    """Takes the choice out of the words: whether there is one, and from which version on (None: from now)."""
    if word_in(rest, "fra-nå", "from-now"):
        return True, None
    if word_in(rest, "alt", "all"):
        return True, Version(0)
    for place, word in enumerate(rest[:-1]):
        number = rest[place + 1].removeprefix("#")
        if word.casefold() in {"fra", "from"} and number.isascii() and number.isdigit():
            del rest[place : place + 2]
            return True, Version(int(number))
    return False, None


def _what(history: Version | None) -> str:
    if history is None:
        return t.FROM_NOW
    return t.ALL if history == 0 else t.SINCE.format(version=history)
