"""The library's own test cases, as shipped, on our recorder."""

from collections.abc import Iterator

import pytest
from eventsourcing.tests import persistence as shipped

from tests.service.store.conftest import Database
from tests.service.store.sync_facade import StoreThread, SyncAggregateRecorder, SyncRecorder


class OnOurStore:
    """Gives each test a recorder on a database of its own."""

    thread: StoreThread

    @pytest.fixture(autouse=True)
    def _open_store(self, embedded_database: Database) -> Iterator[None]:
        self.thread = StoreThread(embedded_database.dsn())
        yield
        self.thread.close()

    def create_recorder(self) -> SyncRecorder:
        return SyncRecorder(self.thread)


class TestAggregateRecorder(OnOurStore, shipped.AggregateRecorderTestCase):
    def create_recorder(self) -> SyncAggregateRecorder:  # type: ignore[override]
        return SyncAggregateRecorder(self.thread)


class TestApplicationRecorder(OnOurStore, shipped.ApplicationRecorderTestCase):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnOurStore, shipped.TrackingRecorderTestCase):
    pass


class TestProcessRecorder(OnOurStore, shipped.ProcessRecorderTestCase):
    pass


class TestNonInterleavingNotificationIDs(OnOurStore, shipped.NonInterleavingNotificationIDsBaseCase):
    pass
