"""Every way a channel says no. One class each, so that a reader, a log and a test mean the same thing."""

from domain.errors import Refusal


class ChannelNotOpen(Refusal):
    """The stream has no opening act yet."""


class ChannelAlreadyOpen(Refusal):
    """A second opening act, or a reopening of what is not closed."""


class ChannelIsClosed(Refusal):
    """The channel is read-only until it is reopened."""


class UnknownThread(Refusal):
    """No such thread in this channel, or the act must (or must not) name one."""


class ThreadNumberTaken(Refusal):
    """Thread numbers count up by one; another thread was opened first."""


class NotAParticipant(Refusal):
    """The author is not (or no longer) a participant where the act belongs."""


class NotPermitted(Refusal):
    """The decision table has no rule that lets this author do this."""


class NeedsApproval(Refusal):
    """The author may only propose this; a second person must approve."""


class NotTheApprover(Refusal):
    """This proposal waits for somebody else."""


class SamePersonTwice(Refusal):
    """A two-person act needs two different people."""


class UnknownProposal(Refusal):
    """No open proposal at that version."""


class AlreadyAMember(Refusal):
    """The principal takes part in the thread already."""


class NotAMember(Refusal):
    """The named principal does not take part in the thread."""


class UserNeverLeaves(Refusal):
    """The user can neither be removed nor leave; she may mute."""


class LastStaffMember(Refusal):
    """The last staff member of the channel hands over or closes instead of leaving."""


class TillitspersonMustHandOver(Refusal):
    """The tillitsperson hands the role over before leaving or being removed."""


class UserAlreadyArrived(Refusal):
    """The user has arrived already."""


class RelativesNotChannelWide(Refusal):
    """A relative takes part in single threads, never in thread 0."""


class VaultMissing(Refusal):
    """A staff member or inbox joins without naming the organisation's vault."""


class OrganisationMissing(Refusal):
    """Staff and inboxes act for an organisation; the act names none or another one."""


class TermAlreadyOver(Refusal):
    """The end date of the membership is not in the future."""


class ReviewDateMissing(Refusal):
    """A staff-only thread needs a review date in the future."""


class AnnouncementMissing(Refusal):
    """A staff-only thread is opened together with a text for the user in thread 0."""


class TillitspersonMissing(Refusal):
    """The opening unit must make its tillitsperson a member of thread 0."""


class OpenerMissing(Refusal):
    """Staff who open a thread join it with the next act of the same unit."""


class RekeyMissing(Refusal):
    """Who changes the members of an own thread opens its new epoch in the same unit."""


class MembershipMoved(Refusal):
    """The members changed since the author looked; rebuild on the newest state."""


class RosterMismatch(Refusal):
    """The epoch's roster is not the one everybody derives for its recorded time."""


class EpochOutOfOrder(Refusal):
    """Epochs of a thread count up by one."""


class StaleEpoch(Refusal):
    """The content is sealed under an older epoch; seal it again under the newest."""


class RekeyPending(Refusal):
    """Members or keys changed; the next author opens a new epoch in the same unit."""


class UnknownTarget(Refusal):
    """The act points at a record that does not exist, is in another thread or of another kind."""


class NotTheAuthor(Refusal):
    """Only the author of a message corrects or retracts it."""


class AlreadyRetracted(Refusal):
    """The message is retracted already."""


class NotAQuestion(Refusal):
    """The message asks nothing, or is done."""


class NotTheHolder(Refusal):
    """Somebody else has taken the question."""


class NotTheReceiver(Refusal):
    """It was handed to somebody else."""


class OutsideOwnRange(Refusal):
    """Nobody grants, sees or hides more than the own range of history."""


class SeenAhead(Refusal):
    """The author claims to have seen what is not recorded yet."""


class UnknownDeviation(Refusal):
    """No open deviation at that version."""


class OnlyTheHub(Refusal):
    """This kind of act is the hub's alone, and the hub may do nothing else."""


class ReasonMissing(Refusal):
    """A channel is closed together with a sealed summary in thread 0."""


class TooManyMembers(Refusal):
    """A thread holds at most 256 principals."""


class TooManyThreads(Refusal):
    """A channel holds at most 1,000 threads."""


class KeyStreamBackwards(Refusal):
    """The key stream is entered further here already."""


class HistoryMissing(Refusal):
    """The user arrives together with grants of all the inviter can read of the with-user threads it is in."""


class UnknownLegalBasis(Refusal):
    """The legal-basis code is not in the versioned list."""


class UnknownRules(Refusal):
    """The channel was opened under decision rules this program does not know; update it."""


class ObjectedTo(Refusal):
    """The user has withdrawn her consent to this organisation, shielded this thread, or blocked this person here;
    only she lets them in again."""


class GuardianDecides(Refusal):
    """The user is under 12: those with parental responsibility decide this."""


class NotAProxy(Refusal):
    """Only a proxy whom the user has given this right, or a guardian of a user under 16, consents for her."""


class NothingToShield(Refusal):
    """Shielding is for users from 12 to 15; from 16 on nobody takes part by parental responsibility."""


class WrongBasis(Refusal):
    """The legal basis is not valid now, or does not serve this."""


class UnknownConsent(Refusal):
    """No consent of the user's to this organisation stands in this thread."""


class WiderThanConsented(Refusal):
    """A consent is limited to less; for more, the user gives it anew."""


class OutsideConsent(Refusal):
    """The user's consent does not reach to what was written before."""


class WithdrawalIncomplete(Refusal):
    """Withdrawn in thread 0 means in every thread: the unit leaves somebody of the organisation in one."""


class AgeImplausible(Refusal):
    """The next age group begins in the future, within twelve years (under 12) or four (from 12); from 16 on never."""


class UserHasDied(Refusal):
    """The channel of somebody who has died stays read-only."""


class AlreadyRecorded(Refusal):
    """It stands like this already."""


class UnknownCareRelation(Refusal):
    """The care relation is not in the versioned list."""


class CareClaimMissing(Refusal):
    """Who opens a channel says in the same unit on which legal basis and care relation."""


class NotErasable(Refusal):
    """Only messages of this thread can be erased, named once each and in order; never who did what, or who is where."""


class AlreadyErased(Refusal):
    """The message has been erased already."""


class NotTheOrganisation(Refusal):
    """Two people of the organisation that the message was written for decide this, both still in the thread."""


class UnknownErasure(Refusal):
    """No such wish, proposal or decision to erase stands in this thread."""


class UnknownErasureBasis(Refusal):
    """The ground for erasing is not in the versioned list."""


class OrganisationKindMissing(Refusal):
    """This basis serves some kinds of organisations only; state first which kind this one is."""
