"""What one reader may see of a channel, remembered for as long as nothing can have changed it.

Most records are messages, and a message changes neither members nor ranges nor anything else that says who reads what:
the state's `threads` and `user` are the same objects before and after it. So a live reader is judged once for each kind
of record and thread, and again after every act that could matter and whenever somebody's term ends.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.channel.state import NOTHING, Channel, Thread, UserRef
from domain.channel.terms import KindClass
from domain.channel.visibility import reads, served_threads
from domain.ids import Millis, ThreadNo, Version
from protocol.requests import ReadRequest


class Placed(Protocol):
    """A record as its leaf shows it."""

    @property
    def version(self) -> Version:
        """Its place in the stream."""

    @property
    def thread(self) -> ThreadNo | None:
        """The thread it belongs to."""

    @property
    def kind_class(self) -> KindClass:
        """The class of its act."""


class Sight:
    """Answers what `domain.channel.visibility` answers about the reader of a request."""

    __slots__ = ("_from", "_request", "_served", "_since", "_threads", "_until", "_user", "_whole")

    def __init__(self, request: ReadRequest) -> None:
        self._request = request
        self._threads: Mapping[ThreadNo, Thread] = {}
        self._user: UserRef | None = None
        self._renew(NOTHING, Millis(0))

    def threads(self, channel: Channel, at: Millis) -> frozenset[ThreadNo]:
        """The threads to serve at `at`: those of the membership, narrowed to those asked for."""
        if not self._holds(channel, at):
            self._renew(channel, at)
        return self._served

    def view(self, channel: Channel, records: Sequence[Placed], at: Millis) -> tuple[bool, ...]:
        """For each record whether the reader gets it (True) or its leaf only."""
        if not self._holds(channel, at):
            self._renew(channel, at)
        return tuple([self._reads(channel, record, at) for record in records])

    def _holds(self, channel: Channel, at: Millis) -> bool:
        same = channel.threads is self._threads and channel.user is self._user
        return same and self._from <= at and (self._until is None or at < self._until)

    def _renew(self, channel: Channel, at: Millis) -> None:
        self._threads, self._user, self._since, self._from = channel.threads, channel.user, channel.version, at
        members = (member for thread in channel.threads.values() for member in thread.members.values())
        ends = (member.valid_until for member in members if member.valid_until is not None)
        self._until = min((end for end in ends if end > at), default=None)
        served, asked = served_threads(channel, self._request.reader, at), self._request.threads
        self._served = served & frozenset(asked) if asked else served
        self._whole: dict[tuple[ThreadNo | None, KindClass], bool] = {}

    def _reads(self, channel: Channel, record: Placed, at: Millis) -> bool:
        # Ranges, hidings and retractions name versions up to the newest one, so they treat all later ones alike.
        if record.version <= self._since:
            return self._asks(channel, record, at)
        place = record.thread, record.kind_class
        if place not in self._whole:
            self._whole[place] = self._asks(channel, record, at)
        return self._whole[place]

    def _asks(self, channel: Channel, record: Placed, at: Millis) -> bool:
        request = self._request
        return reads(channel, request.reader, record.thread, record.kind_class, record.version, at, request.person)
