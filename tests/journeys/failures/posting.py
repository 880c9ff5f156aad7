"""A program that writes through its outbox until it is killed: it says what it wants to write, then what is recorded.

python -m tests.journeys.failures.posting PROFILE URL CHANNEL FIRST
"""

import asyncio
import sys
from pathlib import Path

from domain.ids import ChannelId
from samsnakk import Client, Profile, Text

NAME = "Jon"


async def write(profile: Path, url: str, channel_id: ChannelId, first: int) -> None:
    unlocked = Profile.open(profile).unlock(key=bytes(range(32)))
    async with Client(unlocked, url) as client:
        channel = await client.channel(channel_id)
        await channel.caught_up()
        recorded: asyncio.Queue[asyncio.Task[None]] = asyncio.Queue(8)
        number = first
        while True:
            print("wants", number, flush=True)
            await recorded.put(asyncio.create_task(_post(channel, number)))
            while recorded.full():
                await recorded.get_nowait()
            number += 1


async def _post(channel: object, number: int) -> None:
    sent = await channel.post(0, Text(f"{NAME}:{number}:"))  # type: ignore[attr-defined]
    print("recorded", number, sent.version, flush=True)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], ChannelId(bytes.fromhex(sys.argv[3])), int(sys.argv[4])))
