"""Who must hold a thread's key right now: derived by everybody in the same way, never announced by the hub."""

from domain.channel.state import Channel, Thread
from domain.channel.terms import STAFF_STANDINGS, STRUCTURE, Audience, Member, RosterEntry
from domain.ids import MAIN_THREAD, Millis, OrganisationId, PrincipalId


def user_takes_part(channel: Channel, thread: Thread) -> bool:
    """The user is in every with-user thread from her arrival on."""
    return channel.user is not None and thread.audience is Audience.WITH_USER


def sees_team(channel: Channel) -> bool:
    """Whether this replay knows who is in thread 0. A relative's does not: its stubs hide those acts, so it cannot
    judge what only membership of thread 0 allows, and leaves that to the hub and to everybody who is in thread 0."""
    main = channel.threads.get(MAIN_THREAD)
    return main is None or not main.unseen & STRUCTURE


def active_member(thread: Thread, principal: PrincipalId, at: Millis) -> Member | None:
    """The member row of `principal`, if it has not expired at `at`."""
    member = thread.members.get(principal)
    return member if member is not None and member.active(at) else None


def organisations(thread: Thread, at: Millis) -> frozenset[OrganisationId]:
    """Organisations with at least one active staff member or inbox in the thread."""
    return frozenset(m.organisation for m in thread.members.values() if m.organisation is not None and m.active(at))


def vault_is_on(thread: Thread, vault: PrincipalId, at: Millis) -> bool:
    """Whether the vault is on the thread's roster: its organisation has an active member here."""
    mine = [organisation for organisation, ref in thread.vaults.items() if ref.principal == vault]
    return bool(mine) and not organisations(thread, at).isdisjoint(mine)


def roster(channel: Channel, thread: Thread, at: Millis) -> tuple[RosterEntry, ...]:
    """The sorted roster at recorded time `at`: active members, the user, and the vaults of their organisations."""
    entries = [RosterEntry(m.principal, m.key.version, m.key.kem_hash) for m in thread.members.values() if m.active(at)]
    if channel.user is not None and thread.audience is Audience.WITH_USER:
        user = channel.user
        entries.append(RosterEntry(user.principal, user.key.version, user.key.kem_hash))
    for organisation in organisations(thread, at):
        vault = thread.vaults.get(organisation)
        if vault is not None:
            entries.append(RosterEntry(vault.principal, vault.key.version, vault.key.kem_hash))
    return tuple(sorted(entries, key=lambda entry: entry.principal))


def on_rosters(channel: Channel, at: Millis) -> set[PrincipalId]:
    """Everybody on a roster of the channel at recorded time `at`."""
    return {entry.principal for thread in channel.threads.values() for entry in roster(channel, thread, at)}


def rekey_pending(channel: Channel, thread: Thread, at: Millis) -> bool:
    """True when the newest epoch is not for exactly today's roster, or somebody's wrap of it is broken.

    Expiry needs no event: time alone changes the roster, so time alone makes a re-key due.
    """
    epoch = thread.epoch
    if epoch is None or epoch.broken:
        return True
    # Every message asks this. Nothing that changes rosters was recorded since it fitted, and nobody's term has ended:
    # then it still fits. Only where that is not plain is the roster derived again and compared.
    if epoch.fits == thread.membership_version and (thread.next_expiry is None or at < thread.next_expiry):
        return False
    return epoch.roster != roster(channel, thread, at)


def staff_in_channel(channel: Channel, at: Millis) -> frozenset[PrincipalId]:
    """Active staff and inboxes of thread 0."""
    main = channel.threads.get(MAIN_THREAD)
    if main is None:
        return frozenset()
    return frozenset(m.principal for m in main.members.values() if m.active(at) and m.standing in STAFF_STANDINGS)
