"""Standard input and output of a demonstration's processes, line by line."""

import asyncio
import os
import sys

from samsnakk.demo.lines import LONGEST_LINE


def say(line: bytes) -> None:
    """Write a whole line in one go: reports and answers come from different tasks of one thread."""
    data = memoryview(line)
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


async def standard_input() -> asyncio.StreamReader:
    """Standard input, to be read line by line."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader
