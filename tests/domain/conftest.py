"""Every test gets its own channel."""

import pytest

from tests.domain.channel_builder import Story, around_ida


@pytest.fixture
def story() -> Story:
    """Ida's channel: two organisations, a relative, and three threads (see `around_ida`)."""
    return around_ida()
