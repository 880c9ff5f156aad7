"""The directory for a client: every entry verified, the newest head of each organisation kept and never gone behind."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from time import time_ns
from typing import Final

from crypto.random import new_id
from domain.access.events import Purpose
from domain.channel.legal_bases import KIND_OF_SERVICE, OrganisationKind
from domain.duty import told
from domain.duty.staffing import Route
from domain.ids import ChannelId, EntryId, Millis, OrganisationId
from protocol.acts import Place
from protocol.errors import ProtocolError
from protocol.listings.answers import (
    MAX_ASKED,
    Entries,
    Found,
    Listing,
    Page,
    Publication,
    Question,
    Search,
    action_of,
    decode_found,
    decode_page,
    encode_publication,
    encode_question,
)
from protocol.listings.entries import Entry, Organisation, parse_entry
from protocol.listings.errors import (
    ExpiredListing,
    ForeignEntry,
    ForgedListing,
    ForkedListing,
    OlderListing,
    WithheldEntry,
)
from protocol.listings.heads import SignedHead, decode_signed_head, encode_signed_head, parse_head
from protocol.listings.making import in_pieces
from protocol.listings.reading import Authority, Pins, Verified, duty, needed, verify_asked, verify_found, verify_whole
from protocol.requests import ReadRequest, sign_request
from samsnakk.doors import Doors
from samsnakk.errors import Refused, SamsnakkError
from samsnakk.key_finding import KeyFinder
from samsnakk.local_store import LocalStore, Put
from samsnakk.profile import Unlocked

NO_CHANNEL: Final = ChannelId(bytes(16))
_TABLE: Final = "key_streams"
_PINS: Final = b"listing heads"
AT_ONCE: Final = 2000
"""Changes that are sent in one request."""
_ROUNDS: Final = 12
"""How often entries are fetched until it is known who is on duty; each round goes one step along the stand-ins."""

TEXTS: Final[dict[type[ProtocolError], str]] = {
    ForgedListing: "Oppføringen er ikke den som virksomheten har signert. Noen har endret den eller funnet den på.",
    ForeignEntry: "Tjenesten viste en annen oppføring, eller en annen virksomhets oppføring, enn den du spurte etter.",
    OlderListing: "Tjenesten viste en eldre utgave av katalogen enn den du har sett før.",
    ForkedListing: "Tjenesten viser to ulike utgaver av samme virksomhets katalog.",
    WithheldEntry: "Tjenesten holder tilbake en del av virksomhetens katalog.",
    ExpiredListing: "Virksomhetens katalog er ikke bekreftet på nytt i tide. Den kan være utdatert, og vises ikke.",
}
"""What happened, in plain bokmål."""
_ADVICE: Final = "Bruk den ikke. Ring virksomheten, og si fra til den som har ansvar for sikkerheten hos dere."
_RENEW: Final = "Ring virksomheten, og be den om å fornye katalogen."


class ListingNotBelieved(SamsnakkError):
    """What the hub served of the directory does not hold; nothing of it was used. `problem` is what was seen."""

    def __init__(self, problem: ProtocolError) -> None:
        expired = isinstance(problem, ExpiredListing)
        text = TEXTS.get(type(problem), "Svaret fra katalogen kan ikke leses.")
        super().__init__(text.removesuffix("."), _RENEW if expired else _ADVICE)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is on duty at an inbox. `warning`: what to say before somebody writes where nobody answers, in bokmål."""

    inbox: Entry
    route: Route
    people: tuple[Entry, ...]
    instead: Entry | None
    text: str
    warning: str | None


@dataclass(slots=True)
class Listings:
    """The directory at one hub, for one device."""

    unlocked: Unlocked
    doors: Doors
    store: LocalStore
    now: Callable[[], Millis]
    finder: KeyFinder
    _pins: dict[OrganisationId, SignedHead] = field(default_factory=dict)
    _loaded: bool = False

    async def search(self, text: str, most: int = 20) -> Verified:
        """Entries whose names and places fit, best first.

        Raises:
            ListingNotBelieved: the hub served something that no organisation signed, or something older than before.
            Disconnected, Refused: it cannot be had now.

        """
        data = await self._ask(Search(text, most))
        return await self._believed(partial(verify_found, _read_found(data)))

    async def entries(self, organisation: OrganisationId, ids: set[EntryId]) -> tuple[Entry, ...]:
        """These entries, as far as they are listed. Raises as `search`."""
        found: list[Entry] = []
        wanted = sorted(ids)
        for at in range(0, len(wanted), MAX_ASKED):
            question = Entries(organisation, tuple(wanted[at : at + MAX_ASKED]))
            data = await self._ask(question)
            verify = partial(verify_asked, _read_found(data), question)
            found += (await self._believed(verify)).entries
        return tuple(found)

    async def organisation_kind(self, organisation: OrganisationId) -> OrganisationKind | None:
        """What the organisation says in its own signed listing that it is; None if it says nothing. As `search`."""
        found = await self.search(self.unlocked.trust.name_of(organisation))
        own = [one.facts for one in found.entries if one.organisation == organisation]
        services = [facts.service for facts in own if isinstance(facts, Organisation)]
        return KIND_OF_SERVICE.get(services[0]) if services else None

    async def on_duty(self, organisation: OrganisationId, inbox: EntryId) -> OnDuty:
        """Who is on duty at an inbox now, and where to turn if nobody is. Raises as `search`."""
        known: dict[EntryId, Entry] = {}
        for _ in range(_ROUNDS):
            missing = needed(inbox, known)
            if not missing:
                break
            known |= {one.id: one for one in await self.entries(organisation, missing)}
            if not missing <= known.keys():
                raise ListingNotBelieved(WithheldEntry())
        at = Millis(time_ns() // 1_000_000)
        try:
            route = duty(inbox, known, at)
        except ProtocolError as error:
            raise ListingNotBelieved(error) from None

        def name(entry: EntryId) -> str:
            return known[entry].name

        people = tuple(known[person] for person in route.staffing.people)
        warning = told.warning(route, name, at)
        text = warning or told.on_duty(route, name, at)
        instead = known[route.instead] if route.instead is not None else None
        return OnDuty(known[inbox], route, people, instead, text, warning)

    async def whole(self, organisation: OrganisationId) -> tuple[SignedHead, dict[EntryId, bytes]]:
        """An organisation's whole listing, complete or refused. Raises as `search`."""
        pages = await self._pages(organisation)
        return pages[0].head, await self._whole(pages, organisation, self._authority())

    async def _pages(self, organisation: OrganisationId) -> list[Page]:
        pages: list[Page] = []
        after: EntryId | None = None
        while not pages or pages[-1].more:
            page = self._read_page(await self._ask(Listing(organisation, after)))
            pages.append(page)
            after = _last_id(page)
        return pages

    async def _whole(
        self, pages: list[Page], organisation: OrganisationId, authority: Authority
    ) -> dict[EntryId, bytes]:
        await self._load()
        try:
            head, entries = verify_whole(pages, replace(authority, pins=self._pins))
            if head.organisation != organisation:
                raise ForeignEntry
        except ProtocolError as error:
            raise ListingNotBelieved(error) from None
        await self._pin({organisation: pages[0].head})
        return entries

    async def published(self, organisation: OrganisationId) -> tuple[SignedHead | None, dict[EntryId, bytes]]:
        """What the organisation has published so far, also where its validity is over: for whoever renews it.

        Raises as `search`.
        """
        try:
            pages = await self._pages(organisation)
        except Refused as refused:
            if refused.code == "not_found":
                return None, {}
            raise
        authority = replace(self._authority(), at=Millis(0))
        return pages[0].head, await self._whole(pages, organisation, authority)

    async def publish(
        self,
        organisation: OrganisationId,
        signed: SignedHead,
        publication: Publication,
        tell: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        """Hand the hub a new version of an organisation's listing; a large one in pieces, telling how far it is.

        Raises `Disconnected`, `Refused`.
        """
        if len(publication.entries) + len(publication.removed) <= AT_ONCE:
            await self.doors.publish_listing(organisation, signed, publication)
            return
        pieces = in_pieces(publication)
        for number, piece in enumerate(pieces):
            await self.doors.put_piece(organisation, signed, number, encode_publication(piece))
            tell(number + 1, len(pieces))
        total, finished = parse_head(signed.head).count, False
        while not finished:
            done, finished = await self.doors.finish_listing(organisation, signed, len(pieces))
            tell(done, total)

    def _read_page(self, data: bytes) -> Page:
        try:
            return decode_page(data)
        except ProtocolError as error:
            raise ListingNotBelieved(error) from None

    async def _ask(self, question: Question) -> bytes:
        data = encode_question(question)
        return await self.doors.ask_directory(data, self._signed(action_of(data)))

    def _signed(self, action: str) -> bytes:
        identity = self.unlocked.identity
        request = ReadRequest(
            place=Place(self.unlocked.trust.deployment_id, NO_CHANNEL),
            person=identity.person,
            device=identity.device,
            organisation=identity.organisation,
            role=None,
            purpose=Purpose.COORDINATION,
            threads=(),
            request_id=new_id(),
            made_at=self.now(),
            action=action,
        )
        return sign_request(request, self.unlocked.signing_key)

    def _authority(self) -> Authority:
        trust = self.unlocked.trust
        # This machine's clock, not the hub's: else a hub could make an expired listing look good by going back in time.
        roots = self.finder.directory.roots.newest
        return Authority(trust.deployment_id, roots, self._pins, Millis(time_ns() // 1_000_000))

    async def _believed(self, verify: Callable[[Authority], Verified]) -> Verified:
        await self._load()
        try:
            verified = await self._verified(verify)
        except ProtocolError as error:
            raise ListingNotBelieved(error) from None
        await self._pin(verified.heads)
        return verified

    async def _verified(self, verify: Callable[[Authority], Verified]) -> Verified:
        try:
            return verify(self._authority())
        except ForgedListing:
            # Signed by nobody's root that is known here: perhaps by one that has taken its place.
            if not await self.finder.learn_roots():
                raise
            return verify(self._authority())

    async def _pin(self, heads: Pins) -> None:
        new = {who: head for who, head in heads.items() if self._pins.get(who) != head}
        if new:
            self._pins |= new
            rows = [(n, 0, encode_signed_head(self._pins[who])) for n, who in enumerate(sorted(self._pins))]
            await self.store.write(Put(_TABLE, _PINS, rows))

    async def _load(self) -> None:
        if not self._loaded:
            for _, _, data in await self.store.rows(_TABLE, _PINS):
                signed = decode_signed_head(data)
                self._pins[parse_head(signed.head).organisation] = signed
            self._loaded = True


def _read_found(data: bytes) -> Found:
    try:
        return decode_found(data)
    except ProtocolError as error:
        raise ListingNotBelieved(error) from None


def _last_id(page: Page) -> EntryId | None:
    try:
        return parse_entry(page.entries[-1]).id if page.entries else None
    except ProtocolError as error:
        raise ListingNotBelieved(error) from None
