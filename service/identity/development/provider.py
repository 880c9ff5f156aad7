"""What the development provider decides: pushed requests, codes, tokens. Everything it holds is in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from crypto.random import random_bytes
from protocol.sign_in import Client, SignInFailed
from protocol.sign_in.calls import with_query
from protocol.sign_in.jose import Key, ProviderKeys, b64, hashed, read_key, sign_token, verify_token
from protocol.sign_in.json_values import Json
from protocol.sign_in.logout_tokens import EVENT
from service.identity.development.clients import read_client
from service.identity.development.people import Invented

LIFE: Final = 60
"""Seconds that a pushed request or a code waits, and by which a proof may be old."""
_MOST: Final = 1000
Form = Mapping[str, str]


class Refused(Exception):
    """An error as OAuth names it."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code: Final = code
        self.status: Final = status


@dataclass(frozen=True, slots=True)
class Pushed:
    """A pushed request: the client's parameters and the key it is bound to."""

    client: Client
    form: Form = field(repr=False)
    thumbprint: str | None
    until: int


@dataclass(frozen=True, slots=True)
class Granted:
    """A code: for which request, for whom, from when."""

    pushed: Pushed
    person: Invented
    session: str
    at: int


class DevelopmentProvider:
    """One provider for a hub and the nodes beside it. `clients`: the hub's; `nodes`: who registered themselves."""

    def __init__(self, issuer: str, people: Mapping[str, Invented]) -> None:
        self.issuer: Final = issuer
        self.people: Final = people
        self.clients: dict[str, Client] = {}
        self.nodes: dict[str, Client] = {}
        self._registered = 0
        self._key: Final = jwk.ECKey.generate_key("P-256", {"kid": "development", "use": "sig"})
        self._nonce: Final = b64(random_bytes(16))
        self._pushed: dict[str, Pushed] = {}
        self._codes: dict[str, Granted] = {}
        self._seen: dict[str, int] = {}

    @property
    def nonce(self) -> str:
        """What proofs must carry."""
        return self._nonce

    def description(self) -> Json:
        """OpenID Connect Discovery."""
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "pushed_authorization_request_endpoint": f"{at}/par",
            "require_pushed_authorization_requests": True,
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "end_session_endpoint": f"{at}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }

    def keys(self) -> Json:
        """The public key."""
        return {"keys": [dict(self._key.as_dict(private=False))]}

    def register(self, data: bytes) -> Json:
        """Take in a client that asks for it (RFC 7591 §3.1). Raises `Refused`."""
        self._registered += 1
        client = read_client(data, self.issuer, self._registered)
        if client is None:
            raise Refused("invalid_client_metadata")
        _keep(self.nodes, client.client_id, client)
        return {"client_id": client.client_id}

    def known(self, client_id: str) -> Client | None:
        """The client of that name."""
        return self.clients.get(client_id) or self.nodes.get(client_id)

    def push(self, form: Form, proof: str | None, at: int) -> Json:
        """Take in a request (RFC 9126). Raises `Refused`."""
        client, thumbprint = self._client(form, at), self._thumbprint(form, proof, "par", at)
        fits = (
            form.get("redirect_uri") == client.redirect_uri
            and form.get("response_type") == "code"
            and form.get("code_challenge_method") == "S256"
            and "openid" in form.get("scope", "").split()
            and form.get("dpop_jkt", thumbprint) == thumbprint
        )
        if not fits:
            raise Refused("invalid_request")
        uri = f"urn:ietf:params:oauth:request_uri:{b64(random_bytes(24))}"
        _keep(self._pushed, uri, Pushed(client, form, thumbprint, at + LIFE * 10))
        return {"request_uri": uri, "expires_in": LIFE * 10}

    def asked(self, uri: str, client_id: str, at: int) -> Pushed:
        """The pushed request of that name. Raises `Refused`."""
        found = self._pushed.get(uri)
        if found is None or found.client.client_id != client_id or found.until < at:
            raise Refused("invalid_request_uri")
        return found

    def pick(self, uri: str, client_id: str, key: str, at: int) -> str:
        """Somebody is picked: where the browser goes back to. Raises `Refused`."""
        pushed, person = self.asked(uri, client_id, at), self.people.get(key)
        if person is None or person.audience is not pushed.client.profile.audience:
            raise Refused("invalid_request")
        del self._pushed[uri]
        code = b64(random_bytes(24))
        _keep(self._codes, code, Granted(pushed, person, b64(random_bytes(16)), at))
        return with_query(
            pushed.client.redirect_uri, [("code", code), ("state", pushed.form.get("state", "")), ("iss", self.issuer)]
        )

    def redeem(self, form: Form, proof: str | None, at: int) -> Json:
        """Tokens for a code (RFC 6749 §4.1.3). Raises `Refused`."""
        client, thumbprint = self._client(form, at), self._thumbprint(form, proof, "token", at)
        granted = self._codes.pop(form.get("code", ""), None)
        if (
            granted is None
            or granted.at + LIFE < at
            or granted.pushed.client.client_id != client.client_id
            or granted.pushed.thumbprint != thumbprint
            or form.get("redirect_uri") != client.redirect_uri
            or b64(hashed(form.get("code_verifier", ""))) != granted.pushed.form.get("code_challenge")
        ):
            raise Refused("invalid_grant")
        access = b64(random_bytes(32))
        return {
            "access_token": access,
            "token_type": "Bearer" if thumbprint is None else "DPoP",
            "expires_in": LIFE,
            "id_token": self._id_token(granted, access, at),
        }

    def ended(self, id_token: str, at: int) -> tuple[Client, str]:
        """Whose session a hint names, and the notice to send. Raises `Refused`."""
        try:
            _, claims = verify_token(id_token, ProviderKeys((("development", self._key),)), (None,))
            client = self.clients[claims["aud"]]
        except (SignInFailed, KeyError):
            raise Refused("invalid_request") from None
        said = {
            "iss": self.issuer,
            "aud": client.client_id,
            "iat": at,
            "exp": at + LIFE,
            "jti": b64(random_bytes(16)),
            "sid": claims["sid"],
            "sub": claims["sub"],
            "events": {EVENT: {}},
        }
        return client, sign_token({"alg": "ES256", "kid": "development", "typ": "logout+jwt"}, said, self._key)

    def _id_token(self, granted: Granted, access: str, at: int) -> str:
        client, nonce = granted.pushed.client, granted.pushed.form.get("nonce")
        said = {
            **granted.person.claims(client.profile),
            "iss": self.issuer,
            "aud": client.client_id,
            "sub": granted.person.key,
            "sid": granted.session,
            "iat": at,
            "exp": at + LIFE,
            "auth_time": granted.at,
            "nonce": nonce,
            "at_hash": b64(hashed(access)[:16]),
        }
        return sign_token({"alg": "ES256", "kid": "development"}, said, self._key)

    def _client(self, form: Form, at: int) -> Client:
        client = self.known(form.get("client_id", ""))
        if client is None:
            raise Refused("invalid_client", 401)
        claims = _signed(form.get("client_assertion", ""), client.key.key)
        fits = (
            claims.get("iss") == claims.get("sub") == client.client_id
            and claims.get("aud") == self.issuer
            and isinstance(claims.get("exp"), int)
            and at < claims["exp"] <= at + LIFE
            and self._first(f"assertion {claims.get('jti')}", at)
        )
        if not fits:
            raise Refused("invalid_client", 401)
        return client

    def _thumbprint(self, form: Form, proof: str | None, path: str, at: int) -> str | None:
        """The key that the proof shows (RFC 9449 §4.3)."""
        client = self.known(form.get("client_id", ""))
        if client is None or not client.profile.dpop:
            return None
        key = _proof_key(proof)
        claims = _signed(proof or "", key)
        if claims.get("nonce") != self._nonce:
            raise Refused("use_dpop_nonce")
        fits = (
            (claims.get("htm"), claims.get("htu")) == ("POST", f"{self.issuer}/{path}")
            and isinstance(claims.get("iat"), int)
            and abs(at - claims["iat"]) <= LIFE
            and self._first(f"proof {claims.get('jti')}", at)
        )
        if not fits:
            raise Refused("invalid_dpop_proof")
        return key.thumbprint()

    def _first(self, name: str, at: int) -> bool:
        self._seen = {known: until for known, until in self._seen.items() if until > at}
        if name in self._seen:
            return False
        self._seen[name] = at + 2 * LIFE
        return True


def _keep(among: dict[str, Any], name: str, value: object) -> None:
    among[name] = value
    while len(among) > _MOST:
        del among[next(iter(among))]


def _proof_key(proof: str | None) -> Key:
    try:
        shown = jws.extract_compact((proof or "").encode()).headers()
        key = read_key(shown["jwk"]) if shown.get("typ") == "dpop+jwt" and "d" not in shown["jwk"] else None
    except (JoseError, SignInFailed, ValueError, KeyError, TypeError):
        key = None
    if key is None:
        raise Refused("invalid_dpop_proof")
    return key


def _signed(token: str, key: Key) -> Json:
    try:
        return dict(jwt.decode(token, key, algorithms=["ES256"]).claims)
    except (JoseError, ValueError):
        return {}
