"""The reader's side: nothing is believed that a pinned root did not sign, and nothing older than what was seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crypto.signing import PublicKey
from domain.duty.staffing import Inbox, Route, Unit, route
from domain.ids import DeploymentId, EntryId, Millis, OrganisationId
from protocol.listings import entries as e
from protocol.listings.answers import Entries, Found, Page
from protocol.listings.entries import Entry, parse_entry, references
from protocol.listings.errors import ForeignEntry, ForgedListing, ForkedListing, MalformedListing, WithheldEntry
from protocol.listings.heads import Head, SignedHead, verify_current, verify_head
from protocol.listings.tree import Tree, leaf_hash, verify_inclusion

Pins = Mapping[OrganisationId, SignedHead]
"""The newest head seen of each organisation."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What this end believes beforehand, and the time it is."""

    deployment: DeploymentId
    roots: Mapping[bytes, PublicKey] = field(repr=False)
    pins: Pins = field(repr=False)
    at: Millis

    def verified(self, signed: SignedHead) -> Head:
        """The head, signed by its root, not older than pinned, and still good.

        Raises:
            ForgedListing, OlderListing, ForkedListing, ExpiredListing, MalformedListing: it is not.

        """
        head = verify_head(signed, self.deployment, self.roots)
        verify_current(signed, head, self.pins.get(head.organisation), self.at)
        return head


@dataclass(frozen=True, slots=True)
class Verified:
    """What an answer says, verified; `heads` are to be pinned. In the order in which it came."""

    entries: tuple[Entry, ...]
    heads: Pins
    more: bool


def verify_found(found: Found, authority: Authority) -> Verified:
    """Every entry of the answer, once the signed listing it stands in holds.

    Raises:
        Attack, ExpiredListing, MalformedListing: something does not hold; nothing of the answer is to be used.

    """
    heads = [(signed, authority.verified(signed)) for signed in found.heads]
    pins = {head.organisation: signed for signed, head in heads}
    if len(pins) != len(heads):
        raise ForkedListing("two heads of one organisation")
    read = []
    for hit in found.hits:
        head = heads[hit.head][1]
        verify_inclusion(hit.entry, hit.index, head.count, hit.proof, head.root)
        entry = parse_entry(hit.entry)
        if entry.organisation != head.organisation:
            raise ForeignEntry
        read.append(entry)
    return Verified(tuple(read), pins, found.more)


def verify_asked(found: Found, asked: Entries, authority: Authority) -> Verified:
    """As `verify_found`, for entries that were asked for by their ids: nothing else may come.

    Raises:
        ForeignEntry: another entry than one of those.

    """
    verified = verify_found(found, authority)
    if any(one.organisation != asked.organisation or one.id not in asked.ids for one in verified.entries):
        raise ForeignEntry
    if any(organisation != asked.organisation for organisation in verified.heads):
        raise ForeignEntry
    return verified


def verify_whole(pages: Sequence[Page], authority: Authority) -> tuple[Head, dict[EntryId, bytes]]:
    """A whole listing from all its pages: complete, in order, and nothing besides.

    Raises:
        WithheldEntry: entries are missing or were added.
        Attack, ExpiredListing, MalformedListing: something else does not hold.

    """
    head = authority.verified(pages[0].head)
    if any(page.head != pages[0].head for page in pages):
        raise ForkedListing("another version in mid-reading; read again")
    data = [entry for page in pages for entry in page.entries]
    if len(data) != head.count:
        raise WithheldEntry
    if Tree([leaf_hash(entry) for entry in data]).root != head.root:
        raise ForgedListing("not the entries that were signed")
    found = {_own(raw, head.organisation).id: raw for raw in data}
    if list(found) != sorted(found) or len(found) != len(data):
        raise MalformedListing("entries out of order or repeated")
    return head, found


def _own(raw: bytes, organisation: OrganisationId) -> Entry:
    entry = parse_entry(raw)
    if entry.organisation != organisation:
        raise ForeignEntry
    return entry


Known = Mapping[EntryId, Entry]


def needed(inbox: EntryId, known: Known) -> set[EntryId]:
    """The entries that must still be fetched before it can be said who is on duty at the inbox and who stands in."""
    if inbox not in known:
        return {inbox}
    wanted: set[EntryId] = set()
    seen: set[EntryId] = set()
    ahead = [inbox]
    while ahead:
        entry = known.get(step := ahead.pop())
        if step in seen:
            continue
        seen.add(step)
        if entry is None:
            wanted.add(step)
        else:
            ahead += references(entry.facts)
    return wanted


def verify_references(known: Iterable[Entry], by_id: Known) -> None:
    """Check that what these entries point at is there and of the right kind.

    Raises:
        WithheldEntry: something is missing: an organisation's listing is whole when it is signed.
        ForeignEntry: another kind of entry than may stand there.

    """
    for entry in known:
        for target, kinds in references(entry.facts).items():
            if target not in by_id:
                raise WithheldEntry
            if not isinstance(by_id[target].facts, kinds):
                raise ForeignEntry


def duty(inbox: EntryId, known: Known, at: Millis) -> Route:
    """Who is on duty at the inbox, and where to turn if nobody is; `needed` must be empty.

    Raises:
        WithheldEntry, ForeignEntry: the entries do not hang together, or the inbox is none.

    """
    verify_references(known.values(), known)
    asked = known.get(inbox)
    if asked is None or not isinstance(asked.facts, e.Inbox):
        raise ForeignEntry
    inboxes = {one.id: _inbox(one.id, one.facts, known) for one in known.values() if isinstance(one.facts, e.Inbox)}
    units = {
        one.id: _unit(one.id, one.facts) for one in known.values() if isinstance(one.facts, e.Unit | e.Organisation)
    }
    return route(inboxes[inbox], inboxes, units, at)


def _inbox(entry: EntryId, facts: e.Inbox, known: Known) -> Inbox:
    hours = known[facts.hours].facts if facts.hours is not None else None
    plan = known[facts.plan].facts if facts.plan is not None else None
    return Inbox(
        id=entry,
        hours=hours.rules if isinstance(hours, e.Hours) else None,
        plan=plan.rules if isinstance(plan, e.Plan) else None,
        stands_in=facts.stands_in,
        unit=facts.parent,
        phone=facts.phone,
    )


def _unit(entry: EntryId, facts: e.Unit | e.Organisation) -> Unit:
    if isinstance(facts, e.Organisation):
        return Unit(entry, None, None, facts.phone)
    return Unit(entry, facts.stands_in, facts.parent, facts.phone)
