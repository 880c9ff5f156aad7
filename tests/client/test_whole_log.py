"""A whole log is checked on all processors, with progress, and fails as one."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from crypto.errors import BadProof
from crypto.log_tiles import TILE_WIDTH
from samsnakk.whole_log import check_log, processors
from tests.crypto.test_log_parts import ENTRIES, bundles, signed


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with processors(2) as made:
        yield made


def test_it_says_how_far_it_is_and_ends_with_the_whole(
    pool: ProcessPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samsnakk.whole_log.BUNDLES", 2)
    told: list[int] = []
    found = check_log(bundles(ENTRIES), signed(ENTRIES), pool, told.append)
    assert found.size == told[-1] == len(ENTRIES)
    assert told == [2 * TILE_WIDTH, 4 * TILE_WIDTH, 5 * TILE_WIDTH]


def test_another_log_fails(pool: ProcessPoolExecutor) -> None:
    with pytest.raises(BadProof):
        check_log(bundles(ENTRIES[:-1]), signed(ENTRIES), pool, lambda _: None)
    with pytest.raises(BadProof):
        check_log(bundles([*ENTRIES, ENTRIES[-1]]), signed(ENTRIES), pool, lambda _: None)
