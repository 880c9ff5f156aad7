"""The relying party of one provider: begin, finish, end (RFC 6749, 7636, 9126, 9207, 9449; OIDC Core §3.1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final, TypeVar

from protocol.sign_in.calls import Answer, Call, Pairs, Steps, with_query
from protocol.sign_in.client import ASSERTION_TYPE, Client, client_assertion
from protocol.sign_in.discovery import Metadata, discovery_address, read_metadata
from protocol.sign_in.dpop import SEED, DpopKey
from protocol.sign_in.id_tokens import Expected, SignedIn, verify_id_token
from protocol.sign_in.jose import ProviderKeys, b64, hashed, read_keys
from protocol.sign_in.json_values import Json, read_object, text
from protocol.sign_in.logout_tokens import LoggedOut, verify_logout_token
from protocol.sign_in.pending import MAX_WAIT, Pending
from protocol.sign_in.refusals import ProviderUnavailable, SignInFailed, Why

KEEP: Final = 60 * 60
"""Seconds a provider's description and keys are kept; keys are fetched anew sooner where a signature fails."""
ASK_AGAIN: Final = 30
"""Seconds between two such fetches, so that forged tokens cannot make us flood the provider."""
_SERVER_FAULT: Final = 500
_RANDOM: Final = 32
_ID: Final = 16
_OK: Final = frozenset({200, 201})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Outside:
    """What the flow is given: `now` (UTC seconds) and `random` (so many unpredictable bytes)."""

    now: Callable[[], int]
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Begun:
    """Keep `pending` where only this browser's return finds it, and send the browser to `url`."""

    pending: Pending
    url: str = field(repr=False)


class RelyingParty:
    """One provider, as configured. Remembers the provider's description, keys and newest nonce; no person."""

    def __init__(self, client: Client, outside: Outside) -> None:
        self.client: Final = client
        self._outside: Final = outside
        self._metadata: tuple[int, Metadata] | None = None
        self._keys: tuple[int, ProviderKeys] | None = None
        self._nonce: str | None = None

    def begin(self, *, max_age: int | None = None, note: str = "") -> Steps[Begun]:
        """Push an authorization request (RFC 9126).

        `max_age`: the person must have proved who they are within so many seconds, 0: must do so now.

        Raises:
            SignInFailed, ProviderUnavailable: it cannot be begun.

        """
        metadata = yield from self.metadata()
        pending = self._new(max_age, note)
        answer = yield from self._post(metadata.pushed, self._request(pending), pending)
        address = (("client_id", self.client.client_id), ("request_uri", text(answer, "request_uri")))
        return Begun(pending, with_query(metadata.authorization, address))

    def finish(self, pending: Pending, query: Mapping[str, str]) -> Steps[SignedIn]:
        """Who comes back with this query. Use each `pending` once.

        Raises:
            SignInFailed: something does not hold; nobody is signed in.
            ProviderUnavailable: the provider does not answer.

        """
        metadata = yield from self.metadata()
        code = self._code(pending, query, metadata)
        form = (
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.client.redirect_uri),
            ("code_verifier", pending.verifier),
        )
        answer = yield from self._post(metadata.token, form, pending)
        wanted = "dpop" if self.client.profile.dpop else "bearer"
        if text(answer, "token_type").lower() != wanted:
            raise SignInFailed(Why.TOKEN_TYPE)
        expected = Expected(pending.nonce, text(answer, "access_token"), pending.max_age)
        token = text(answer, "id_token")
        return (
            yield from self._with_keys(
                lambda keys: verify_id_token(token, keys, self.client, expected, self._outside.now())
            )
        )

    def ended(self, logout_token: str) -> Steps[LoggedOut]:
        """What a logout token ends. Raises `SignInFailed`, `ProviderUnavailable`."""
        return (
            yield from self._with_keys(
                lambda keys: verify_logout_token(logout_token, keys, self.client, self._outside.now())
            )
        )

    def logout_address(self, id_token: str) -> Steps[str | None]:
        """Where to send the browser to sign out at the provider too (RP-Initiated Logout 1.0 §2); None: it cannot.

        Raises:
            SignInFailed, ProviderUnavailable: the provider's description cannot be had.

        """
        metadata = yield from self.metadata()
        if metadata.end_session is None:
            return None
        pairs = [("id_token_hint", id_token), ("client_id", self.client.client_id)]
        if self.client.after_logout is not None:
            pairs.append(("post_logout_redirect_uri", self.client.after_logout))
        return with_query(metadata.end_session, pairs)

    def metadata(self) -> Steps[Metadata]:
        """The provider's description, at most an hour old. Raises `SignInFailed`, `ProviderUnavailable`."""
        if self._metadata is None or self._outside.now() - self._metadata[0] > KEEP:
            answer = yield Call(discovery_address(self.client.issuer))
            found = read_metadata(_body(answer), self.client.issuer, self.client.profile)
            self._metadata = (self._outside.now(), found)
        return self._metadata[1]

    def _new(self, max_age: int | None, note: str) -> Pending:
        draw, client = self._outside.random, self.client
        state, nonce, verifier = (b64(draw(_RANDOM)) for _ in range(3))
        return Pending(
            client.name, client.issuer, state, nonce, verifier, draw(SEED), self._outside.now(), max_age, note
        )

    def _request(self, pending: Pending) -> Pairs:
        client = self.client
        pairs = [
            ("response_type", "code"),
            ("redirect_uri", client.redirect_uri),
            ("scope", " ".join(client.scopes)),
            ("state", pending.state),
            ("nonce", pending.nonce),
            ("code_challenge_method", "S256"),
            ("code_challenge", b64(hashed(pending.verifier))),
            ("acr_values", client.profile.acr_values),
        ]
        if client.profile.dpop:
            pairs.append(("dpop_jkt", DpopKey.from_seed(pending.dpop_seed).thumbprint))
        if pending.max_age is not None:
            pairs.append(("max_age", str(pending.max_age)))
        if pending.max_age == 0:
            pairs.append(("prompt", "login"))  # for providers that know no `max_age`; `auth_time` is checked anyway
        return pairs

    def _code(self, pending: Pending, query: Mapping[str, str], metadata: Metadata) -> str:
        """The code, if this is the answer to what was asked (RFC 6749 §4.1.2, RFC 9207 §2.4)."""
        if pending.provider != self.client.name or pending.issuer != self.client.issuer:
            raise SignInFailed(Why.WRONG_ISSUER)
        if not compare_digest(query.get("state", "").encode(), pending.state.encode()):
            raise SignInFailed(Why.WRONG_STATE)
        if (metadata.names_issuer or "iss" in query) and query.get("iss") != self.client.issuer:
            raise SignInFailed(Why.WRONG_ISSUER)
        if self._outside.now() - pending.started_at > MAX_WAIT:
            raise SignInFailed(Why.EXPIRED)
        if "error" in query:
            raise SignInFailed(Why.CANCELLED if query["error"] == "access_denied" else Why.PROVIDER_REFUSED)
        code = query.get("code", "")
        if not code:
            raise SignInFailed(Why.MALFORMED)
        return code

    def _post(self, url: str, form: Pairs, pending: Pending) -> Steps[Json]:
        """Send a form as this client; once more where the provider asks for its nonce (RFC 9449 §8)."""
        for attempt in (1, 2):
            answer = yield Call(url, (*form, *self._identified()), self._proof(url, pending))
            self._nonce = answer.headers.get("dpop-nonce", self._nonce)
            if answer.status in _OK:
                return read_object(answer.body)
            if answer.status >= _SERVER_FAULT:
                raise ProviderUnavailable
            if read_object(answer.body).get("error") != "use_dpop_nonce" or attempt > 1:
                break
        raise SignInFailed(Why.PROVIDER_REFUSED)

    def _identified(self) -> Pairs:
        assertion = client_assertion(self.client, self._outside.now(), b64(self._outside.random(_ID)))
        return (
            ("client_id", self.client.client_id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        )

    def _proof(self, url: str, pending: Pending) -> dict[str, str]:
        if not self.client.profile.dpop:
            return {}
        key, jti = DpopKey.from_seed(pending.dpop_seed), b64(self._outside.random(_ID))
        return {"DPoP": key.proof("POST", url, self._outside.now(), jti, self._nonce)}

    def _with_keys(self, verify: Callable[[ProviderKeys], _T]) -> Steps[_T]:
        """Check with the keys that are known; where the signature fails, with the newest ones."""
        if self._keys is None or self._outside.now() - self._keys[0] > KEEP:
            yield from self._fetch_keys()
        fetched_at, keys = self._known()
        try:
            return verify(keys)
        except SignInFailed as failed:
            if failed.why is not Why.SIGNATURE or self._outside.now() - fetched_at < ASK_AGAIN:
                raise
        yield from self._fetch_keys()
        return verify(self._known()[1])

    def _known(self) -> tuple[int, ProviderKeys]:
        if self._keys is None:
            raise ProviderUnavailable
        return self._keys

    def _fetch_keys(self) -> Steps[None]:
        metadata = yield from self.metadata()
        answer = yield Call(metadata.keys)
        self._keys = (self._outside.now(), read_keys(_body(answer)))


def _body(answer: Answer) -> bytes:
    """The body of a plain GET."""
    if answer.status not in _OK:
        raise ProviderUnavailable
    return answer.body
