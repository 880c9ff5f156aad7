"""An audit leaves evidence like everything else: the user's bundle holds it, and both verifiers take it."""

import json
from pathlib import Path

from samsnakk.demo.world import World
from samsnakk.evidence.collecting import collect
from samsnakk.evidence.contents import EVENTS
from samsnakk.evidence.zipped import opened
from tests.client.audits.conftest import Audits, Talk, approved
from tests.client.conftest import Connect
from tests.client.evidence.bundles import written
from tests.client.evidence.test_fhir import faults, follows_the_profile


async def test_every_look_of_an_auditor_stands_in_the_users_bundle(
    audits: Audits, talk: Talk, connect: Connect, world: World, tmp_path: Path
) -> None:
    agnes, file = await approved(audits, talk)
    await agnes.readings(file, await agnes.headers(file))
    elle = await connect("Elle")
    hers = await elle.channel(talk.staff.id)
    made = written(world, elle, hers, await collect(elle, hers, patience=0.0), tmp_path)
    looks = [one for one in made.verified().read.readings if one.case is not None]
    assert [bool(one.bases) for one in looks] == [True, False]
    alone = made.alone()
    assert alone.returncode == 0, alone.stderr
    with opened(made.path) as bundle:
        events = [json.loads(line) for line in bundle.lines(EVENTS)]
    assert faults(events) == [[] for _ in events]
    for event in events:
        follows_the_profile(event)
    numbers = [d["valueString"] for event in events for d in event["entity"][1]["detail"] if d["type"] == "case number"]
    assert numbers == ["2026/17", "2026/17"]
