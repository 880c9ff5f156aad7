"""What can be wrong with an invitation. The texts for people stand in the programs; here are the kinds."""

from enum import StrEnum

from protocol.errors import Attack, ProtocolError


class LinkFault(StrEnum):
    """Why a text is no invitation link."""

    NO_LINK = "no_link"
    CUT_SHORT = "cut_short"
    DAMAGED = "damaged"
    NEWER = "newer"


class BadLink(ProtocolError):
    """Not an invitation link; `fault` says in which way. Shows nothing of the link."""

    def __init__(self, fault: LinkFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class BadInvitation(ProtocolError):
    """A message of the exchange that does not have its one form, or does not open with this link."""


class InvitationOver(ProtocolError):
    """The invitation's time is up."""


class SwappedInvitation(Attack):
    """What came is not what the link was made for: somebody put another inviter, channel or roots in its place."""


class SwappedAnswer(Attack):
    """Who answered did not know the link's secret, or answered to another invitation."""


class SwappedArrival(Attack):
    """What is recorded about the user is not what she and her inviter agreed on."""
