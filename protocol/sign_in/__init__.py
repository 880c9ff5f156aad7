"""Signing in with OpenID Connect, as the relying party, without I/O: the hub and an organisation's node share this.

    party = RelyingParty(client, outside)         # one provider, as configured; `outside` gives time and randomness
    begun = …run(party.begin(max_age=None))       # what to remember (`pending`), and where to send the browser
    person = …run(party.finish(pending, query))   # who came back

Both are generators: they yield each `Call` to make and are sent the `Answer`; a shell of a few lines makes the calls
(`service/identity/calls.py`, `samsnakk/sign_in.py`). docs/sign-in.md shows the flow.
"""

from protocol.sign_in.calls import Answer, Call, Steps
from protocol.sign_in.client import Client, ClientKey, read_client_key
from protocol.sign_in.flow import Begun, Outside, RelyingParty
from protocol.sign_in.id_tokens import SignedIn
from protocol.sign_in.logout_tokens import LoggedOut
from protocol.sign_in.pending import Pending, decode_pending, encode_pending
from protocol.sign_in.profiles import PROFILES, Audience, Profile
from protocol.sign_in.refusals import ProviderUnavailable, SignInFailed, Why

__all__ = [
    "PROFILES",
    "Answer",
    "Audience",
    "Begun",
    "Call",
    "Client",
    "ClientKey",
    "LoggedOut",
    "Outside",
    "Pending",
    "Profile",
    "ProviderUnavailable",
    "RelyingParty",
    "SignInFailed",
    "SignedIn",
    "Steps",
    "Why",
    "decode_pending",
    "encode_pending",
    "read_client_key",
]
