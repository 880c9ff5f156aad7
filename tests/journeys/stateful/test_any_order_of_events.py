"""Joins, removals, expiry, key changes, grants, concurrent posts, broken wraps and reconnects in any order."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from samsnakk import compose
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.journeys.stateful.crew import Saboteur
from tests.journeys.stateful.machine import ChannelMachine

# Examples hold real processes and clocks: a smaller failing one is not found by trying a hundred others.
REAL = settings(
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=True,
)


def _run(
    start_hub: Callable[..., HubProcess], folder: Path, monkeypatch: pytest.MonkeyPatch, examples: int, steps: int
) -> None:
    world = World.create(folder / "world")
    hub = start_hub(world)
    saboteur = Saboteur()
    monkeypatch.setattr(compose, "seal_epoch", saboteur.seal)
    run_state_machine_as_test(
        cast("type[ChannelMachine]", partial(ChannelMachine, world, hub.url, folder, saboteur)),
        settings=settings(REAL, max_examples=examples, stateful_step_count=steps),
    )
    assert hub.stop() == 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_everybody_reads_exactly_what_is_addressed_to_them(
    start_hub: Callable[..., HubProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(start_hub, tmp_path, monkeypatch, examples=7, steps=30)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_everybody_reads_exactly_what_is_addressed_to_them_for_long(
    start_hub: Callable[..., HubProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(start_hub, tmp_path, monkeypatch, examples=400, steps=60)
