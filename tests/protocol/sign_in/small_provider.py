"""A provider that answers calls in memory, and lies wherever a test asks it to."""

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat
from typing import Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc import jwk, jws, jwt

from protocol.sign_in import (
    PROFILES,
    Answer,
    Call,
    Client,
    ClientKey,
    Outside,
    Pending,
    RelyingParty,
    SignedIn,
    SignInFailed,
    Why,
)
from protocol.sign_in.client import read_client_key
from protocol.sign_in.jose import b64, hashed

_T = TypeVar("_T")
ISSUER = "https://provider.example"
NOW = 1_800_000_000
PID = "13918712345"  # month + 80: nobody has it
HPR = "000000009"
Json = dict[str, Any]


@cache
def key_of(name: str, kind: str = "EC") -> jwk.Key:
    parameters = {"kid": name, "use": "sig"}
    if kind == "RSA":
        return jwk.RSAKey.generate_key(2048, parameters)  # type: ignore[arg-type]
    return jwk.ECKey.generate_key("P-256", parameters)  # type: ignore[arg-type]


def client_key(name: str = "ours") -> ClientKey:
    return read_client_key(json.dumps(key_of(name).as_dict(private=True)).encode())


def client(profile: str = "helseid", **changes: Any) -> Client:
    chosen = PROFILES[profile]
    fields: Json = {
        "name": profile,
        "issuer": ISSUER,
        "client_id": "samsnakk",
        "redirect_uri": f"https://hub.example/sign-in/{profile}/callback",
        "profile": chosen,
        "key": client_key(),
        "levels": chosen.levels,
        "scopes": chosen.scopes,
        "after_logout": "https://hub.example/sign-in/signed-out",
    }
    return Client(**(fields | changes))


@dataclass
class SmallProvider:
    """Answers as HelseID would; `metadata`, `claims`, `header` and `answer` change what it says."""

    metadata: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    answer: Json = field(default_factory=dict)
    signed_with: str = "theirs"
    wants_nonce: bool = True
    refusing: int | None = None
    now: int = NOW
    calls: list[Call] = field(default_factory=list)
    pushed: list[Json] = field(default_factory=list)
    keys: tuple[str, ...] = ("theirs",)
    drawn: int = 0
    nonces: Iterator[str] = field(default_factory=lambda: repeat("n-1"))

    def outside(self) -> Outside:
        return Outside(lambda: self.now, self._random)

    def _random(self, length: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(length, "big")

    def party(self, profile: str = "helseid", **changes: Any) -> RelyingParty:
        return RelyingParty(client(profile, **changes), self.outside())

    def run(self, steps: Generator[Call, Answer, _T]) -> _T:
        """Drive the flow to its end."""
        try:
            call = next(steps)
            while True:
                self.calls.append(call)
                call = steps.send(self._serve(call))
        except StopIteration as done:
            return done.value

    def sign_in(self, party: RelyingParty, change: Callable[[Json], Json] = dict, **begin: Any) -> SignedIn:
        """From beginning to end; `change` edits what the browser brings back."""
        begun = self.run(party.begin(**begin))
        assert begun.url.startswith(f"{ISSUER}/authorize?client_id=samsnakk&request_uri=urn%3A")
        return self.run(party.finish(begun.pending, change(self.query(begun.pending))))

    def query(self, pending: Pending) -> Json:
        return {"code": "a-code", "state": pending.state, "iss": ISSUER}

    def _serve(self, call: Call) -> Answer:
        path = urlsplit(call.url).path
        if self.refusing is not None and path in {"/par", "/token"}:
            return Answer(self.refusing, {}, b'{"error":"invalid_client"}')
        match path:
            case "/.well-known/openid-configuration":
                return _json(described() | self.metadata)
            case "/keys":
                return _json({"keys": [key_of(name).as_dict(private=False) for name in self.keys]})
            case "/par":
                return self._post(call, self._par)
            case "/token":
                return self._post(call, self._token)
            case _:
                raise AssertionError(path)

    def _post(self, call: Call, answer: Callable[[Json], Answer]) -> Answer:
        form = {name: values[0] for name, values in parse_qs((call.body or b"").decode(), strict_parsing=True).items()}
        _verify_assertion(form, self.now)
        if "DPoP" in call.headers:
            proof = jwt.decode(call.headers["DPoP"], proof_key(call.headers["DPoP"]), algorithms=["ES256"])
            assert proof.header["typ"] == "dpop+jwt"
            assert (proof.claims["htm"], proof.claims["htu"], proof.claims["iat"]) == ("POST", call.url, self.now)
            form["jkt"] = proof_key(call.headers["DPoP"]).thumbprint()
            if self.wants_nonce and proof.claims.get("nonce") != "n-1":
                return Answer(400, {"dpop-nonce": next(self.nonces)}, b'{"error":"use_dpop_nonce"}')
        return answer(form)

    def _par(self, form: Json) -> Answer:
        self.pushed.append(form)
        assert form.get("dpop_jkt") == form.get("jkt")
        return _json({"request_uri": "urn:par:1", "expires_in": 60}, 201)

    def _token(self, form: Json) -> Answer:
        asked = self.pushed[-1]
        assert b64(hashed(form["code_verifier"])) == asked["code_challenge"]
        assert form.get("jkt") == asked.get("jkt")
        kind = "DPoP" if "jkt" in form else "Bearer"
        answer = {"access_token": "at", "token_type": kind, "id_token": self.id_token(nonce=asked["nonce"])}
        return _json(answer | self.answer)

    def id_token(self, **claims: Any) -> str:
        usual = {
            "iss": ISSUER,
            "aud": "samsnakk",
            "sub": "somebody",
            "iat": self.now,
            "exp": self.now + 300,
            "auth_time": self.now - 5,
            "sid": "their-session",
            "acr": "idporten-loa-high",
            "pid": PID,
            "at_hash": b64(hashed("at")[:16]),
            "helseid://claims/identity/security_level": "4",
            "helseid://claims/identity/pid": PID,
            "helseid://claims/hpr/hpr_number": HPR,
            "helseid://claims/client/claims/orgnr_parent": "000000001",
        }
        said = {name: value for name, value in (usual | claims | self.claims).items() if value is not None}
        return self.signed(said)

    def signed(self, claims: Json) -> str:
        key = key_of(self.signed_with)
        header = {"alg": "ES256", "kid": "theirs"} | self.header
        return jwt.encode(header, claims, key, algorithms=[header["alg"]], default_type=None)


def described() -> Json:
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "pushed_authorization_request_endpoint": f"{ISSUER}/par",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/keys",
        "end_session_endpoint": f"{ISSUER}/end",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": True,
    }


def proof_key(proof: str) -> jwk.Key:
    header = jws.extract_compact(proof.encode()).headers()
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}
    return jwk.import_key(header["jwk"])


def _verify_assertion(form: Json, now: int) -> None:
    claims = jwt.decode(form["client_assertion"], key_of("ours"), algorithms=["ES256"]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("samsnakk", "samsnakk", ISSUER)
    assert claims["iat"] == now
    assert 0 < claims["exp"] - now <= 60


def _json(value: Json, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(value).encode())


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def why(sign_in: Callable[[], object]) -> Why:
    with pytest.raises(SignInFailed) as refused:
        sign_in()
    return refused.value.why
