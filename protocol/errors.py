"""What the two ends raise about each other's bytes."""


class ProtocolError(Exception):
    """Root of the package's errors; `code` is what travels, the text says no more than the code."""

    code: str = "protocol_error"

    def __init_subclass__(cls) -> None:
        """Derive the travelling code from the class name."""
        cls.code = "".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail


class MalformedFrame(ProtocolError):
    """A frame that is not exactly one known message."""


class MalformedAct(ProtocolError):
    """Header, facts or body are not what this kind of act consists of."""


class WrongPlace(ProtocolError):
    """Made for another deployment, channel or stream."""


class UnknownProtocol(ProtocolError):
    """Another protocol version or suite; nothing is negotiated."""


class UnknownKind(ProtocolError):
    """A kind of act this program does not know; update it."""


class UnknownDevice(ProtocolError):
    """No certificate says whose device this is."""


class DeviceNotValid(ProtocolError):
    """The device was not certified, was revoked or had expired at that time, or speaks for somebody else."""


class UnknownKey(ProtocolError):
    """A key that no certificate names: somebody substituted it, or its key stream has not arrived yet."""


class BadContent(ProtocolError):
    """Decrypted content that is not what its kind consists of."""


class NulInText(BadContent):
    """U+0000 cannot be stored by every end; remove it."""


class TextTooLong(BadContent):
    """A text is at most 64 KiB of UTF-8."""


class MalformedEvidence(ProtocolError):
    """A file that holds no evidence about the log."""


class Attack(ProtocolError):
    """The history this end was served cannot be the recorded one. Trust stops here; `detail` says what was seen."""


class ChainBroken(Attack):
    """A record does not follow on from the one before: something was removed, changed, reordered or back-dated."""


class ForgedRecord(Attack):
    """A record whose author did not sign it, or could not have."""


class UnauthorisedRecord(Attack):
    """The hub recorded what the rules refuse."""


class UnjustifiedStub(Attack):
    """The hub hid a record behind a stub that replay does not explain."""


class SubstitutedKey(Attack):
    """A member's key is not the certified one."""


class WithheldKeys(Attack):
    """The hub names keys or a revocation that it does not serve, or serves less of a key stream than before."""


class UnenteredKeys(Attack):
    """The hub has a revocation or a new key of a member and does not enter it in the channel."""


class ErasedContent(Attack):
    """The hub served what a recorded decision had erased: it kept it, or brought it back from a backup."""


class ForkedHistory(Attack):
    """An author saw another history at the same version than this end did."""


class UncoveredContent(Attack):
    """Content came without the access line that must precede it."""


class ForgedCheckpoint(Attack):
    """A checkpoint of the log that its pinned key did not sign."""


class ForkedLog(Attack):
    """The log does not go on from the one that was seen before: it went back, or there are two."""


class FalseLogProof(Attack):
    """A proof about the log that does not hold."""


class LoggedOtherwise(Attack):
    """The log has other records of a stream than were served, or has taken some back."""


class LogOmits(Attack):
    """The log goes on and leaves out what was served long ago."""


class PromiseBroken(Attack):
    """The hub signed that a record has a place in the log, and the log has something else there."""


class WithheldRecords(Attack):
    """The log has records of a stream that are not served to who has a right to them."""
