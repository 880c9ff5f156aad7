"""Making the calls that `protocol.sign_in` asks for, with aiohttp."""

import asyncio
from typing import Final, TypeVar

import aiohttp

from protocol.sign_in import Answer, Call, ProviderUnavailable, SignInFailed, Steps, Why
from protocol.sign_in.json_values import MAX_ANSWER

DEADLINE: Final = 10.0
"""Seconds for one call."""
_T = TypeVar("_T")


async def run(steps: Steps[_T], session: aiohttp.ClientSession) -> _T:
    """Make the calls one after the other; returns what comes of them.

    Raises:
        SignInFailed: something does not hold.
        ProviderUnavailable: the provider cannot be reached or does not answer in time.

    """
    try:
        call = next(steps)
        while True:
            call = steps.send(await _made(call, session))
    except StopIteration as done:
        result: _T = done.value
        return result
    finally:
        steps.close()


async def _made(call: Call, session: aiohttp.ClientSession) -> Answer:
    headers = {**call.headers, "Accept": "application/json"}
    if call.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    method = "GET" if call.form is None else "POST"
    try:
        # A provider that sends us elsewhere would get our proof of identity sent elsewhere.
        async with (
            asyncio.timeout(DEADLINE),
            session.request(method, call.url, data=call.body, headers=headers, allow_redirects=False) as answer,
        ):
            body = await answer.content.read(MAX_ANSWER + 1)
            while not answer.content.at_eof() and len(body) <= MAX_ANSWER:
                body += await answer.content.read(MAX_ANSWER + 1 - len(body))
            if len(body) > MAX_ANSWER:
                raise SignInFailed(Why.TOO_LARGE)
            return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise ProviderUnavailable from None
