"""A certified OpenID provider (npm `oidc-provider`) as a process of its own, on the Node that pip installs.

Where its packages cannot be had the tests fail: signing in that was tried against nobody is not tested.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from protocol.sign_in import PROFILES
from samsnakk.demo.cast import ORGANISATIONS
from tests.node_packages import installed, node

HERE = Path(__file__).resolve().parent / "provider"
Json = dict[str, Any]
PARENT = "helseid://claims/client/claims/orgnr_parent"
CHILD = "helseid://claims/client/claims/orgnr_child"
LEVEL = "helseid://claims/identity/security_level"


def staff(number: int, level: str | None = "4") -> Json:
    said = {
        "helseid://claims/identity/pid": f"1391871{number:04d}",
        "helseid://claims/hpr/hpr_number": f"00000{number:04d}",
        PARENT: ORGANISATIONS[0].number,
    }
    return said if level is None else {**said, LEVEL: level}


ACCOUNTS: Json = {
    "kari": {"claims": staff(1)},
    "jon": {"claims": staff(2)},
    "weak": {"claims": staff(3, "3")},
    "unsaid": {"claims": staff(4, None)},
    "tired": {"claims": staff(5), "ago": 3600},
    "unbound": {"claims": staff(8)},
    "torstein": {"claims": staff(13)},
    "elsewhere": {"claims": {**staff(9), PARENT: ORGANISATIONS[1].number}},
    "unit": {"claims": {**staff(10), CHILD: ORGANISATIONS[1].number}},
    "strange-unit": {"claims": {**staff(11), CHILD: "000000086"}},
    "nowhere": {"claims": {k: v for k, v in staff(12).items() if k != PARENT}},
    "elle": {"claims": {"pid": "13918710006"}, "acr": "idporten-loa-high"},
    "elle-weak": {"claims": {"pid": "13918710007"}, "acr": "idporten-loa-substantial"},
}
"""Who can sign in; national ids of the synthetic series (month + 80). No test binds a device to "unbound"."""


@cache
def key_of(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


@cache
def signing_keys() -> list[Json]:
    rsa = RSAKey.generate_key(2048, {"kid": "op-rsa", "use": "sig"})
    ec = ECKey.generate_key("P-256", {"kid": "op-ec", "use": "sig"})
    return [dict(key.as_dict(private=True)) for key in (ec, rsa)]


def client_of(profile: str, public_url: str) -> Json:
    """How the hub is registered."""
    return {
        "client_id": f"samsnakk-{profile}",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [dict(key_of("ours").as_dict(private=False))]},
        "redirect_uris": [f"{public_url}/sign-in/{profile}/callback"],
        "post_logout_redirect_uris": [f"{public_url}/sign-in/signed-out"],
        "backchannel_logout_uri": f"{public_url}/sign-in/{profile}/ended",
        "backchannel_logout_session_required": True,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "id_token_signed_response_alg": "PS256" if profile == "helseid" else "RS256",
        "dpop_bound_access_tokens": PROFILES[profile].dpop,
        "require_pushed_authorization_requests": True,
    }


def node_client(public_url: str) -> Json:
    """How a node is registered: as another client, without sessions that could end."""
    made = client_of("helseid", public_url)
    kept = {name: value for name, value in made.items() if not name.startswith(("backchannel", "post_logout"))}
    return {**kept, "client_id": "samsnakk-node", "jwks": {"keys": [dict(key_of("node").as_dict(private=False))]}}


@contextmanager
def certified_provider(public_url: str, log: Path, *nodes: str) -> Iterator[str]:
    """The provider's issuer, for a hub at `public_url` and for nodes."""
    scopes = sorted({scope for profile in PROFILES.values() for scope in profile.scopes} - {"openid"})
    asked = {
        "clients": [client_of(profile, public_url) for profile in PROFILES] + [node_client(url) for url in nodes],
        "jwks": {"keys": signing_keys()},
        "accounts": ACCOUNTS,
        "scopes": scopes,
    }
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [str(node()), str(installed(HERE, "provider.mjs"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"the provider did not start: {log.read_text()}"
        try:
            yield json.loads(line)["issuer"]
        finally:
            process.stdin.close()
            process.wait(30)
