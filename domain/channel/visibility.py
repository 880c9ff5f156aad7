"""Which records a reader gets whole and which only as a leaf ("stub"). The hub asks before it releases; clients
ask again on arrival: a stub that replay does not justify is an attack, a record beyond the range a leak."""

from domain.channel.audit_cases import sees_audits
from domain.channel.roster import active_member, vault_is_on
from domain.channel.state import Channel, Thread
from domain.channel.terms import STRUCTURE, Audience, KindClass, Standing
from domain.ids import Millis, PrincipalId, ThreadNo, Version


def reads_structure(
    channel: Channel, reader: PrincipalId, thread: ThreadNo | None, version: Version, at: Millis
) -> bool:
    """Opening and membership acts: whole for the user, staff and their vaults everywhere, for a relative in its own
    threads until it leaves them."""
    if thread is None or (channel.user is not None and channel.user.principal == reader):
        return True
    known = channel.threads.get(thread)
    if known is not None and _reaches(known, reader, version):
        return True
    rows = (active_member(t, reader, at) for t in channel.threads.values())
    if any(row is not None and row.standing is not Standing.RELATIVE for row in rows):
        return True
    return any(vault_is_on(t, reader, at) for t in channel.threads.values())


def reads(
    channel: Channel,
    reader: PrincipalId,
    thread: ThreadNo | None,
    kind_class: KindClass,
    version: Version,
    at: Millis,
    person: PrincipalId | None = None,
) -> bool:
    """Whether `reader` gets the record at `version` whole, judged by the channel as it stands now.

    Args:
        channel: the state at the newest record (later grants, retractions, hidings and erasures count).
        reader: the person, a role the person is eligible for, or the vault that a node reads for.
        thread: the record's thread; None for acts of the whole channel.
        kind_class: the record's class, as it stands in its leaf.
        version: the record's place.
        at: now, for expiry.
        person: who reads, where `reader` is a role: what is hidden from a person stays hidden behind any role.

    """
    if kind_class is KindClass.AUDIT:
        return sees_audits(channel, reader, at)
    if thread is None or kind_class in STRUCTURE:
        return reads_structure(channel, reader, thread, version, at)
    known = channel.threads.get(thread)
    if known is None:
        return False
    if kind_class is KindClass.HIDING:
        # Outside the range too: it names what became a stub, and a newcomer may be granted just that stretch.
        return _reaches(known, reader, version)
    if not in_range(known, reader, version) or not _is_served_in(channel, known, reader, at):
        # Who has left a thread is not served what it read there either: no access line covers it any more.
        return False
    if kind_class is not KindClass.CONTENT:
        return True
    hidden_from = known.hidden.get(version, frozenset())
    gone = version in known.retracted or version in known.erasing.erased
    return not gone and not hidden_from & {reader, person}


def _reaches(thread: Thread, reader: PrincipalId, version: Version) -> bool:
    """Whether the reader took part in the thread at `version` or at any time after it."""
    return any(span.until is None or version <= span.until for span in thread.ranges.get(reader, ()))


def in_range(thread: Thread, reader: PrincipalId, version: Version) -> bool:
    """Whether a membership or a grant opens this version of the thread to the reader."""
    return any(span.covers(version) for span in thread.ranges.get(reader, ()))


def is_erased(channel: Channel, thread: ThreadNo | None, version: Version) -> bool:
    """Whether a decision has erased the record; it is then a leaf for everybody, and lies nowhere whole any more."""
    known = channel.threads.get(thread) if thread is not None else None
    return known is not None and version in known.erasing.erased


def is_served(channel: Channel, reader: PrincipalId, at: Millis) -> bool:
    """Whether the hub may deliver anything to this principal now: somebody on some thread's roster, or the user."""
    if channel.user is not None and channel.user.principal == reader:
        return True
    return any(_is_on(thread, reader, at) for thread in channel.threads.values())


def served_threads(channel: Channel, reader: PrincipalId, at: Millis) -> frozenset[ThreadNo]:
    """Threads whose content is delivered to the reader right now; the user never loses reading."""
    return frozenset(number for number, thread in channel.threads.items() if _is_served_in(channel, thread, reader, at))


def _is_served_in(channel: Channel, thread: Thread, reader: PrincipalId, at: Millis) -> bool:
    is_user = channel.user is not None and channel.user.principal == reader
    return (is_user and thread.audience is Audience.WITH_USER) or _is_on(thread, reader, at)


def _is_on(thread: Thread, reader: PrincipalId, at: Millis) -> bool:
    return active_member(thread, reader, at) is not None or vault_is_on(thread, reader, at)
