"""Opening a channel with a history: fetch, verify, keep and decrypt everything, in a process that does nothing else.

`python -m tests.bench.history ORDER`, a JSON map of world, url, channel and name, opens it once with an empty local
store and once more with what the first time left there, and says how long each took.
"""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import samsnakk
from protocol.acts import Place
from tests.bench.crews import ROOT
from tests.bench.profiles import new_profile, same_profile
from tests.bench.stage import Stage

_PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Openings:
    """Seconds until the last message is decrypted: with nothing in store, and from the local store."""

    first: float
    again: float


async def openings(stage: Stage, place: Place, messages: int) -> Openings:
    """As the second member, in a fresh process."""
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
    assert found["messages"] == [messages, messages]
    return Openings(*found["seconds"])


async def open_once(unlocked: samsnakk.Unlocked, order: dict[str, str]) -> tuple[float, int]:
    """Seconds from opening the client until all is read, and how many texts that was."""
    started = time.perf_counter()
    async with samsnakk.Client(unlocked, order["url"]) as client:
        channel = await client.channel(bytes.fromhex(order["channel"]))
        await channel.caught_up(_PATIENCE)
        texts = 0
        async for event in channel.events(follow=False):
            texts += isinstance(event.content, samsnakk.Text)
        took = time.perf_counter() - started
    return took, texts


async def main(order: dict[str, str], folder: Path) -> None:
    first = await open_once(new_profile(Path(order["world"]), order["name"], folder), order)
    again = await open_once(same_profile(folder), order)
    print(json.dumps({"seconds": [first[0], again[0]], "messages": [first[1], again[1]]}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="sk-") as made:
        asyncio.run(main(json.loads(sys.argv[1]), Path(made) / "profile"))
