"""The keys one reader holds in one channel: of epochs it was on the roster of, and those that were granted to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from crypto.epochs import verify_confirmation
from crypto.errors import CryptoError
from crypto.grants import Grant
from crypto.kem import KemKey
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened, HistoryGranted
from domain.ids import EpochNo, PrincipalId, ThreadNo, Version
from protocol.acts import Header
from protocol.replay import Accepted
from protocol.sealing import epoch_context, open_epoch, open_grant, open_granted_message, open_message

EpochId = tuple[ThreadNo, EpochNo]


@dataclass(frozen=True, slots=True)
class Learned:
    """What an act told this reader: keys it did not have before."""

    epochs: tuple[EpochId, ...] = ()
    messages: tuple[Version, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.epochs or self.messages)


NOTHING_NEW = Learned()


class ChannelKeys:
    """Epoch keys by thread and number, message keys by version. Shows nothing of them."""

    def __init__(self, principal: PrincipalId, kem_keys: Mapping[int, KemKey]) -> None:
        self._principal = principal
        self._kem_keys = kem_keys
        self.epochs: dict[EpochId, SecretKey] = {}
        self.messages: dict[Version, SecretKey] = {}
        self.broken: set[EpochId] = set()
        """Epochs whose wrap for this reader did not open although it has the private key that the roster names."""
        self._opened: dict[EpochId, Header] = {}
        self._unconfirmed: dict[EpochId, list[SecretKey]] = {}

    def use(self, kem_keys: Mapping[int, KemKey]) -> bool:
        """From here on these are the reader's private keys; tells whether there are new ones among them."""
        more = not kem_keys.keys() <= self._kem_keys.keys()
        self._kem_keys = {**self._kem_keys, **kem_keys}
        return more

    def take(self, accepted: Accepted) -> Learned:
        """Take the keys out of an accepted act, if it brings any."""
        if accepted.act is None or accepted.body is None:
            return NOTHING_NEW
        match accepted.header.event:
            case EpochOpened():
                return self._take_epoch(accepted.header, accepted.body)
            case HistoryGranted(recipient=recipient, key_version=version) if recipient == self._principal:
                return self._take_grant(accepted.header, accepted.body, version)
            case _:
                return NOTHING_NEW

    def open(self, accepted: Accepted) -> bytes | None:
        """The sealed content of a message; None where its key is not here (yet)."""
        if accepted.body is None or accepted.thread is None:
            return None
        header = accepted.header
        epoch_key = self.epochs.get((accepted.thread, header.epoch))
        if epoch_key is not None:
            try:
                return open_message(header, accepted.body, epoch_key)
            except CryptoError:
                pass  # sealed under something else; perhaps its own key was granted
        granted = self.messages.get(accepted.version)
        if granted is not None:
            try:
                return open_granted_message(header, accepted.body, granted)
            except CryptoError:
                pass
        return None

    def _take_epoch(self, header: Header, body: bytes) -> Learned:
        event, thread = header.event, header.thread
        assert isinstance(event, EpochOpened)  # noqa: S101 - matched by the caller
        if thread is None:
            return NOTHING_NEW
        epoch = (thread, event.epoch)
        self._opened[epoch] = header
        if epoch in self.epochs:
            return NOTHING_NEW
        mine = next((e for e in event.roster if e.principal == self._principal), None)
        kem_key = self._kem_keys.get(mine.key_version) if mine is not None else None
        if kem_key is not None:
            try:
                self.epochs[epoch] = open_epoch(header, body, self._principal, [kem_key])
            except CryptoError:
                self.broken.add(epoch)
            else:
                return Learned(epochs=(epoch,))
        return Learned(epochs=(epoch,)) if self._confirm(epoch) else NOTHING_NEW

    def _take_grant(self, header: Header, body: bytes, key_version: int) -> Learned:
        kem_key = self._kem_keys.get(key_version)
        if kem_key is None:
            return NOTHING_NEW
        try:
            grant = open_grant(header, body, [kem_key])
        except CryptoError:
            return NOTHING_NEW
        return self._granted(grant)

    def _granted(self, grant: Grant) -> Learned:
        learned: list[EpochId] = []
        for entry in grant.epochs:
            epoch = (ThreadNo(entry.thread), EpochNo(entry.epoch))
            if epoch not in self.epochs:
                self._unconfirmed.setdefault(epoch, []).append(entry.key)
                learned += [epoch] if self._confirm(epoch) else []
        fresh = [entry for entry in grant.messages if Version(entry.version) not in self.messages]
        # A wrong message key cannot show a wrong text: a body opens under the one key it commits to. A later right one
        # is not shut out either, because what does not open is asked for again under the newest grant.
        self.messages.update({Version(entry.version): entry.key for entry in grant.messages})
        return Learned(tuple(learned), tuple(Version(entry.version) for entry in fresh))

    def _confirm(self, epoch: EpochId) -> bool:
        """A granted key counts once it is the one that the epoch's opening confirmed to everybody."""
        header = self._opened.get(epoch)
        if header is None or not isinstance(header.event, EpochOpened):
            return False
        for key in self._unconfirmed.pop(epoch, []):
            try:
                verify_confirmation(key, epoch_context(header), header.event.confirmation)
            except CryptoError:
                continue
            self.epochs[epoch] = key
            self.broken.discard(epoch)
            return True
        return False

    def __repr__(self) -> str:
        return f"ChannelKeys({len(self.epochs)} epochs, {len(self.messages)} messages)"
