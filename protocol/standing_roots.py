"""Which roots speak for each organisation now: those that the trust file pins, and those that took their place."""

from collections.abc import Mapping, Sequence

from crypto.errors import CryptoError
from crypto.key_heads import genesis_head
from crypto.key_statements import SignedStatement
from crypto.key_streams import Roots
from crypto.root_facts import Place
from crypto.root_lines import Links, read_links, resolve, roots_of
from crypto.signing import PublicKey
from domain.ids import DeploymentId, PrincipalId
from protocol.errors import SubstitutedKey
from protocol.trust import Trust


class StandingRoots:
    """The roots of all organisations. Grows only, and never goes back to a root that was replaced."""

    def __init__(self, trust: Trust) -> None:
        self._deployment: DeploymentId = trust.deployment_id
        self._pins: dict[bytes, PublicKey] = trust.roots()
        self._organisations = {o.id: self._pins[o.id] for o in trust.organisations}
        self._entries: dict[bytes, tuple[SignedStatement, ...]] = {}
        self._links: dict[bytes, Links] = {}

    def is_organisation(self, principal: bytes) -> bool:
        """Whether it is the id of a pinned organisation, whose own stream holds its roots."""
        return principal in self._organisations

    def organisations(self) -> tuple[PrincipalId, ...]:
        """All pinned organisations."""
        return tuple(PrincipalId(one) for one in self._organisations)

    def replaced(self) -> tuple[PrincipalId, ...]:
        """The organisations whose root was replaced."""
        return tuple(PrincipalId(one) for one in self._entries)

    def entries(self, organisation: bytes) -> tuple[SignedStatement, ...]:
        """An organisation's own stream as received; empty where its root was never replaced."""
        return self._entries.get(organisation, ())

    def place(self, organisation: bytes) -> Place:
        """How far an organisation's own stream goes."""
        links = self._links.get(organisation, ())
        head = links[-1].head if links else genesis_head(self._deployment, organisation)
        return Place(organisation, len(links), head)

    def stood(self, place: Place, root: PublicKey) -> bool:
        """Whether this was the organisation's root after so many replacements, as far as is known here."""
        links = self._links.get(place.organisation, ())
        heads = (genesis_head(self._deployment, place.organisation), *(link.head for link in links))
        roots = roots_of(self._organisations[place.organisation], links)
        if place.n >= len(heads):
            return False
        return heads[place.n] == place.head and roots[place.n] == root

    def add(self, streams: Mapping[PrincipalId, Sequence[SignedStatement]]) -> None:
        """Take in organisations' own streams, all or none: they vouch for one another.

        Raises:
            SubstitutedKey: broken, another history than the one known, or a root that too few vouch for.

        """
        new: dict[bytes, tuple[SignedStatement, ...]] = {}
        for organisation, entries in streams.items():
            known = self.entries(organisation)
            shared = min(len(known), len(entries))
            if tuple(entries[:shared]) != known[:shared]:
                raise SubstitutedKey("two streams of one organisation")
            if len(entries) > shared:
                new[organisation] = tuple(entries)
        try:
            links = self._links | {o: read_links(self._deployment, o, entries) for o, entries in new.items()}
            resolve(self._deployment, links, self._organisations)
        except CryptoError as error:
            raise SubstitutedKey(str(error)) from None
        self._links, self._entries = links, self._entries | new

    @property
    def lines(self) -> Roots:
        """Every root each issuer has had, the newest last: to replay key streams with."""
        return self._pins | {o: roots_of(self._organisations[o], links) for o, links in self._links.items()}

    @property
    def newest(self) -> dict[bytes, PublicKey]:
        """The one root of each issuer that speaks now."""
        return self._pins | {o: links[-1].fact.new for o, links in self._links.items()}
