"""Which organisation of the node a login was made for: the provider says a number, the trust file says whose it is."""

from domain.ids import OrganisationId
from protocol.sign_in import SignedIn
from protocol.trust import Trust
from samsnakk.node.folder import OpenNode
from samsnakk.node.issuing import Login, NotGranted


def login_of(node: OpenNode, person: SignedIn, issuer: str) -> Login:
    """Who signed in, as the register calls them; `issuer` as it stands in the register. Raises `NotGranted`."""
    organisation = organisation_of(node.trust, person)
    if organisation not in node.roots:
        raise NotGranted("another_organisation_number")
    return Login(node.identity(issuer, person.subject), person.hpr, organisation)


def organisation_of(trust: Trust, person: SignedIn) -> OrganisationId:
    """The organisation by the unit's number (`child`) or, where no unit of that number takes part, the whole's.

    So a login at a unit that is an organisation of its own here is never taken for one at the whole it belongs to.

    Raises:
        NotGranted: the login names no organisation, or none that takes part.

    """
    said = [number for number in (person.child, person.parent) if number]
    if not said:
        raise NotGranted("no_organisation_number")
    for number in said:
        for organisation in trust.organisations:
            if organisation.number == number:
                return OrganisationId(organisation.id)
    raise NotGranted("another_organisation_number")
