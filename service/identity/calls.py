"""Making the calls that `protocol.sign_in` asks for, with aiohttp."""

import asyncio
from typing import Final, TypeVar

import aiohttp

from protocol.sign_in import Answer, Call, ProviderUnavailable, Steps
from protocol.sign_in.driving import drive, read_answer

DEADLINE: Final = 10.0
"""Seconds for one call."""
_T = TypeVar("_T")


async def run(steps: Steps[_T], session: aiohttp.ClientSession) -> _T:
    """Make the calls one after the other; returns what comes of them. Raises as `protocol.sign_in.driving.drive`."""

    async def made(call: Call) -> Answer:
        # A provider that sends us elsewhere would get our proof of identity sent elsewhere.
        asked = session.request(call.method, call.url, data=call.body, headers=call.all_headers, allow_redirects=False)
        try:
            async with asyncio.timeout(DEADLINE), asked as answer:
                return await read_answer(answer.status, answer.headers, answer.content)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise ProviderUnavailable from None

    return await drive(steps, made)
