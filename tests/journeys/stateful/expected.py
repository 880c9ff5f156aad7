"""Who may read which message, by plain bookkeeping: the model that the real clients must agree with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.ids import Millis, PrincipalId, ThreadNo, Version

Seat = tuple[ThreadNo, PrincipalId]


@dataclass
class Stay:
    """One membership: from its first version to the version that ended it, or to a time."""

    start: Version
    until: Version | None = None
    valid_until: Millis | None = None

    def covers(self, version: Version, recorded_at: Millis) -> bool:
        return (
            self.start < version
            and (self.until is None or version < self.until)
            and (self.valid_until is None or recorded_at < self.valid_until)
        )


@dataclass(frozen=True)
class Message:
    thread: ThreadNo
    version: Version
    recorded_at: Millis
    author: PrincipalId
    text: str


@dataclass
class Expected:
    """Stays, grants and messages. `user` reads along in `with_user` threads from `arrived` on."""

    stays: dict[Seat, list[Stay]] = field(default_factory=dict)
    granted: dict[Seat, set[Version]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    with_user: dict[ThreadNo, Version] = field(default_factory=dict)
    staff_only: set[ThreadNo] = field(default_factory=set)
    user: PrincipalId | None = None

    @property
    def threads(self) -> list[ThreadNo]:
        return sorted({*self.with_user, *self.staff_only})

    def joined(self, thread: ThreadNo, who: PrincipalId, version: Version, valid_until: Millis | None) -> None:
        for stay in self.stays.setdefault((thread, who), []):
            stay.until = stay.until or version
        self.stays[thread, who].append(Stay(version, None, valid_until))

    def left(self, thread: ThreadNo, who: PrincipalId, version: Version) -> None:
        for stay in self.stays[thread, who]:
            stay.until = stay.until or version

    def arrived(self, user: PrincipalId, version: Version) -> None:
        self.user = user
        for thread in self.with_user:
            self.joined(thread, user, version, None)

    def opened(self, thread: ThreadNo, version: Version, *, with_user: bool) -> None:
        if not with_user:
            self.staff_only.add(thread)
            return
        self.with_user[thread] = version
        if self.user is not None:
            self.joined(thread, self.user, version, None)

    def grant(self, thread: ThreadNo, giver: PrincipalId, who: PrincipalId, since: int, before: Version) -> None:
        """Everything from `since` until just before the grant, as far as the giver may read it."""
        given = {m.version for m in self.readable(giver) if m.thread == thread and since <= m.version < before}
        self.granted.setdefault((thread, who), set()).update(given)

    def is_member(self, thread: ThreadNo, who: PrincipalId, at: Millis) -> bool:
        """Whether a stay is open at a time."""
        stays = self.stays.get((thread, who), ())
        return any(s.until is None and (s.valid_until is None or at < s.valid_until) for s in stays)

    def is_for_good(self, thread: ThreadNo, who: PrincipalId) -> bool:
        """Whether a stay is open and has no end."""
        return any(s.until is None and s.valid_until is None for s in self.stays.get((thread, who), ()))

    def is_here_for_good(self, who: PrincipalId) -> bool:
        """Whether a stay without an end is open in any thread."""
        return any(self.is_for_good(thread, who) for thread in self.threads)

    def begin(self, thread: ThreadNo, who: PrincipalId) -> Version:
        """When the newest stay began: before it has seen that, nobody writes there."""
        return self.stays[thread, who][-1].start

    def terms_end(self) -> Millis:
        """When the last limited stay is over."""
        ends = [s.valid_until for stays in self.stays.values() for s in stays if s.valid_until is not None]
        return max(ends, default=Millis(0))

    def readable(self, who: PrincipalId) -> list[Message]:
        """What `who` may read, in recorded order."""
        return [message for message in self.in_order() if self._may_read(who, message)]

    def sealed(self, who: PrincipalId) -> list[Message]:
        """What no key of `who` may open."""
        return [message for message in self.in_order() if not self._may_read(who, message)]

    def in_order(self) -> Iterable[Message]:
        return sorted(self.messages, key=lambda m: m.version)

    def _may_read(self, who: PrincipalId, message: Message) -> bool:
        seat = (message.thread, who)
        stays = self.stays.get(seat, ())
        inside = any(stay.covers(message.version, message.recorded_at) for stay in stays)
        return inside or message.version in self.granted.get(seat, ())
