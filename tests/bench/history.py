"""Opening a channel with a history: fetch, verify and decrypt everything, in a process that does nothing else.

`python -m tests.bench.history ORDER`, a JSON map of world, url, channel and name, opens it once and says how long it
took.
"""

import asyncio
import json
import sys
import time

import uvloop

from domain.ids import ChannelId
from protocol.acts import Place
from tests.bench.crews import ROOT
from tests.bench.member import Member, read_world
from tests.bench.stage import Stage

_PATIENCE = 120.0


async def opening_seconds(stage: Stage, place: Place, messages: int) -> float:
    """Seconds from connecting to the last message decrypted, by the second member."""
    order = {
        "world": str(stage.world.folder),
        "url": stage.url,
        "channel": place.channel.hex(),
        "name": stage.world.people[1].key,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.history", json.dumps(order), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE):
        found = json.loads(await process.stdout.read())
        await process.wait()
    assert found["messages"] == messages
    return float(found["seconds"])


async def main(order: dict[str, str]) -> None:
    world = read_world(order["world"])
    place = Place(world.deployment, ChannelId(bytes.fromhex(order["channel"])))
    member = Member(world, world.person(order["name"]), place)
    started = time.perf_counter()
    await member.connect(order["url"])
    texts = await member.catch_up()
    print(json.dumps({"seconds": time.perf_counter() - started, "messages": len(texts)}))
    await member.close()


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
