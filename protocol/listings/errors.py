"""What is raised about listings. Those that are an `Attack` say that somebody altered what an organisation signed."""

from protocol.errors import Attack, ProtocolError


class MalformedListing(ProtocolError):
    """Not an entry, head, publication or answer in its one form. The only error of these parsers."""


class ForgedListing(Attack):
    """Not signed by the organisation it is said to come from, or not what was signed."""


class ForeignEntry(Attack):
    """An entry of another organisation than the listing it was served in, or another one than was asked for."""


class OlderListing(Attack):
    """An older listing of the organisation than this end has seen already."""


class ForkedListing(Attack):
    """Two listings of one organisation with the same number."""


class WithheldEntry(Attack):
    """An entry that the listing's own entries point at, or that its head counts, was not served."""


class ExpiredListing(ProtocolError):
    """The listing's validity is over: newer entries may be kept back. Nobody's word stands for it any more."""


class ListingOutOfStep(ProtocolError):
    """A new listing that does not continue the newest one; read that first, then sign again."""
