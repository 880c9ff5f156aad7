"""Whether the hub enters in every channel what this node has stated: a revocation, a new key.

Others judge a revoked device by what was entered. So a hub that takes a revocation in, serves it when asked, and never
enters it where the person takes part would let them read on. The node knows its own statements and can tell.
"""

from domain.ids import ChannelId, Millis, PrincipalId
from samsnakk.entered import PATIENCE, not_entered
from samsnakk.node.faults import UNENTERED, ChannelFault, Evidence
from samsnakk.node.ledger import Ledger
from samsnakk.node.replica.copying import Copying

_Missing = tuple[ChannelId, PrincipalId, int]


class Entering:
    """Watches the channels that are followed right now; each absence is reported once."""

    def __init__(self, ledger: Ledger, evidence: Evidence) -> None:
        self._ledger = ledger
        self._evidence = evidence
        self._since: dict[_Missing, Millis] = {}
        self._told: set[_Missing] = set()

    def look(self, copying: Copying, at: Millis) -> list[ChannelFault]:
        """What has been missing for too long. To be called when the hub has all that the ledger holds."""
        absent = self._absent(copying, at)
        mine = {one for one in self._since if one[0] in copying.shelf.channels}
        for gone in mine - absent:
            del self._since[gone]
        faults: list[ChannelFault] = []
        for one in sorted(absent - self._told):
            if at - self._since.setdefault(one, at) >= PATIENCE:
                self._told.add(one)
                fault = ChannelFault(copying.reader.organisation, one[0], UNENTERED)
                held = copying.open[one[0]].held
                seen: list[int | bytes] = [one[1], one[2], held.version, held.replay.head]
                faults.append(self._evidence.keep(fault, seen, at))
        return faults

    def _absent(self, copying: Copying, at: Millis) -> set[_Missing]:
        found: set[_Missing] = set()
        stated: dict[PrincipalId, int] = {}

        def known(principal: PrincipalId) -> int:
            if principal not in stated:
                stated[principal] = len(self._ledger.entries(principal))
            return stated[principal]

        for channel, one in copying.open.items():
            if one.held.caught_up:
                found |= {(channel, *missing) for missing in not_entered(one.held.replay.channel, known, at)}
        return found
