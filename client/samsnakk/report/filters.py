"""What a report is narrowed to: a period, a person, an organisation, a thread."""

from dataclasses import dataclass

from domain.access.disclosed import Disclosure
from domain.access.history import Place
from domain.ids import Millis, OrganisationId, PrincipalId, ThreadNo


@dataclass(frozen=True, slots=True)
class Filter:
    """None: not narrowed. `until` is not included."""

    since: Millis | None = None
    until: Millis | None = None
    person: PrincipalId | None = None
    organisation: OrganisationId | None = None
    thread: ThreadNo | None = None

    def within(self, at: Millis) -> bool:
        """Whether a moment lies in the period."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def place(self, place: Place) -> bool:
        """Whether an act belongs to it: by its author, or whom it is about."""
        if not self.within(place.recorded_at) or not self._in_thread(place.thread):
            return False
        if self.person is None and self.organisation is None:
            return True
        if place.recorded is None:
            return False
        act = place.recorded.act
        event = getattr(act.event, "joined", act.event)
        about = {act.author.person, act.author.role, getattr(event, "principal", None), getattr(event, "user", None)}
        houses = {act.author.organisation, getattr(event, "organisation", None)}
        return self._names(about, houses)

    def disclosure(self, one: Disclosure) -> bool:
        """Whether a disclosure belongs to it: by its reader."""
        r = one.reading
        return (
            self.within(one.at)
            and self._in_thread(one.thread)
            and self._names({r.person, r.reader, r.role}, {r.organisation})
        )

    def _in_thread(self, thread: ThreadNo | None) -> bool:
        return self.thread is None or thread is None or thread == self.thread

    def _names(self, people: set[PrincipalId | None], houses: set[OrganisationId | None]) -> bool:
        by_person = self.person is None or self.person in people
        return by_person and (self.organisation is None or self.organisation in houses)


EVERYTHING = Filter()
