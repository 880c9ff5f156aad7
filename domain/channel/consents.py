"""Whose membership rests on whose word, and until when. Derived per thread, so that whoever is in a thread derives the
same members, whatever else of the channel it may see."""

from collections.abc import Mapping
from dataclasses import replace

from domain.channel.ages import OF_AGE
from domain.channel.legal_bases import LEGAL_BASES
from domain.channel.relations import is_guardian_code
from domain.channel.state import Channel, Consent, Thread
from domain.channel.terms import STAFF_STANDINGS, ConsentScope, Member, Standing
from domain.ids import Millis, OrganisationId


def rests_on_consent(member: Member) -> bool:
    """Staff and inboxes that are here on the user's word, not on a basis of their own."""
    basis = LEGAL_BASES.get(member.legal_basis)
    return member.standing in STAFF_STANDINGS and basis is not None and basis.needs_user


def is_guardian(member: Member) -> bool:
    """Here by parental responsibility; a parent whom the user of age has chosen to bring is not."""
    basis = LEGAL_BASES.get(member.legal_basis)
    by_law = basis is not None and basis.for_guardians
    return member.standing is Standing.RELATIVE and by_law and is_guardian_code(member.function)


def in_effect_until(channel: Channel, thread: Thread, member: Member) -> Millis | None:
    """The first of: the end that was agreed, the end of the consent it rests on, the end of the user's childhood."""
    ends = [member.term]
    consent = thread.consents.get(member.organisation) if member.organisation is not None else None
    if consent is not None and rests_on_consent(member):
        ends.append(None if consent.withdrawn else consent.until)
    if is_guardian(member):
        ends.append((channel.age or OF_AGE).sixteen)
    return min((end for end in ends if end is not None), default=None)


def settled(channel: Channel, thread: Thread) -> Thread:
    """The thread with every membership ending when it must; what had ended has ended, and no later consent wakes it."""
    members = {
        principal: replace(member, valid_until=in_effect_until(channel, thread, member))
        if member.active(channel.recorded_at)
        else member
        for principal, member in thread.members.items()
    }
    return replace(thread, members=members)


def resting(thread: Thread, organisation: OrganisationId, at: Millis) -> tuple[Member, ...]:
    """Active members of the organisation in the thread that are here on the user's word."""
    rows = (m for m in thread.members.values() if m.organisation == organisation and m.active(at))
    return tuple(member for member in rows if rests_on_consent(member))


def consent_of(thread: Thread, organisation: OrganisationId | None, at: Millis) -> Consent | None:
    """The consent to the organisation that stands at `at`."""
    consent = thread.consents.get(organisation) if organisation is not None else None
    return consent if consent is not None and consent.stands(at) else None


def objected(thread: Thread, organisation: OrganisationId | None) -> bool:
    """Whether the last word of the user about the organisation in this thread was that she wants it out."""
    consent = thread.consents.get(organisation) if organisation is not None else None
    return consent is not None and consent.withdrawn


def welcome_again(thread: Thread, member: Member, at: Millis) -> Mapping[OrganisationId, Consent]:
    """The user's words, once `member` has joined: where no consent stands, only she lets somebody in on her word, and
    that is a newer one than what she said before."""
    if not rests_on_consent(member) or consent_of(thread, member.organisation, at) is not None:
        return thread.consents
    return {o: consent for o, consent in thread.consents.items() if o != member.organisation}


def narrower(consent: Consent, scope: ConsentScope, until: Millis | None) -> bool:
    """Whether these terms reach no further than the consent that stands."""
    wider = scope is ConsentScope.WITH_HISTORY and consent.scope is not ConsentScope.WITH_HISTORY
    later = consent.until is not None and (until is None or until > consent.until)
    return not wider and not later
