"""On which legal basis a reader gets a thread: what stands in every access line."""

from domain.channel.roster import active_member, vault_is_on
from domain.channel.state import Channel
from domain.ids import MAIN_THREAD, Millis, PrincipalId, ThreadNo

USERS_OWN_BASIS = "own-record"
"""The user reads her own record by law (pasient- og brukerrettighetsloven § 5-1), not by a membership."""

ARCHIVE_BASIS = "archive"
"""An organisation keeps its own copy of what it took part in, sealed (helsepersonelloven § 39, arkivlova § 6)."""


def basis_of(channel: Channel, reader: PrincipalId, thread: ThreadNo, at: Millis) -> str:
    """The legal-basis code of the reader's membership of the thread at `at`."""
    known = channel.threads.get(thread) or channel.threads[MAIN_THREAD]
    member = active_member(known, reader, at)
    if member is not None:
        return member.legal_basis
    return ARCHIVE_BASIS if vault_is_on(known, reader, at) else USERS_OWN_BASIS
