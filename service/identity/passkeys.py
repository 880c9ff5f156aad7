"""Passkeys (WebAuthn Level 3): a second way in for somebody who has signed in at a provider before.

A passkey belongs to who registered it; whose principal that is was said by a device, as for every other session. The
challenge follows from a token in the browser's cookie, so no other browser can answer it, nor can the database.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Final, TypeVar

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from crypto import labels
from crypto.derivation import expand_key
from crypto.random import new_id
from crypto.shapes import SecretKey
from protocol.sign_in.tokens import name_of, read_token
from service.errors import NotFound
from service.handle.hub_acts import now
from service.identity.errors import PasskeyCloned, PasskeyNotAdded, PasskeyRefused, SessionNotBound
from service.identity.sessions import Session, Sessions
from service.identity.tokens import new_token
from service.store.passkeys import PasskeyRow, PasskeyStore

Json = dict[str, Any]
CHALLENGE_LIFE: Final = 5 * 60_000
"""Milliseconds."""
PASSKEY_LIFE: Final = 180 * 24 * 60 * 60_000
"""Milliseconds; then one makes a new one after a login at the provider, so who has left does not come in for ever."""
MAX_PASSKEYS: Final = 10
MAX_PASSKEY_NAME: Final = 60
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page hands to the browser, and the token that binds the answer to it."""

    options: Json
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Site:
    """`domain`: what passkeys are made for (RP id); `origin`: the one origin that may use them."""

    domain: str
    origin: str


class Passkeys:
    """The passkeys of a deployment."""

    def __init__(self, site: Site, store: PasskeyStore, sessions: Sessions, key: bytes) -> None:
        self._site: Final = site
        self._store: Final = store
        self._sessions: Final = sessions
        self._key: Final = SecretKey(key)

    @property
    def domain(self) -> str:
        """What passkeys are made for (RP id)."""
        return self._site.domain

    async def begin_registration(self, session: Session) -> Asked:
        """What a new passkey is made from.

        Raises:
            StepUpNeeded: the person has not just signed in at the provider.
            SessionNotBound: it is not known yet whose devices these are.
            StoreError: not (known to be) stored.

        """
        _require_owner(session)
        token = await self._new_challenge(session.id)
        known = await self._store.of(session.row.subject)
        options = webauthn.generate_registration_options(
            rp_id=self._site.domain,
            rp_name="Samsnakk",
            user_name="Samsnakk, ansatt" if session.row.audience == "staff" else "Samsnakk",
            user_id=self._handle(session.row.subject),
            challenge=_challenge(token),
            timeout=CHALLENGE_LIFE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential) for row in known],
        )
        return Asked(options_to_json_dict(options), token)

    async def register(self, session: Session, token: str, name: str, answer: Json, *, unlocks: bool) -> None:
        """Take in a new passkey.

        Raises:
            StepUpNeeded, SessionNotBound: as `begin_registration`.
            PasskeyRefused: too late, a second time, another browser or session, or the answer does not hold.
            PasskeyNotAdded: the person has too many, or this one is registered already.
            StoreError: not (known to be) stored.

        """
        _require_owner(session)
        if await self._taken(token) != session.id:
            raise PasskeyRefused("challenge")
        made = _checked(
            answer,
            lambda: webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=_challenge(token),
                expected_rp_id=self._site.domain,
                expected_origin=self._site.origin,
                require_user_verification=True,
            ),
        )
        row = _new_row(session, made, name, unlocks=unlocks)
        if not await self._store.add(row, MAX_PASSKEYS):
            raise PasskeyNotAdded

    async def begin_sign_in(self) -> Asked:
        """What somebody signs in with; whoever has a passkey for us may answer. Raises StoreError."""
        token = await self._new_challenge(None)
        options = webauthn.generate_authentication_options(
            rp_id=self._site.domain,
            challenge=_challenge(token),
            timeout=CHALLENGE_LIFE,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return Asked(options_to_json_dict(options), token)

    async def sign_in(self, token: str, answer: Json) -> Session:
        """The session of whose passkey answered.

        Raises:
            PasskeyRefused: too late, a second time, another browser, unknown, removed, or the answer does not hold.
            PasskeyCloned: its counter went back, now or before: it is suspended and its sessions have ended.
            StoreError: the database does not answer.

        """
        if await self._taken(token) is not None:
            raise PasskeyRefused("challenge")
        row = await self._store.find(_credential(answer), now())
        if row is None:
            raise PasskeyRefused("unknown")
        # The library would raise the same for a counter as for a signature; zero leaves the counter to us.
        found = _checked(
            answer,
            lambda: webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=_challenge(token),
                expected_rp_id=self._site.domain,
                expected_origin=self._site.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            ),
        )
        if not compare_digest(_user_handle(answer), self._handle(row.subject)):
            raise PasskeyRefused("owner")
        if not await self._store.use(row.id, found.new_sign_count, now()):
            await self._store.suspend(row.id, now())
            await self._sessions.end_of_passkey(row.credential)
            raise PasskeyCloned
        return await self._sessions.open_with_passkey(row)

    async def of(self, session: Session) -> list[PasskeyRow]:
        """The person's passkeys. Raises StoreError."""
        return await self._store.of(session.row.subject)

    async def remove(self, session: Session, key: bytes) -> None:
        """Take a passkey away; its sessions end at once.

        Raises:
            StepUpNeeded: the person has not just signed in at the provider.
            NotFound: no such passkey of this person.
            StoreError: not (known to be) done.

        """
        session.require_fresh_login()
        credential = await self._store.remove(key, session.row.subject, now())
        if credential is None:
            raise NotFound
        await self._sessions.end_of_passkey(credential)

    async def _new_challenge(self, session: bytes | None) -> str:
        token = new_token()
        await self._store.keep_challenge(_name(token), session, now() + CHALLENGE_LIFE)
        return token

    async def _taken(self, token: str) -> bytes | None:
        taken = await self._store.take_challenge(_name(token), now())
        if taken is None:
            raise PasskeyRefused("challenge")
        return taken[0]

    def _handle(self, subject: bytes) -> bytes:
        # Authenticators keep it, so it must not be what rows are found by.
        return expand_key(self._key, label=labels.PASSKEY_HANDLE, context=subject)


def _require_owner(session: Session) -> None:
    session.require_fresh_login()
    if session.row.principal is None:
        raise SessionNotBound


def _new_row(session: Session, made: VerifiedRegistration, name: str, *, unlocks: bool) -> PasskeyRow:
    at = now()
    return PasskeyRow(
        new_id(),
        made.credential_id,
        session.row.subject,
        session.row.provider,
        session.row.audience,
        made.credential_public_key,
        made.sign_count,
        name,
        unlocks,
        at,
        at,
        at + PASSKEY_LIFE,
        suspended=False,
    )


def _name(token: str) -> bytes:
    key = name_of(token, labels.PASSKEY_TOKEN)
    if key is None:
        raise PasskeyRefused("challenge")
    return key


def _challenge(token: str) -> bytes:
    raw = read_token(token)
    if raw is None:
        raise PasskeyRefused("challenge")
    return expand_key(SecretKey(raw), label=labels.PASSKEY_CHALLENGE, context=b"")


def _checked(answer: Json, verify: Callable[[], _V]) -> _V:
    """What the library found. It and its parsers raise many things at bytes of an attacker; all mean the same here."""
    try:
        framed = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"])).get("crossOrigin", False)
        found = verify()
    except Exception:  # noqa: BLE001 - see above; the cause may hold what was sent
        raise PasskeyRefused("answer") from None
    # Inside somebody else's page the person cannot see who asks (WebAuthn §7.1 step 10, §7.2 step 13).
    if framed is not False:
        raise PasskeyRefused("answer")
    return found


def _credential(answer: Json) -> bytes:
    return _bytes_at(answer, ("rawId",))


def _user_handle(answer: Json) -> bytes:
    return _bytes_at(answer, ("response", "userHandle"))


def _bytes_at(answer: Json, path: Iterable[str]) -> bytes:
    value: Any = answer
    try:
        for name in path:
            value = value[name]
        raw: bytes = base64url_to_bytes(value)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PasskeyRefused("answer") from None
    return raw
