"""Sign-ins at the configured providers, each bound to the browser that began it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import msgspec

from crypto import labels
from crypto.random import random_bytes
from protocol.sign_in import Outside, RelyingParty, SignInFailed, Why, decode_pending, encode_pending
from protocol.sign_in.configuration import Configuration
from protocol.sign_in.pending import MAX_WAIT
from protocol.sign_in.tokens import name_of, open_with, seal_for
from service.errors import NotFound
from service.handle.hub_acts import now
from service.identity.calls import run
from service.identity.sessions import Session, Sessions
from service.identity.tokens import new_token
from service.store.sessions import SessionStore


class Note(msgspec.Struct, frozen=True):
    """What a sign-in remembers for its return: the page to go to, and the session it renews (its hash in hex)."""

    then: str
    renews: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """Where the browser goes, and the token that binds the sign-in to it."""

    url: str = field(repr=False)
    token: str = field(repr=False)


class SignIns:
    """The relying parties of this hub. Tokens of sign-ins stand in a cookie, what they open in the database."""

    def __init__(
        self, configuration: Configuration, store: SessionStore, sessions: Sessions, http: aiohttp.ClientSession
    ) -> None:
        self.configuration: Final = configuration
        self._store: Final = store
        self._sessions: Final = sessions
        self._http: Final = http
        outside = Outside(lambda: int(time.time()), random_bytes)
        self._parties = {n: RelyingParty(p.client, outside) for n, p in configuration.providers.items()}

    def party(self, provider: str) -> RelyingParty:
        """The relying party towards a provider. Raises `NotFound`."""
        found = self._parties.get(provider)
        if found is None:
            raise NotFound
        return found

    async def start(self, provider: str, note: Note, max_age: int | None) -> Started:
        """Begin a sign-in.

        Raises:
            NotFound: no such provider.
            SignInFailed, ProviderUnavailable, StoreError: it cannot be begun.

        """
        party = self.party(provider)
        begun = await run(party.begin(max_age=max_age, note=msgspec.json.encode(note).decode()), self._http)
        token = new_token()
        key = name_of(token, labels.SIGN_IN_TOKEN)
        if key is None:
            raise NotFound
        sealed = seal_for(token, labels.SIGN_IN_BOX, encode_pending(begun.pending))
        await self._store.keep_sign_in(key, sealed, now() + MAX_WAIT * 1000)
        return Started(begun.url, token)

    async def finish(self, provider: str, token: str, query: Mapping[str, str]) -> tuple[Session, str]:
        """The session of who came back with this query and this browser's token, and the page to go to.

        The sign-in is used up, whatever comes of it: a second return with the same query finds nothing.

        Raises:
            NotFound: no such provider.
            SignInFailed: another browser, a second time, too late, or something else does not hold.
            ProviderUnavailable, StoreError: it cannot be told.

        """
        party = self.party(provider)
        key = name_of(token, labels.SIGN_IN_TOKEN)
        sealed = None if key is None else await self._store.take_sign_in(key, now())
        opened = None if sealed is None else open_with(token, labels.SIGN_IN_BOX, sealed)
        if opened is None:
            raise SignInFailed(Why.WRONG_STATE)
        pending = decode_pending(opened)
        person = await run(party.finish(pending, query), self._http)
        note = msgspec.json.decode(pending.note, type=Note)
        session = await self._sessions.open(person, party.client.profile.audience)
        if note.renews:  # a stolen older token must not outlive the step up
            await self._sessions.end(bytes.fromhex(note.renews))
        return session, note.then

    async def logout_address(self, session: Session) -> str | None:
        """Where to sign out at the provider too; None where that cannot be.

        Raises:
            SignInFailed, ProviderUnavailable: the provider cannot be asked.

        """
        sealed = session.sealed
        if sealed is None or session.row.provider not in self._parties:
            return None
        return await run(self.party(session.row.provider).logout_address(sealed.id_token), self._http)

    async def ended(self, provider: str, logout_token: str) -> int:
        """Take in a logout token of a provider; returns how many sessions it ended.

        Raises:
            NotFound: no such provider.
            SignInFailed: forged, foreign, too old, or used before.
            ProviderUnavailable, StoreError: it cannot be told.

        """
        notice = await run(self.party(provider).ended(logout_token), self._http)
        return await self._sessions.end_at_provider(notice)
