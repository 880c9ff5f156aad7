"""What the SDK raises. Every error says what to do; none holds a text, a name, a key or a token."""

from pathlib import Path

from protocol.errors import ProtocolError
from protocol.table import TABLE, Retry


class SamsnakkError(Exception):
    """Root of the package's errors. `advice` tells a person or programmer what to do."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}. {advice}")
        self.advice = advice


class Refused(SamsnakkError):
    """The rules, or the hub, said no; nothing was recorded. `code` stands in the table of `protocol.table`."""

    def __init__(self, code: str, detail: str = "") -> None:
        row = TABLE.get(code)
        advice = row.advice if row is not None else "Update this program: it does not know the hub's answer."
        super().__init__(f"refused: {code}" + (f" ({detail})" if detail else ""), advice)
        self.code = code
        self.detail = detail

    @property
    def retry(self) -> Retry:
        """What helps, according to the table."""
        row = TABLE.get(self.code)
        return row.retry if row is not None else Retry.NEVER


class SignInRefused(Refused):
    """The hub does not accept this device; connecting again does not help. What was kept in the outbox stays there."""


class Disconnected(SamsnakkError):
    """There is no connection right now."""

    def __init__(self) -> None:
        super().__init__("not connected to the hub", "Wait: the client connects again by itself.")


class NotInTime(SamsnakkError):
    """The hub did not answer within the deadline. What was sent stays in the outbox and is sent again."""

    def __init__(self) -> None:
        super().__init__("the hub did not answer in time", "Check the connection; nothing that was sent is lost.")


class ClientClosed(SamsnakkError):
    """The client was closed meanwhile."""

    def __init__(self) -> None:
        super().__init__("the client was closed", "Open it again: what was not yet sent is in the outbox.")


class ChannelEnded(SamsnakkError):
    """The hub serves this channel to this reader no longer. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the channel is not served: {code}", "Ask a member of the channel to invite you.")
        self.code = code


class HistoryBroken(SamsnakkError):
    """The hub served a history that cannot be the recorded one, or that this program cannot read. Trust stops here.

    `problem` is what was seen; `evidence` the file with the bytes as they came (their content is sealed).
    """

    def __init__(self, problem: ProtocolError, evidence: Path | None) -> None:
        super().__init__(
            f"the channel's history cannot be trusted: {problem}",
            "Stop using the channel, keep the evidence file and tell your organisation's security contact.",
        )
        self.problem = problem
        self.evidence = evidence


class LogBroken(HistoryBroken):
    """The hub's log lied: about this end's records, or to this end about the log. Nothing of the hub is believed."""

    def __init__(self, problem: ProtocolError, evidence: Path | None) -> None:
        super().__init__(problem, evidence)
        self.args = (f"the hub's log cannot be trusted: {problem}. {self.advice}",)


class NoLogPin(SamsnakkError):
    """The profile remembers nothing of the hub's log, so there is nothing to hold it against."""

    def __init__(self) -> None:
        super().__init__(
            "nothing is pinned of the hub's log",
            "Restore the profile's folder whole, or pin a checkpoint that you compared with others: samsnakk log pin.",
        )


class NoSingleInbox(SamsnakkError):
    """The organisation has no service inbox, or several: which one is meant must be said."""

    def __init__(self) -> None:
        super().__init__("the organisation has no service inbox, or several", "Name the inbox that is to come in.")


class NotAnswered(SamsnakkError):
    """The invitation is out, but nobody has answered it."""

    def __init__(self) -> None:
        super().__init__("nobody has answered the invitation", "Wait until the user has opened the link and said yes.")


class CannotUnlock(SamsnakkError):
    """Wrong passphrase or key, or no key in the system's keyring."""

    def __init__(self) -> None:
        super().__init__("the profile does not open", "Check the passphrase; without it, use another device.")


class BadProfile(SamsnakkError):
    """The folder is no profile, or a damaged one."""

    def __init__(self, what: str) -> None:
        super().__init__(f"not a usable profile: {what}", "Make a new profile, or restore the folder.")


class AttachmentDamaged(SamsnakkError):
    """What came is not the file that the message names."""

    def __init__(self) -> None:
        super().__init__("the attachment is not the one that was sent", "Ask the sender to send it again.")


class CannotReadFile(SamsnakkError):
    """A file that was to be sent cannot be read."""

    def __init__(self, why: str | None) -> None:
        super().__init__(f"the file cannot be read: {why}", "Check that it is there, and that you may read it.")


class CannotWriteFile(SamsnakkError):
    """A file cannot be saved where it was wanted."""

    def __init__(self, why: str | None) -> None:
        super().__init__(f"the file cannot be saved: {why}", "Choose another place or name.")


class AttachmentTooLarge(SamsnakkError):
    """More than 25 MiB."""

    def __init__(self) -> None:
        super().__init__("the file is larger than 25 MiB", "Make it smaller, or send it in parts.")


class KeyringNotCurrent(SamsnakkError):
    """The hub served a keyring that the person's signed key stream does not name: an old one, or somebody else's."""

    def __init__(self) -> None:
        super().__init__(
            "the hub served an old keyring, or somebody else's",
            "Nothing of it was used. Try again; if it stays so, tell your organisation's security contact: the hub "
            "has lost your newest keyring, or withholds it.",
        )


class NoKeyring(SamsnakkError):
    """The person has no keyring at the hub yet, or the code finds none."""

    def __init__(self) -> None:
        super().__init__("there is no such keyring at the hub", "Check the code, or leave it there from a device.")


class SomebodyElseSignedIn(SamsnakkError):
    """The sign-in at the organisation's node was another person's than the profile's."""

    def __init__(self) -> None:
        super().__init__("somebody else signed in", "Sign in as the person whose profile this is.")


class NotOneOfTheDevices(SamsnakkError):
    """The keyring has no place for this device: it was removed, or never let in."""

    def __init__(self) -> None:
        super().__init__("the keyring is not for this device", "Let it in again from another device, or by the code.")


class CodesDiffer(SamsnakkError):
    """The two devices do not show the same code, or something came that was not promised."""

    def __init__(self) -> None:
        super().__init__(
            "the two devices did not see the same", "Nothing was handed over. Begin again; if it happens again, stop."
        )


class NotEligible(SamsnakkError):
    """The inbox's signed key stream does not name this person (any more)."""

    def __init__(self) -> None:
        super().__init__("not one of those who answer the inbox", "Ask whoever keeps your organisation's inboxes.")


class InboxHasNoKey(SamsnakkError):
    """Nobody has made the inbox's first key."""

    def __init__(self) -> None:
        super().__init__("the inbox has no key yet", "Make it: samsnakk inbox renew.")


class NoSeatYet(SamsnakkError):
    """The inbox's file is sealed for others only: no colleague's program has let this person in, or the hub hides it.

    Nothing tells the two apart from here.
    """

    def __init__(self) -> None:
        super().__init__(
            "the inbox's seeds are not sealed for this person yet",
            "A colleague who answers the inbox opens Samsnakk; if that does not help, the hub withholds them.",
        )


class InboxFileNotBelieved(SamsnakkError):
    """What the hub served is no file of an inbox, or does not open although it names this person."""

    def __init__(self, what: str = "the hub served a damaged file of the inbox") -> None:
        super().__init__(
            what, "Nothing of it was used. Try again; if it stays so, tell your organisation's security contact."
        )


class InboxFileOld(InboxFileNotBelieved):
    """The file lacks a seed that the inbox's signed key stream names and that this person must have."""

    def __init__(self) -> None:
        super().__init__("the hub served an old file of the inbox")


class InboxFileForeign(InboxFileNotBelieved):
    """The file is another inbox's, or holds seeds of another one."""

    def __init__(self) -> None:
        super().__init__("the hub served another inbox's file")


class InboxFileWithheld(InboxFileNotBelieved):
    """The inbox has a key, so its file was left at the hub before; the hub says that there is none."""

    def __init__(self) -> None:
        super().__init__("the hub withholds the inbox's file")


class InboxReadersMoved(SamsnakkError):
    """Node and hub do not agree about who answers the inbox, however often one asks."""

    def __init__(self) -> None:
        super().__init__(
            "the hub does not show what the node says about who answers the inbox",
            "Nothing was renewed. Try again; if it stays so, tell your organisation's security contact.",
        )


class NoSuchPasskey(SamsnakkError):
    """No passkey of that name opens the keyring, or this one does no longer."""

    def __init__(self) -> None:
        super().__init__("no such passkey opens the keyring", "Use another device, or the code on paper.")


class PasskeyDoesNotOpen(SamsnakkError):
    """What came of the passkey does not open the keyring that the key stream names."""

    def __init__(self) -> None:
        super().__init__(
            "what came of the passkey does not open the keyring",
            "Nothing was handed over. Try once more; if it stays so, use another device, or the code on paper.",
        )


class TooManyWaysIn(SamsnakkError):
    """The keyring has as many devices and passkeys as it can have."""

    def __init__(self) -> None:
        super().__init__("the keyring has no room for another way in", "Cut off a device that is no longer used.")
