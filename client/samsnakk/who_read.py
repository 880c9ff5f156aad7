"""Who has read what: the verified access log held against the verified record. Pure, once both are here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from domain.access.disclosed import Disclosure, disclosures
from domain.access.events import Purpose
from domain.access.history import History, Place
from domain.access.readings import Reading, readings
from domain.access.unlogged import Unlogged, unlogged
from domain.channel.acts import Recorded
from domain.ids import Code, Digest, Millis, OrganisationId, PrincipalId, ThreadNo, Version
from protocol.replay import Accepted
from samsnakk.access_log import AccessLine, AccessLogReplay
from samsnakk.held import Held

Who = tuple[PrincipalId, PrincipalId | None, OrganisationId | None, Purpose]
"""Person, inbox acted for, organisation, purpose."""


@dataclass(frozen=True, slots=True)
class Access:
    """One person's access to some messages, in one capacity and for one purpose.

    `times`: readings that let something of it out. `shown_at`: when it was first really shown; None: not that anybody
    said. `proven` False: the reader's own signature could not be checked for some reading.
    """

    person: PrincipalId
    role: PrincipalId | None
    organisation: OrganisationId | None
    purpose: Purpose
    bases: tuple[Code, ...]
    messages: tuple[Version, ...]
    times: int
    first_at: Millis
    last_at: Millis
    shown_at: Millis | None
    proven: bool


@dataclass(frozen=True)
class WhoRead:
    """Every answer to "who has read", for one channel and as far as its viewer gets the log."""

    history: History
    channel_head: Digest
    log: AccessLogReplay = field(repr=False)

    @property
    def lines(self) -> list[AccessLine]:
        """The log, line by line."""
        return self.log.lines

    @cached_property
    def readings(self) -> list[Reading]:
        """Every reading, in the order of the log."""
        return readings((line.line() for line in self.lines), self.history.version)

    @cached_property
    def disclosures(self) -> list[Disclosure]:
        """Every message that every reading let out."""
        return list(disclosures(self.history, self.readings))

    @property
    def leaves(self) -> int:
        """Lines of which only the leaf is here: other people's readings. The user has none."""
        return sum(1 for line in self.lines if line.event is None)

    @property
    def head(self) -> Digest:
        """The access log's head after its newest line."""
        return self.log.head

    @cached_property
    def unlogged(self) -> list[Unlogged]:
        """Readings that the readers' own acts prove and the log leaves out; only a whole log can show it."""
        return [] if self.leaves else unlogged(self.history, self.readings)

    def everything(self) -> list[Access]:
        """Who got anything at all."""
        return accesses(self.disclosures)

    def of_message(self, version: Version) -> list[Access]:
        """Who got this message, whoever wrote it included; the first reader first."""
        return accesses(d for d in self.disclosures if d.version == version)

    def of_thread(self, thread: ThreadNo) -> list[Access]:
        """Who got anything of a thread."""
        return accesses(d for d in self.disclosures if d.thread == thread)

    def between(self, start: Millis, end: Millis) -> list[Access]:
        """Who got anything from `start` until before `end`."""
        return accesses(d for d in self.disclosures if start <= d.at < end)

    def of_person(self, person: PrincipalId) -> list[Access]:
        """What a person got, as oneself or for an inbox; or what an inbox or vault got through anybody."""
        return accesses(d for d in self.disclosures if person in (d.reading.person, d.reading.reader))

    def of_organisation(self, organisation: OrganisationId) -> list[Access]:
        """What the people, inboxes and archive of an organisation got."""
        return accesses(d for d in self.disclosures if d.reading.organisation == organisation)


def accesses(found: Iterable[Disclosure]) -> list[Access]:
    """Disclosures gathered by person, capacity and purpose; whoever came first stands first."""
    gathered: dict[Who, list[Disclosure]] = {}
    for one in found:
        r = one.reading
        gathered.setdefault((r.person, r.role, r.organisation, r.purpose), []).append(one)
    return sorted((_access(who, mine) for who, mine in gathered.items()), key=lambda access: access.first_at)


def _access(who: Who, mine: list[Disclosure]) -> Access:
    shown = [d.shown_at for d in mine if d.shown_at is not None]
    return Access(
        *who,
        bases=tuple(sorted({d.legal_basis for d in mine})),
        messages=tuple(sorted({d.version for d in mine})),
        times=len({d.reading.line for d in mine}),
        first_at=min(d.at for d in mine),
        last_at=max(d.at for d in mine),
        shown_at=min(shown) if shown else None,
        proven=all(d.reading.proven for d in mine),
    )


def history_of(held: Held) -> History:
    """The record that this end holds, as the questions about it take it."""
    return history_of_places(held.places, held.replay.reader)


def history_of_places(places: Iterable[Accepted], viewer: PrincipalId) -> History:
    """The same, of places that were verified anywhere, in the eyes of the reader whose leaves are among them."""
    return History(_places(places), viewer)


def _places(accepted: Iterable[Accepted]) -> Iterator[Place]:
    for one in accepted:
        recorded, seen = None, Version(0)
        if one.act is not None:
            recorded, seen = Recorded(one.header.act(), one.version, one.recorded_at), one.header.seen.version
        yield Place(one.version, one.thread, one.kind_class, one.recorded_at, recorded, seen)
