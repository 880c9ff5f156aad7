"""What the hub says no to about sessions."""

from service.errors import HubError


class NoSession(HubError):
    """Nobody is signed in here, or not any more."""

    code = "no_session"


class StepUpNeeded(HubError):
    """The act asks for a login that is only minutes old."""

    code = "step_up_needed"


class CrossSite(HubError):
    """The request does not come from a page of ours."""

    code = "cross_site"


class SessionNotBound(HubError):
    """The session is not tied to anybody's devices yet."""

    code = "session_not_bound"


class DeviceNeeded(HubError):
    """A session asks for what only a certified device may have."""

    code = "device_needed"


class SomebodyElse(HubError):
    """Whoever is signed in is bound to another principal than the device's."""

    code = "somebody_else"


class PasskeyRefused(HubError):
    """The passkey's answer does not hold; the detail says which part."""

    code = "passkey_refused"


class PasskeyCloned(HubError):
    """The passkey's counter went back: there may be a copy of it."""

    code = "passkey_cloned"


class PasskeyNotAdded(HubError):
    """Too many passkeys, or this one is registered already."""

    code = "passkey_not_added"


class PrfOutputSent(HubError):
    """What a passkey's extensions gave was sent here, where it must never come."""

    code = "prf_output_sent"


class TicketRefused(HubError):
    """The ticket is used, too old, or another program's."""

    code = "ticket_refused"
