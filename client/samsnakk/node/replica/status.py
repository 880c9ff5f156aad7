"""What `samsnakk node status` says about the copies, in plain Norwegian."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.ids import Millis
from samsnakk.node.faults import text_of
from samsnakk.node.folder import OpenNode
from samsnakk.node.replica.archive import Archive, opened_archive


async def replica_lines(node: OpenNode) -> list[str]:
    """A few lines for each organisation; read from disk, so also while the node runs, or while the hub is away."""
    found: list[str] = []
    for organisation in node.configuration.organisations:
        async with opened_archive(node, organisation) as archive:
            found += _lines(archive, hooked=bool(node.configuration.hook))
    return found


def _lines(archive: Archive, *, hooked: bool) -> Iterator[str]:
    name, shelf = archive.reader.name, archive.shelf
    channels = list(shelf.channels.values())
    if not channels:
        yield f"{name}: ingen samtaler er kopiert ennå. {_device(archive)}"
        return
    newest = max(one.verified_at for one in channels)
    yield (
        f"{name}: kopi av {_count(len(channels), 'samtale', 'samtaler')}, "
        f"{sum(one.held for one in channels)} hendelser, sist kontrollert {_time(newest)}; "
        f"lest til plass {shelf.cursor} hos huben."
    )
    behind = [one for one in channels if one.lag and not one.fault and not one.ended]
    if behind:
        yield f"  {sum(one.lag for one in behind)} hendelser mangler i {_count(len(behind), 'samtale', 'samtaler')}."
    else:
        yield "  Ingenting mangler."
    ended = sum(1 for one in channels if one.ended)
    if ended:
        yield f"  {_count(ended, 'samtale', 'samtaler')} er avsluttet for virksomheten; kopien blir liggende."
    yield f"  {_files(archive)}"
    for one in channels:
        if one.fault:
            yield f"  ADVARSEL, samtale {one.channel.hex()}: {text_of(one.fault)}"
    yield f"  {_hook(archive, hooked=hooked)}"
    yield f"  {_device(archive)}"


def _files(archive: Archive) -> str:
    number, size = archive.files.kept()
    waiting = sum(1 for one in archive.shelf.channels.values() if one.held > archive.file_list.upto.get(one.channel, 0))
    text = f"{number} vedlegg i kopien ({size / 1_000_000:.1f} MB)".replace(".", ",")
    if archive.file_list.missing:
        text += f"; {len(archive.file_list.missing)} er ikke å få hos huben"
    return text + (f"; i {_count(waiting, 'samtale', 'samtaler')} kan det være flere." if waiting else ".")


def _device(archive: Archive) -> str:
    identity = archive.reader.unlocked.identity
    return f"Noden leser for hvelvet {identity.person.hex()} med enheten {identity.device.hex()}."


def _hook(archive: Archive, *, hooked: bool) -> str:
    if not hooked:
        return "Ingen overføring til fagsystem er satt opp."
    shelf = archive.shelf
    waiting = sum(max(0, one.held - shelf.exported.get(one.channel, 0)) for one in shelf.channels.values())
    if shelf.hook.failures:
        return (
            f"Fagsystemet har ikke tatt imot {shelf.hook.failures} ganger på rad "
            f"(sist {_time(shelf.hook.failed_at)}: {shelf.hook.problem}). {waiting} hendelser venter; ingen er tapt."
        )
    return f"Fagsystemet tok sist imot {_time(shelf.hook.delivered_at)}; {waiting} hendelser venter."


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _time(at: Millis) -> str:
    return "aldri" if not at else f"{datetime.fromtimestamp(at / 1000, UTC).astimezone():%d.%m.%Y %H:%M}"
