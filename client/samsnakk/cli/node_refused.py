"""`samsnakk node refused`: in plain Norwegian, what the hub refused to the organisation's own people's devices."""

import sys
from typing import Final

from protocol.errors import ChainBroken
from protocol.security_log import RefusedAttempts
from samsnakk.cli.shown import one_line
from samsnakk.node.refused import refused_attempts
from samsnakk.node.running import Node
from samsnakk.report.words_nb import BOKMAL

HUB_LIES: Final = 3
_NOTHING: Final = "{name}: ingenting nytt er avvist.\n"
_ROW: Final = "{name}: {when}: {count} ganger avvist: {door} ({code}). Enhet {device}{claimed}. Kilde {source}.\n"
_CLAIMED: Final = ", som ikke beviste hvem den var"
_BROKEN: Final = (
    "ADVARSEL: Hubens logg over avviste forsøk henger ikke sammen med det denne noden har sett før. Noen kan ha tatt "
    "ut eller endret noe. Ring sikkerhetskontakten.\n"
)


async def show_refused(node: Node) -> int:
    """Tell what is new; returns 0, or 3 where the hub's log is not the one it was."""
    opened = node.issuer.node
    for organisation in opened.configuration.organisations:
        name = one_line(opened.trust.name_of(organisation))
        try:
            found = await refused_attempts(opened, organisation, node.doors)
        except ChainBroken:
            sys.stdout.write(_BROKEN)
            return HUB_LIES
        sys.stdout.writelines([_told(one, name) for one in found] or [_NOTHING.format(name=name)])
    return 0


def _told(one: RefusedAttempts, name: str) -> str:
    first, last = BOKMAL.time(one.first_at), BOKMAL.time(one.last_at)
    return _ROW.format(
        name=name,
        when=first if first == last else f"{first} til {last}",
        count=one.count,
        door=one_line(one.door),
        code=one_line(one.code),
        device=one.device.hex() if one.device is not None else "ukjent",
        claimed="" if one.proven else _CLAIMED,
        source=one.source.hex(),
    )
