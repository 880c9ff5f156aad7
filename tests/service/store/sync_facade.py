"""Our asynchronous recorder behind the library's synchronous interfaces: an event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Self, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
)

from service.store import EventStore, StoreSettings
from service.store.recorder import Recorder

T = TypeVar("T")


class StoreThread:
    """A store and its event loop, in a thread, between construction and `close`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self.recorder: Recorder
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with EventStore(StoreSettings(self._dsn)) as store:
                self.recorder = Recorder(store)
                self._ready.set()
                await self._stop.wait()
        except BaseException as error:
            self._failed = error
            raise
        finally:
            self._ready.set()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


class SyncAggregateRecorder(AggregateRecorder):
    def __init__(self, thread: StoreThread) -> None:
        self._thread = thread

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        self._thread.call(self._thread.recorder.insert_events(stored_events, **kwargs))
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        recorder = self._thread.recorder
        return self._thread.call(recorder.select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit))


class SyncRecorder(SyncAggregateRecorder, ProcessRecorder):
    """An application, tracking and process recorder."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        return self._thread.call(self._thread.recorder.insert_events(stored_events, **kwargs))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        recorder = self._thread.recorder
        return self._thread.call(
            recorder.select_notifications(start, limit, stop, topics, inclusive_of_start=inclusive_of_start)
        )

    def max_notification_id(self) -> int | None:
        return self._thread.call(self._thread.recorder.max_notification_id())

    def insert_tracking(self, tracking: Tracking) -> None:
        self._thread.call(self._thread.recorder.insert_tracking(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        return self._thread.call(self._thread.recorder.max_tracking_id(application_name))

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        return SyncSubscription(self, self._thread, gt, topics)


class SyncSubscription(Subscription[ApplicationRecorder]):
    def __init__(
        self, recorder: ApplicationRecorder, thread: StoreThread, gt: int | None, topics: Sequence[str]
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._thread = thread
        self._notifications: AsyncIterator[Notification] = thread.recorder.subscribe(gt, topics)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Notification:
        if self._has_been_stopped:
            raise StopIteration
        return self._thread.call(self._next())

    async def _next(self) -> Notification:
        return await anext(self._notifications)
