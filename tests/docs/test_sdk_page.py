"""The examples of docs/sdk.md, run against a real hub."""

import re
from pathlib import Path
from typing import Any

import pytest

from samsnakk import Terms
from samsnakk.demo.profiles import make_profile, unlock_profile
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.docs.generate import ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def examples() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for block in BLOCK.findall((ROOT / "docs/sdk.md").read_text("utf-8")):
        exec(compile(block, "docs/sdk.md", "exec"), found)  # noqa: S102 - our own page
    return found


async def test_what_the_page_writes_the_page_reads(
    examples: dict[str, Any], hub: HubProcess, world: World, tmp_path: Path
) -> None:
    for name in ("Kari", "Ingrid"):
        make_profile(tmp_path / name, world.trust, world.person(name), ())
    ingrid = world.person("Ingrid")
    terms = Terms(ingrid.id, organisation=ingrid.organisation)
    channel = await examples["begin"](unlock_profile(tmp_path / "Kari"), hub.url, terms)
    said = await examples["read"](unlock_profile(tmp_path / "Ingrid"), hub.url, channel)
    assert said == ["God dag! Shall we meet on Tuesday?", "Who books the room?"]
