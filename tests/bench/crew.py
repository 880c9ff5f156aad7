"""A process with some of the members: `python -m tests.bench.crew ORDER`, a JSON map of world, url, channel and names.

It writes a line when all its members are up to date ("ready"), then the number of messages that all of them have
decrypted each time it grows. To "report" on standard input it answers one line of JSON and forgets what it told.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import samsnakk
from tests.bench.profiles import new_profile
from tests.bench.room import index_of


class Tally:
    """Which message all members of this process have decrypted, and when the last of them had."""

    def __init__(self, members: int) -> None:
        self._members = members
        self._have: dict[int, int] = {}
        self.done_at: dict[int, int] = {}
        self.done = 0

    def decrypted(self, text: str) -> None:
        index = index_of(text)
        have = self._have.get(index, 0) + 1
        if have < self._members:
            self._have[index] = have
            return
        self._have.pop(index, None)
        self.done_at[index] = time.monotonic_ns()
        self.done += 1

    def report(self) -> str:
        told, self.done_at = self.done_at, {}
        return json.dumps({"done_at": told})


def say(line: str) -> None:
    os.write(sys.stdout.fileno(), line.encode() + b"\n")


async def follow(channel: samsnakk.Channel, tally: Tally) -> None:
    """For ever; the SDK comes back by itself if it is cut off."""
    before = tally.done
    async for event in channel.events(channel.version):
        if isinstance(event.content, samsnakk.Text):
            tally.decrypted(event.content.text)
        if tally.done != before:
            before = tally.done
            say(str(before))


async def obey(tally: Tally) -> None:
    """Answer until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        say(tally.report())


async def main(order: dict[str, str], folder: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        channels = []
        for name in order["names"]:
            client = samsnakk.Client(new_profile(Path(order["world"]), name, folder / name), order["url"])
            await stack.enter_async_context(client)
            channels.append(await client.channel(bytes.fromhex(order["channel"])))
        for channel in channels:
            await channel.caught_up()
        tally = Tally(len(channels))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        following = [group.create_task(follow(channel, tally)) for channel in channels]
        say("ready")
        await obey(tally)
        for task in following:
            task.cancel()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="sk-") as made:
        asyncio.run(main(json.loads(sys.argv[1]), Path(made)))
