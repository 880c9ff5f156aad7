"""Sessions: opaque to whoever holds one, kept as a hash, ended at any moment from either side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from crypto import labels
from crypto.derivation import expand_key
from crypto.hashing import hash_with
from crypto.shapes import SecretKey
from domain.ids import PrincipalId
from protocol.sign_in import Audience, LoggedOut, SignedIn, SignInFailed, Why
from protocol.sign_in.tokens import name_of, open_with, seal_for
from service.handle.hub_acts import now
from service.identity.errors import NoSession, StepUpNeeded
from service.identity.tokens import new_token
from service.store.passkeys import PasskeyRow
from service.store.sessions import SessionRow, SessionStore

MINUTE: Final = 60_000
IDLE: Final = {Audience.STAFF: 15 * MINUTE, Audience.USER: 30 * MINUTE}
ABSOLUTE: Final = 12 * 60 * MINUTE
"""Milliseconds after which one signs in anew, however busy one was."""
FRESH: Final = 5 * MINUTE
"""How long ago a person may have proved who they are for a sensitive act, milliseconds."""
TOUCH_EVERY: Final = MINUTE // 2
_NOTICE: Final = 15 * MINUTE
PASSKEY: Final = "passkey"
"""The level of a session that a passkey opened."""
Ended = Callable[[frozenset[bytes]], None]
HasLeft = Callable[[PrincipalId], bool]
"""Whether it stands in somebody's key stream that they have left: then nobody is signed in as them any more."""


class Sealed(msgspec.Struct, frozen=True):
    """What only the holder of the session's token can open: for signing out at the provider, and for the person."""

    id_token: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session in use, and its token."""

    row: SessionRow
    token: str = field(repr=False)

    @property
    def id(self) -> bytes:
        """The hash it is known by."""
        return self.row.id

    @property
    def sealed(self) -> Sealed | None:
        """What was sealed for its holder."""
        if self.row.sealed is None:
            return None
        opened = open_with(self.token, labels.SESSION_BOX, self.row.sealed)
        return None if opened is None else msgspec.json.decode(opened, type=Sealed)

    def require_fresh(self) -> None:
        """For sensitive acts. Raises `StepUpNeeded` unless the person proved who they are within five minutes."""
        if now() - self.row.auth_time > FRESH:
            raise StepUpNeeded

    def require_fresh_login(self) -> None:
        """For what changes the ways in, where a passkey is not enough. Raises `StepUpNeeded` unless at the provider."""
        self.require_fresh()
        if self.row.level == PASSKEY:
            raise StepUpNeeded


class Sessions:
    """The sessions of a deployment. `subject_key` (32 bytes): under it names at providers are hashed."""

    def __init__(self, store: SessionStore, subject_key: bytes, has_left: HasLeft = lambda _: False) -> None:
        self._store: Final = store
        self._has_left: Final = has_left
        self._key: Final = SecretKey(subject_key)
        self._listeners: list[Ended] = []

    def when_ended(self, listener: Ended) -> None:
        """Be told the ids of sessions as they are ended."""
        self._listeners.append(listener)

    async def open(self, person: SignedIn, audience: Audience) -> Session:
        """Begin a session for who has signed in. Raises StoreError, and `SignInFailed` for who has left."""
        token, at = new_token(), now()
        sealed = Sealed(person.id_token, person.child or person.parent)
        row = SessionRow(
            id=_id(token),
            audience=audience.value,
            provider=person.provider,
            subject=self._subject(person.issuer, person.subject),
            provider_session=self._provider_session(person.issuer, person.session),
            level=person.level,
            auth_time=person.auth_time * 1000,
            native=False,
            created_at=at,
            seen_at=at,
            idle=IDLE[audience],
            ends_at=at + ABSOLUTE,
            sealed=seal_for(token, labels.SESSION_BOX, msgspec.json.encode(sealed)),
        )
        await self._store.open(row)
        try:
            return await self.find(token)
        except NoSession:
            raise SignInFailed(Why.PERSON_ENDED) from None

    async def open_with_passkey(self, passkey: PasskeyRow) -> Session:
        """Begin a session for whose passkey answered; it ends with the passkey. Raises StoreError."""
        token, at = new_token(), now()
        row = SessionRow(
            id=_id(token),
            audience=passkey.audience,
            provider=passkey.provider,
            subject=passkey.subject,
            provider_session=self._passkey_session(passkey.credential),
            level=PASSKEY,
            auth_time=at,
            native=False,
            created_at=at,
            seen_at=at,
            idle=IDLE[Audience(passkey.audience)],
            ends_at=min(at + ABSOLUTE, passkey.ends_at),
            sealed=None,
        )
        await self._store.open(row)
        return await self.find(token)

    async def end_of_passkey(self, credential: bytes) -> None:
        """End the sessions that a passkey opened, programs' too. Raises StoreError."""
        self._tell(await self._store.end_at_provider(None, self._passkey_session(credential)))

    async def open_native(self, parent: SessionRow) -> Session:
        """Begin a program's own session beside the browser's; it ends no later. Raises StoreError."""
        token, at = new_token(), now()
        await self._store.open(replace(parent, id=_id(token), native=True, created_at=at, seen_at=at, sealed=None))
        return await self.find(token)

    async def find(self, token: str) -> Session:
        """The session of a token, now in use.

        Raises:
            NoSession: no such token, or its session has ended.
            StoreError: the database does not answer.

        """
        key, at = name_of(token, labels.SESSION_TOKEN), now()
        row = None if key is None else await self._store.find(key, at)
        if row is None:
            raise NoSession
        await self._require_there(row)
        if at - row.seen_at > TOUCH_EVERY:
            await self._store.touch([row.id], at)
        return Session(row, token)

    async def row(self, key: bytes) -> SessionRow:
        """A session by its hash. Raises `NoSession`, StoreError."""
        row = await self._store.find(key, now())
        if row is None:
            raise NoSession
        await self._require_there(row)
        return row

    async def _require_there(self, row: SessionRow) -> None:
        """Whoever has left is signed in no more: all their sessions end the next time one of them is used."""
        if row.principal is None or not self._has_left(PrincipalId(row.principal)):
            return
        self._tell(await self._store.end_at_provider(row.subject, None))
        raise NoSession

    async def touch(self, keys: Iterable[bytes]) -> None:
        """These sessions are in use. Raises StoreError."""
        await self._store.touch(keys, now())

    async def ended_among(self, keys: Iterable[bytes]) -> frozenset[bytes]:
        """Which of these hold no longer, wherever they were ended. Raises StoreError."""
        asked = frozenset(keys)
        return asked - await self._store.alive(asked, now()) if asked else asked

    async def end(self, key: bytes) -> None:
        """End one session. Raises StoreError."""
        self._tell(await self._store.end(key))

    async def end_others(self, session: Session) -> int:
        """End all other sessions of the same person; returns how many. Raises StoreError."""
        ended = await self._store.end_others(session.row.subject, session.id)
        self._tell(ended)
        return len(ended)

    async def end_at_provider(self, notice: LoggedOut) -> int:
        """End what the provider says has ended, once for each notice; returns how many sessions.

        Raises:
            SignInFailed: the notice was used before.
            StoreError: the database does not answer.

        """
        used = hash_with(labels.LOGOUT_NOTICE, f"{notice.issuer}\n{notice.token_id}".encode())
        if not await self._store.use_notice(used, now() + _NOTICE):
            raise SignInFailed(Why.REPLAYED)
        subject = None if notice.subject is None else self._subject(notice.issuer, notice.subject)
        ended = await self._store.end_at_provider(subject, self._provider_session(notice.issuer, notice.session))
        self._tell(ended)
        return len(ended)

    async def end_in_front(self, issuer: str, provider_session: str) -> None:
        """End what a page of the provider names in this browser (Front-Channel Logout 1.0). Raises StoreError."""
        self._tell(await self._store.end_at_provider(None, self._provider_session(issuer, provider_session)))

    def _tell(self, ended: set[bytes]) -> None:
        if ended:
            for listener in self._listeners:
                listener(frozenset(ended))

    def _subject(self, issuer: str, subject: str) -> bytes:
        return expand_key(self._key, label=labels.SUBJECT, context=f"{issuer}\n{subject}".encode())

    def _passkey_session(self, credential: bytes) -> bytes:
        # No issuer is called so: theirs are addresses.
        return expand_key(self._key, label=labels.PROVIDER_SESSION, context=b"passkey\n" + credential)

    def _provider_session(self, issuer: str, session: str | None) -> bytes | None:
        if not session:
            return None
        return expand_key(self._key, label=labels.PROVIDER_SESSION, context=f"{issuer}\n{session}".encode())


def _id(token: str) -> bytes:
    key = name_of(token, labels.SESSION_TOKEN)
    if key is None:
        raise ValueError("no token")
    return key
