"""Taking a file over: read it, compare it with what is published, sign one new version of it, hand that to the hub."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import time_ns
from typing import Final

from crypto.signing import SigningKey
from domain.ids import DeploymentId, EntryId, Millis, OrganisationId
from protocol.listings.heads import MAX_VALIDITY, SignedHead, parse_head
from protocol.listings.making import Validity, next_version, publication
from samsnakk.errors import SamsnakkError
from samsnakk.importing.assembling import Imported
from samsnakk.importing.comparing import Changes, compare
from samsnakk.listings import Listings

DAY: Final = 24 * 60 * 60 * 1000
LONGEST: Final = MAX_VALIDITY // DAY
USUAL: Final = 14
"""Days that a version is good for, unless somebody says otherwise: renewing it is one command."""
_FEW: Final = 10
_SHARE: Final = 3


class TooMuchRemoved(SamsnakkError):
    """The file would remove a large part of the listing, which is more often half a file than a closure."""

    def __init__(self, removed: int) -> None:
        super().__init__(
            f"filen ville fjerne {removed} oppføringer, mer enn en tredel av katalogen deres",
            "Se etter om filen er hel. Er det meningen, så ta med --accept-removals. Ingenting er endret.",
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. `newest`: the version that it follows, None where nothing is published."""

    organisation: OrganisationId
    newest: SignedHead | None
    before: Mapping[EntryId, bytes] = field(repr=False)
    after: Mapping[EntryId, bytes] = field(repr=False)
    changes: Changes

    @property
    def removes_much(self) -> bool:
        """Whether somebody should look twice."""
        removed = len(self.changes.removed)
        return removed > _FEW and removed * _SHARE > len(self.before)

    @property
    def version(self) -> int:
        """The number of the version that is published now, 0 if none is."""
        return 0 if self.newest is None else parse_head(self.newest.head).version


async def plan(listings: Listings, organisation: OrganisationId, imported: Imported | None) -> Plan:
    """Compare a file (None: nothing new, only a longer validity) with what is published. Raises as `search`."""
    newest, before = await listings.published(organisation)
    after = before if imported is None else imported.entries
    return Plan(organisation, newest, before, after, compare(before, after))


async def carry_out(
    listings: Listings,
    deployment: DeploymentId,
    planned: Plan,
    root: SigningKey,
    days: int = USUAL,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Sign the next version, good for so many days, and publish it, telling how far it is; returns its number.

    Raises:
        Refused: `listing_out_of_step` where somebody else published meanwhile; nothing has changed then.
        Disconnected: not (known to be) published.

    """
    now = Millis(time_ns() // 1_000_000)
    since = now if planned.newest is None else Millis(max(now, parse_head(planned.newest.head).issued_at))
    validity = Validity(since, Millis(since + days * DAY))
    signed = next_version((deployment, planned.organisation), planned.after, planned.newest, validity, root)
    await listings.publish(planned.organisation, signed, publication(planned.before, planned.after), tell)
    return planned.version + 1
