"""Single look-ups outside a subscription: older history that a grant has opened, and the access log itself."""

from domain.access.events import IntervalClosed, Reach
from domain.channel.visibility import served_threads
from domain.ids import PrincipalId, Version
from protocol import frames, records
from protocol.requests import ReadRequest, audit_action
from service import metrics
from service.errors import NotFound
from service.handle.chained import Entry, page_of
from service.handle.channels import Opened
from service.handle.disclosures import Released, disclosure
from service.handle.hub_acts import now
from service.push.outlet import Outlet
from service.push.pump import PAGE, PATIENCE
from service.push.sight import Sight


def action_of(frame: frames.Looking) -> str:
    """What a request for this frame must have been made for."""
    match frame:
        case frames.Fetch():
            return "history"
        case frames.ReadAccessLog():
            return "access-log"
        case frames.Audit(case=case, shows=shows):
            return audit_action(case, shows)


async def fetch(opened: Opened, request: ReadRequest, frame: frames.Fetch, outlet: Outlet) -> None:
    """Send versions `start`..`until` of a thread, as far as the reader may see them; the line comes first.

    Raises:
        NotFound: not a thread of this reader, or an empty range.
        StoreError: no line, so nothing was released.

    """
    channel, at = opened.live.channel, now()
    until = min(frame.until, channel.version)
    if frame.thread not in served_threads(channel, request.reader, at) or not 0 < frame.start <= until:
        raise NotFound
    entries = [
        entry for entry in page_of(await opened.live.entries(Version(frame.start - 1), PAGE)) if entry.version <= until
    ]
    last = entries[-1].version if entries else until
    released = Released(Reach.HISTORY, frame.thread, frame.start, last)
    line = await opened.access.write(disclosure(opened.live, request, frame.request, released))
    metrics.lines.inc()
    # The line took a moment: who is out by now gets nothing, and nobody gets what only became readable since.
    before, channel, at = Sight(request).view(channel, entries, at), opened.live.channel, now()
    if frame.thread not in served_threads(channel, request.reader, at):
        raise NotFound
    seen = Sight(request).view(channel, entries, at)
    found = [e.item() for e, *both in zip(entries, before, seen, strict=True) if all(both) and e.thread == frame.thread]
    place = opened.live.place.channel
    answer = frames.Fetched(place, request.request_id, line.item(), found, more=last < until)
    await outlet.send_patiently(answer, PATIENCE)


async def read_access_log(opened: Opened, request: ReadRequest, frame: frames.ReadAccessLog, outlet: Outlet) -> None:
    """Send the lines after a version: the user gets all, others their own whole and the rest as leaves.

    Raises:
        NotFound: the reader takes no part in the channel.

    """
    channel, reader = opened.live.channel, request.reader
    is_user = channel.user is not None and channel.user.principal == reader
    if not served_threads(channel, reader, now()):
        raise NotFound
    after = frame.after
    own: set[Version] = set()
    while True:
        entries, head, more = await opened.access.lines(after, PAGE)
        items = [entry.item() if is_user or _is_own(entry, reader, own) else entry.stub() for entry in entries]
        page = frames.Events(opened.live.place.channel, records.ACCESS, items, head, live=not more)
        await outlet.send_patiently(page, PATIENCE)
        if not more:
            return
        after = entries[-1].version


def _is_own(entry: Entry, reader: PrincipalId, own: set[Version]) -> bool:
    """Whether a line is about this reader; `own` gathers its intervals, so that their ends are known too."""
    event = entry.header.event
    if isinstance(event, IntervalClosed):
        return event.ref in own
    if getattr(event, "reader", None) != reader:
        return False
    own.add(entry.version)
    return True
