"""Who could read what, with every key that there is and everything that the hub has: not what is shown, what opens."""

from collections.abc import Mapping, Sequence

from crypto.errors import CannotOpen
from crypto.kem import KemKey
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened, HistoryGranted, MessagePosted
from domain.ids import EpochNo, PrincipalId, ThreadNo, Version
from protocol.contents import Text, decode_content
from protocol.errors import ProtocolError
from protocol.replay import Accepted
from protocol.sealing import open_epoch, open_grant, open_granted_message, open_message
from samsnakk import Channel
from samsnakk.demo.authority import Holder
from samsnakk.demo.world import World

Keys = Mapping[int, Sequence[KemKey]]
"""By key version; a vault's are two."""


def keys_of(holder: Holder) -> Keys:
    return {version: holder.kem_keys(version) for version in range(1, len(holder.seeds) + 1)}


class Opening:
    """Somebody with keys, and with a whole record."""

    def __init__(self, principal: PrincipalId, keys: Keys) -> None:
        self._principal = principal
        self._keys = keys
        self._epochs: dict[tuple[ThreadNo | None, EpochNo], SecretKey] = {}
        self._messages: dict[Version, SecretKey] = {}

    def texts(self, places: Sequence[Accepted]) -> list[str]:
        """Every text that opens, in order."""
        whole = [place for place in places if place.act is not None and place.body is not None]
        for place in whole:
            self._take(place)
        opened = [self._open(place) for place in whole if isinstance(place.header.event, MessagePosted)]
        contents = [decode_content(content) for content in opened if content is not None]
        return [content.text for content in contents if isinstance(content, Text)]

    def _take(self, place: Accepted) -> None:
        event, body = place.header.event, place.body
        assert body is not None
        for keys in self._keys.values():
            try:
                if isinstance(event, EpochOpened):
                    self._epochs[place.thread, event.epoch] = open_epoch(place.header, body, self._principal, keys)
                elif isinstance(event, HistoryGranted):
                    grant = open_grant(place.header, body, keys)
                    self._epochs |= {(ThreadNo(g.thread), EpochNo(g.epoch)): g.key for g in grant.epochs}
                    self._messages |= {Version(g.version): g.key for g in grant.messages}
            except (CannotOpen, ProtocolError):
                continue

    def _open(self, place: Accepted) -> bytes | None:
        body, epoch = place.body, self._epochs.get((place.thread, place.header.epoch))
        assert body is not None
        for open_it, key in ((open_message, epoch), (open_granted_message, self._messages.get(place.version))):
            try:
                if key is not None:
                    return open_it(place.header, body, key)
            except CannotOpen:
                continue
        return None


def could_read(record: Channel, principal: PrincipalId, keys: Keys) -> list[str]:
    """What the principal could read of the record, as its fullest reader holds it."""
    return Opening(principal, keys).texts(record._held.places)


def everybody(record: Channel, world: World) -> dict[str, list[str]]:
    """The same of everybody in the world who could read anything: people, inboxes, vaults, by name."""
    holders = {person.key: person.holder for person in world.people}
    for house in world.organisations:
        holders |= {f"inbox {house.key}": house.inbox, f"vault {house.key}": house.vault}
    found = {name: could_read(record, holder.id, keys_of(holder)) for name, holder in holders.items()}
    return {name: texts for name, texts in found.items() if texts}
