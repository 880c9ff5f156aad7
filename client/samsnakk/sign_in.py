"""Signing staff in from a program of an organisation: the shell around `protocol.sign_in` that its node uses.

async with OpenIdProvider(client) as provider:
begun = await provider.begin(max_age=300)      # keep begun.pending, send the browser to begun.url
person = await provider.finish(begun.pending, query)
"""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self, TypeVar

import aiohttp

from crypto.random import random_bytes
from protocol.sign_in import (
    Answer,
    Begun,
    Call,
    Client,
    LoggedOut,
    Outside,
    Pending,
    ProviderUnavailable,
    RelyingParty,
    SignedIn,
    SignInFailed,
    Steps,
    Why,
)
from protocol.sign_in.json_values import MAX_ANSWER

DEADLINE: Final = 10.0
"""Seconds for one call."""
_T = TypeVar("_T")


class OpenIdProvider:
    """One provider, as `client` is registered with it; an asynchronous context manager."""

    def __init__(self, client: Client) -> None:
        self._party = RelyingParty(client, Outside(lambda: int(time.time()), random_bytes))
        self._opened: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._opened = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.close()

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            raise ProviderUnavailable
        return self._opened

    async def begin(self, *, max_age: int | None = None, note: str = "") -> Begun:
        """Begin a sign-in; `max_age`: how many seconds ago the person may have proved who they are, 0: must do so now.

        Raises:
            SignInFailed, ProviderUnavailable: it cannot be begun.

        """
        return await _run(self._party.begin(max_age=max_age, note=note), self._session)

    async def finish(self, pending: Pending, query: Mapping[str, str]) -> SignedIn:
        """Who came back with this query. The caller uses each `pending` once, for the browser it was begun in.

        Raises:
            SignInFailed: something does not hold; nobody is signed in.
            ProviderUnavailable: the provider does not answer.

        """
        return await _run(self._party.finish(pending, query), self._session)

    async def ended(self, logout_token: str) -> LoggedOut:
        """What a logout token ends; the caller refuses a `token_id` it has seen. Raises as `finish`."""
        return await _run(self._party.ended(logout_token), self._session)


async def _run(steps: Steps[_T], session: aiohttp.ClientSession) -> _T:
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
