"""What must hold of consent, age, shielding and death whoever says it."""

from typing import assert_never

from domain.channel import events as e
from domain.channel import refusals as no
from domain.channel.acts import Act
from domain.channel.ages import LONGEST, OF_AGE, age_of
from domain.channel.care_relations import CARE_RELATIONS
from domain.channel.consents import consent_of, narrower, rests_on_consent
from domain.channel.legal_bases import ANY_KIND, LEGAL_BASES, LegalBasis, OrganisationKind
from domain.channel.relations import is_guardian_code
from domain.channel.roster import active_member
from domain.channel.state import Channel, Thread
from domain.channel.terms import STAFF_STANDINGS, AgeGroup, ConsentScope
from domain.channel.undoing import check_undoing
from domain.ids import Millis, OrganisationId


def check_rights(thread: Thread, event: e.RightsEvent, at: Millis) -> None:
    """Of what was said about a thread. Withdrawing and blocking always work: they are never refused here."""
    match event:
        case e.ConsentGiven(until=until):
            _check_end(until, at)
        case e.ConsentLimited(organisation=organisation, scope=scope, until=until):
            consent = consent_of(thread, organisation, at)
            if consent is None:
                raise no.UnknownConsent
            if not narrower(consent, scope, until):
                raise no.WiderThanConsented
            _check_end(until, at)
        case e.ShieldLifted():
            if not thread.shielded:
                raise no.AlreadyRecorded
        case e.CareClaimed():
            _check_claim(event, at)
        case e.ConsentWithdrawn() | e.ThreadShielded() | e.ParticipantBlocked() | e.DeviationOpened():
            pass
        case _:
            assert_never(event)


def _check_end(until: Millis | None, at: Millis) -> None:
    if until is not None and until <= at:
        raise no.TermAlreadyOver


def check_user(channel: Channel, event: e.AboutUserEvent, act: Act, at: Millis) -> None:
    """Of what was recorded about the user herself."""
    match event:
        case e.AgeRecorded():
            _check_age(channel, event, act, at)
        case e.DeathReported():
            _check_death(channel, event, act)
        case e.ArrivalUndone():
            check_undoing(channel, event, act, at)
        case _:
            assert_never(event)


def check_reopening(channel: Channel) -> None:
    """Only what is closed is reopened, and not over the death of the user."""
    if not channel.closed:
        raise no.ChannelAlreadyOpen
    if channel.died:
        raise no.UserHasDied


def _check_age(channel: Channel, event: e.AgeRecorded, act: Act, at: Millis) -> None:
    """A date that can be; said anew; and by somebody else where a second person must confirm."""
    if (event.next_change is None) is not (event.group is AgeGroup.FROM_16):
        raise no.AgeImplausible
    if event.next_change is not None and not at < event.next_change <= at + LONGEST[event.group]:
        raise no.AgeImplausible
    age = age_of(event.group, event.next_change)
    if age == channel.age or (age == OF_AGE and channel.age is None and channel.age_stated is None):
        raise no.AlreadyRecorded
    stated = channel.age_stated
    if stated is not None and stated.age == age and stated.by == act.author.person:
        raise no.SamePersonTwice


def _check_death(channel: Channel, event: e.DeathReported, act: Act) -> None:
    """Something to report or to take back, and two different people."""
    stated = channel.death_stated
    if event.died is channel.died and stated is None:
        raise no.AlreadyRecorded
    if stated is not None and stated.died is event.died and stated.by == act.author.person:
        raise no.SamePersonTwice


def check_basis(channel: Channel, joined: e.ParticipantJoined, at: Millis) -> None:
    """The basis is one that is valid now and serves this kind of membership."""
    basis = LEGAL_BASES.get(joined.legal_basis)
    if basis is None:
        raise no.UnknownLegalBasis
    if not basis.valid(at) or joined.standing not in basis.standings:
        raise no.WrongBasis
    if joined.organisation is not None and joined.standing in STAFF_STANDINGS:
        _check_serves(channel, basis, joined.organisation)
    of_age = (channel.age or OF_AGE).group(at) is AgeGroup.FROM_16
    if basis.for_guardians and (of_age or not is_guardian_code(joined.function)):
        raise no.WrongBasis


def _check_serves(channel: Channel, basis: LegalBasis, organisation: OrganisationId) -> None:
    """From the first organisation whose kind is stated on, a basis of some kinds only asks for that of every one."""
    if basis.serves == ANY_KIND or not channel.kinds:
        return
    kind = channel.kinds.get(organisation)
    if kind is None:
        raise no.OrganisationKindMissing
    if kind not in basis.serves:
        raise no.WrongBasis


def check_kind(channel: Channel, organisation: OrganisationId, kind: OrganisationKind, at: Millis) -> None:
    """Something new, under which everybody of the organisation may stay."""
    if channel.kinds.get(organisation) is kind:
        raise no.AlreadyRecorded
    rows = (m for thread in channel.threads.values() for m in thread.members.values() if m.organisation == organisation)
    bases = {LEGAL_BASES[m.legal_basis] for m in rows if m.active(at) and m.legal_basis in LEGAL_BASES}
    if any(kind not in basis.serves for basis in bases):
        raise no.WrongBasis


def _check_claim(event: e.CareClaimed, at: Millis) -> None:
    """A relation of the list, on a basis of its own that is valid now and fits it."""
    basis, relation = LEGAL_BASES.get(event.legal_basis), CARE_RELATIONS.get(event.relation)
    if basis is None:
        raise no.UnknownLegalBasis
    if relation is None:
        raise no.UnknownCareRelation
    if not basis.valid(at) or event.legal_basis not in relation.bases:
        raise no.WrongBasis


def check_consented(thread: Thread, granted: e.HistoryGranted, at: Millis) -> None:
    """Nothing older than the membership is opened to who is here on a consent that does not reach that far."""
    row = active_member(thread, granted.recipient, at)
    if row is None or not rests_on_consent(row):
        return
    consent = consent_of(thread, row.organisation, at)
    older = any(start < row.since for start, _ in granted.ranges)
    if older and consent is not None and consent.scope is not ConsentScope.WITH_HISTORY:
        raise no.OutsideConsent
