"""Refusals of audit cases."""

from domain.errors import Refusal


class NotCharged(Refusal):
    """The organisation has not charged this person with it, or not any more."""


class UnknownCase(Refusal):
    """No audit case at that version."""


class CaseNotApproved(Refusal):
    """No second person has approved the case yet, so nothing may be looked at."""


class CaseDecided(Refusal):
    """The case is approved already."""


class CaseEnded(Refusal):
    """The case is closed or was refused: nobody looks on it any more."""


class CaseExpired(Refusal):
    """The time box of the case is over; open a new case and have it approved."""


class CaseNotBegun(Refusal):
    """The time box of the case has not begun."""


class OutsideCase(Refusal):
    """Other threads, another period or messages although the case is about none: outside what was approved."""


class OtherTerms(Refusal):
    """Approved were other terms, or another auditor, than the case has."""


class ForeignCase(Refusal):
    """The case is another organisation's; only a person of the same organisation decides about it."""


class NotItsAuditor(Refusal):
    """Somebody else opened the case; only that person looks on it."""


class InvolvedPerson(Refusal):
    """Who takes part in the channel neither audits it nor approves an audit of it."""


class NeverTookPart(Refusal):
    """The organisation has never taken part in a thread that the case names."""


class UnknownPurpose(Refusal):
    """The purpose is not in the versioned list, or messages are not opened for it."""


class PeriodImplausible(Refusal):
    """The period of a case ends before the case is opened, and does not end before it begins."""


class TimeBoxImplausible(Refusal):
    """The time box of a case ends in the future, begins before it ends, and lasts 30 days at most."""


class MalformedScope(Refusal):
    """Threads and organisations of a case stand in rising order, each once."""
