"""A process with some of the members: `python -m tests.bench.crew ORDER`, a JSON map of world, url, channel and names.

It writes a line when all its members are up to date ("ready"), then the number of messages that all of them have
decrypted each time it grows. To "report" on standard input it answers one line of JSON and forgets what it told.
"""

import asyncio
import json
import os
import sys
import time

import uvloop
from websockets.exceptions import ConnectionClosed

from domain.ids import ChannelId
from protocol.acts import Place
from tests.bench.member import Member, read_world
from tests.bench.room import index_of


class Tally:
    """Which message all members of this process have decrypted, and when the last of them had."""

    def __init__(self, members: int) -> None:
        self._members = members
        self._have: dict[int, int] = {}
        self.done_at: dict[int, int] = {}
        self.done = 0
        self.cut_off = 0

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
        return json.dumps({"done_at": told, "cut_off": self.cut_off})


def say(line: str) -> None:
    os.write(sys.stdout.fileno(), line.encode() + b"\n")


async def follow(member: Member, tally: Tally, url: str) -> None:
    """For ever; cut off for reading too slowly, it comes back and goes on where it was."""
    while True:
        before = tally.done
        try:
            for text in await member.read():
                tally.decrypted(text)
        except ConnectionClosed:
            tally.cut_off += 1
            await member.connect(url)
        if tally.done != before:
            say(str(tally.done))


async def obey(tally: Tally) -> None:
    """Answer until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        say(tally.report())


async def main(order: dict[str, str]) -> None:
    world = read_world(order["world"])
    place = Place(world.deployment, ChannelId(bytes.fromhex(order["channel"])))
    members = [Member(world, world.person(name), place) for name in order["names"]]
    for member in members:
        await member.connect(order["url"])
        await member.catch_up()
    tally = Tally(len(members))
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(follow(member, tally, order["url"])) for member in members]
        say("ready")
        await obey(tally)
        for task in following:
            task.cancel()


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
