"""The one table of error codes, for WebSocket and HTTP alike: status, whether trying again helps, what to do."""

from dataclasses import dataclass
from enum import StrEnum

from domain.channel import audit_refusals, refusals
from domain.errors import Refusal


class Retry(StrEnum):
    """What helps."""

    NEVER = "never"
    REBUILD = "rebuild"
    """Make the act anew on the newest state, with a new command id."""
    LATER = "later"
    """Send the same bytes again after a pause: the command id keeps it from being recorded twice."""
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row: `status` is the HTTP status, `advice` tells a person or programmer what to do."""

    code: str
    status: int
    retry: Retry
    advice: str


_REBUILD = (
    "membership_moved",
    "roster_mismatch",
    "epoch_out_of_order",
    "stale_epoch",
    "rekey_pending",
    "rekey_missing",
    "seen_ahead",
    "history_missing",
    "withdrawal_incomplete",
)

_ROWS = (
    # the connection and its frames
    ErrorCode("malformed_frame", 400, Retry.NEVER, "Send exactly one frame in deterministic CBOR."),
    ErrorCode("malformed_act", 400, Retry.NEVER, "Compare header, facts and body with docs/protocol.md."),
    ErrorCode("wrong_place", 400, Retry.NEVER, "The act was made for another deployment or channel."),
    ErrorCode("unknown_protocol", 426, Retry.NEVER, "Update the program; nothing is negotiated."),
    ErrorCode("unknown_kind", 426, Retry.NEVER, "Update the program that is older."),
    ErrorCode("too_large", 413, Retry.NEVER, "Send less: the detail or the welcome frame says how much is taken."),
    ErrorCode("not_signed_in", 401, Retry.SIGN_IN, "Answer the challenge first."),
    ErrorCode("sign_in_failed", 401, Retry.SIGN_IN, "The detail names what did not hold; sign in again."),
    ErrorCode("no_session", 401, Retry.SIGN_IN, "Nobody is signed in here, or not any more; sign in."),
    ErrorCode("step_up_needed", 401, Retry.SIGN_IN, "Prove again who you are: sign in with `max_age=0`."),
    ErrorCode("session_not_bound", 403, Retry.NEVER, "Bind the session to your principal with a certified device."),
    ErrorCode("device_needed", 403, Retry.NEVER, "A session may search; ask for more with a certified device."),
    ErrorCode("somebody_else", 403, Retry.NEVER, "Whoever is signed in belongs to another principal than the device."),
    ErrorCode("ticket_refused", 400, Retry.NEVER, "The ticket is used, too old or another program's; begin again."),
    ErrorCode(
        "passkey_refused", 401, Retry.SIGN_IN, "Begin again, or sign in at the provider; see your passkeys there."
    ),
    ErrorCode(
        "passkey_cloned", 401, Retry.SIGN_IN, "It may be copied and is stopped: sign in at the provider, remove it."
    ),
    ErrorCode("passkey_not_added", 409, Retry.NEVER, "It is registered already, or you have ten: remove one first."),
    ErrorCode("prf_output_sent", 400, Retry.NEVER, "Never send what a passkey's extensions gave; mend the page."),
    ErrorCode("cross_site", 403, Retry.NEVER, "Only pages of listed origins may do this, with Samsnakk-Session: 1."),
    ErrorCode("provider_unavailable", 503, Retry.LATER, "The identity provider does not answer; wait a little."),
    ErrorCode("unknown_device", 401, Retry.NEVER, "Have the device certified by your organisation."),
    ErrorCode("device_not_valid", 401, Retry.NEVER, "The device is revoked or expired; certify it again."),
    ErrorCode("forged_record", 401, Retry.NEVER, "The signature does not fit what was sent."),
    ErrorCode("unknown_key", 409, Retry.LATER, "The key's certificate is not known yet; publish it first."),
    ErrorCode("substituted_key", 409, Retry.NEVER, "Not the certified key; publish the key stream its root signed."),
    ErrorCode("unknown_interval", 409, Retry.NEVER, "The interval is closed already."),
    ErrorCode("unknown_channel", 404, Retry.NEVER, "No such channel, or you take no part in it."),
    ErrorCode("history_behind", 409, Retry.NEVER, "The hub holds less than you have seen; keep your evidence."),
    ErrorCode("malformed_listing", 400, Retry.NEVER, "Compare entries, head and question with docs/protocol.md."),
    ErrorCode("forged_listing", 401, Retry.NEVER, "Only what the organisation itself signed is taken in and believed."),
    ErrorCode("foreign_entry", 409, Retry.NEVER, "An entry belongs in its own organisation's listing, and only there."),
    ErrorCode("withheld_entry", 409, Retry.NEVER, "A listing holds every entry that its entries point at."),
    ErrorCode("listing_out_of_step", 409, Retry.REBUILD, "Read the newest listing, then sign the version after it."),
    ErrorCode("not_found", 404, Retry.NEVER, "Nothing there for you."),
    ErrorCode(
        "not_a_witness", 403, Retry.NEVER, "Only nodes that their organisation's root has certified cosign; see detail."
    ),
    ErrorCode("stale_request", 400, Retry.REBUILD, "The request is older than five minutes; sign a new one."),
    ErrorCode("origin_not_allowed", 403, Retry.NEVER, "Add the page's origin to the allowed origins."),
    # invitations
    ErrorCode(
        "unknown_invitation", 404, Retry.NEVER, "No such invitation here; compare the link, or ask for a new one."
    ),
    ErrorCode(
        "invitation_used", 409, Retry.NEVER, "Somebody answered already; if not you, tell who invited you at once."
    ),
    ErrorCode("invitation_expired", 410, Retry.NEVER, "The invitation's time is up; ask for a new one."),
    ErrorCode("invitation_cancelled", 410, Retry.NEVER, "Taken back or replaced; ask for the newest one."),
    # commands and capacity
    ErrorCode("command_reused", 409, Retry.NEVER, "This command id was used for other bytes."),
    ErrorCode("version_conflict", 409, Retry.LATER, "Others wrote at the same moment; send the same again."),
    ErrorCode("forked_history", 409, Retry.NEVER, "You saw another history; keep your evidence and ask support."),
    ErrorCode(
        "keyring_moved", 409, Retry.REBUILD, "Another of your devices was faster; fetch its keyring, then try again."
    ),
    ErrorCode(
        "inbox_file_moved", 409, Retry.REBUILD, "A colleague was faster; fetch the inbox's newest file, then try again."
    ),
    ErrorCode("quota_exceeded", 429, Retry.LATER, "Too much in a short time; wait a little."),
    ErrorCode("overloaded", 503, Retry.LATER, "The hub's queue is full; wait a little."),
    ErrorCode("out_of_turn", 409, Retry.LATER, "An earlier act of yours was refused; send that again, then this."),
    ErrorCode("draining", 503, Retry.LATER, "The hub restarts; connect again."),
    ErrorCode("store_unavailable", 503, Retry.LATER, "The outcome is unknown; send the same bytes again."),
    ErrorCode("store_full", 507, Retry.LATER, "The database's disk is full; nothing was recorded."),
    ErrorCode("record_rejected", 422, Retry.NEVER, "The database refuses the record as it is."),
    ErrorCode("slow_reader", 503, Retry.LATER, "You read too slowly; connect again, nothing is lost."),
    ErrorCode("internal_error", 500, Retry.LATER, "A fault of the hub; its log has the details."),
)


def _refusal_row(refusal: type[Refusal]) -> ErrorCode:
    retry = Retry.REBUILD if refusal.code in _REBUILD else Retry.NEVER
    meaning = (refusal.__doc__ or "").strip()
    return ErrorCode(refusal.code, 409, retry, meaning)


REFUSALS: tuple[type[Refusal], ...] = tuple(
    value
    for module in (refusals, audit_refusals)
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__
)
TABLE: dict[str, ErrorCode] = {row.code: row for row in (*_ROWS, *map(_refusal_row, REFUSALS))}


def code_of(error: Exception) -> str:
    """The travelling code of anything the hub may meet; what is not in the table is an internal error."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) and code in TABLE else "internal_error"
