"""Who had access, when and why: derived from the record as it was then, as everybody derives it."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from domain.access.history import History, Place
from domain.channel import events as e
from domain.channel.roster import user_takes_part, vault_is_on
from domain.channel.state import Thread
from domain.channel.terms import KindClass, Standing
from domain.ids import Code, Millis, OrganisationId, PrincipalId, ThreadNo, Version

OWN_BASIS = "own-record"
ARCHIVE_BASIS = "archive"


@dataclass(frozen=True, slots=True)
class Present:
    """One principal with access to one thread. `brought_in`: the act that gave it; None where none names it."""

    thread: ThreadNo
    principal: PrincipalId
    standing: Standing
    organisation: OrganisationId | None
    function: Code
    legal_basis: Code
    until: Millis | None
    brought_in: Place | None


@dataclass(frozen=True, slots=True)
class Consented:
    """The user's last word about an organisation in a thread."""

    organisation: OrganisationId
    thread: ThreadNo
    scope: Code
    until: Millis | None
    stands: bool


def version_at(history: History, at: Millis) -> Version:
    """The newest version that was recorded by then."""
    return Version(bisect_right(history.places, at, key=lambda place: place.recorded_at))


def present_at(history: History, at: Millis) -> list[Present]:
    """Everybody who had access to anything at that moment, thread by thread."""
    channel = history.at(version_at(history, at))
    return [one for number in sorted(channel.threads) for one in _in_thread(history, channel.threads[number], at)]


def _in_thread(history: History, thread: Thread, at: Millis) -> Iterator[Present]:
    channel = history.at(version_at(history, at))
    if user_takes_part(channel, thread) and channel.user is not None:
        came = _place(history, max(channel.user.arrived_at, thread.opened_at))
        yield Present(thread.number, channel.user.principal, Standing.USER, None, "user", OWN_BASIS, None, came)
    for member in thread.members.values():
        if member.active(at):
            yield Present(
                thread.number,
                member.principal,
                member.standing,
                member.organisation,
                member.function,
                member.legal_basis,
                member.valid_until,
                _place(history, member.since),
            )
    for organisation, vault in thread.vaults.items():
        if vault_is_on(thread, vault.principal, at):
            yield Present(
                thread.number, vault.principal, Standing.VAULT, organisation, "vault", ARCHIVE_BASIS, None, None
            )


def _place(history: History, version: Version) -> Place | None:
    return history.places[version - 1] if 0 < version <= history.version else None


def membership_acts(history: History) -> list[Place]:
    """Every act that changed who takes part, on which consent or as what; not the news of keys."""
    wanted = (KindClass.OPENING, KindClass.MEMBERSHIP)
    return [p for p in history.places if p.kind_class in wanted and not _is_key_news(p)]


def _is_key_news(place: Place) -> bool:
    return place.recorded is not None and isinstance(place.recorded.act.event, e.KeyMoved)


def consents_at(history: History, at: Millis) -> list[Consented]:
    """What the user has said about organisations, as far as it goes at the newest record."""
    return [
        Consented(organisation, number, consent.scope.value, consent.until, consent.stands(at))
        for number, thread in sorted(history.channel.threads.items())
        for organisation, consent in thread.consents.items()
    ]
