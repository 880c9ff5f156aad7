"""What the hub itself says no to; domain refusals and protocol errors travel under their own codes."""


class HubError(Exception):
    """Root of the hub's own errors. `code` stands in `protocol.table`; `detail` never holds content or names."""

    code = "internal_error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.code)
        self.detail = detail


class NotSignedIn(HubError):
    """The challenge was not answered, or not rightly."""

    code = "not_signed_in"


class UnknownChannel(HubError):
    """No such channel, or the reader takes no part in it; which of the two is nobody's business."""

    code = "unknown_channel"


class HistoryBehind(HubError):
    """The reader has seen more of the channel than this hub holds: something was lost or rolled back."""

    code = "history_behind"


class NotFound(HubError):
    """Nothing there for this reader."""

    code = "not_found"


class NotAWitness(HubError):
    """No line of the note is a good cosignature of a witness that is known here."""

    code = "not_a_witness"


class StaleRequest(HubError):
    """A signed request that is too old, too new, or made for another door."""

    code = "stale_request"


class QuotaExceeded(HubError):
    """A device or organisation sends more than its share."""

    code = "quota_exceeded"


class Overloaded(HubError):
    """Too many units of one connection are still on their way to the disk."""

    code = "overloaded"


class OutOfTurn(HubError):
    """An earlier unit of the same author must come again first."""

    code = "out_of_turn"


class KeyringMoved(HubError):
    """Another device of the person left a newer keyring meanwhile."""

    code = "keyring_moved"


class InboxFileMoved(HubError):
    """Somebody else who is eligible left a newer file of the inbox meanwhile."""

    code = "inbox_file_moved"


class Draining(HubError):
    """The hub is shutting down."""

    code = "draining"


class TooLarge(HubError):
    """More bytes than the door takes; the detail says how many."""

    code = "too_large"


class UnknownInvitation(HubError):
    """There never was such an invitation here, or it is long forgotten."""

    code = "unknown_invitation"


class InvitationUsed(HubError):
    """Somebody has answered the invitation already."""

    code = "invitation_used"


class InvitationExpired(HubError):
    """The invitation's time is up."""

    code = "invitation_expired"


class InvitationCancelled(HubError):
    """Taken back by the inviter, or replaced by a newer invitation."""

    code = "invitation_cancelled"
