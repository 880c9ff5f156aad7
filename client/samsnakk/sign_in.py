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
    Steps,
)
from protocol.sign_in.driving import drive, read_answer

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
        return await run(self._party.begin(max_age=max_age, note=note), self._session)

    async def finish(self, pending: Pending, query: Mapping[str, str]) -> SignedIn:
        """Who came back with this query. The caller uses each `pending` once, for the browser it was begun in.

        Raises:
            SignInFailed: something does not hold; nobody is signed in.
            ProviderUnavailable: the provider does not answer.

        """
        return await run(self._party.finish(pending, query), self._session)

    async def ended(self, logout_token: str) -> LoggedOut:
        """What a logout token ends; the caller refuses a `token_id` it has seen. Raises as `finish`."""
        return await run(self._party.ended(logout_token), self._session)


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
