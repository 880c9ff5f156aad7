"""`samsnakk audit export` and `samsnakk audit verify`: evidence in one file, and whether it holds."""

import argparse
import asyncio
import shutil
import sys
import time
from typing import Final

from crypto.errors import CryptoError
from crypto.log_policies import parse_policy
from domain.ids import Millis
from protocol.errors import ProtocolError
from protocol.trust import Trust, decode_trust
from samsnakk import Client
from samsnakk.cli.access import titles_of
from samsnakk.cli.connected import connected
from samsnakk.cli.places import NoPlace, Place, find_place
from samsnakk.cli.rendering import LANGUAGES, deliver, verify_endings
from samsnakk.cli.shown import one_line
from samsnakk.errors import SamsnakkError
from samsnakk.evidence.collecting import COSIGNING, collect
from samsnakk.evidence.verifying import Findings, verify_bundle
from samsnakk.evidence.writing import write_bundle
from samsnakk.evidence.zipped import opened
from samsnakk.report import as_html
from samsnakk.report.named import Named
from samsnakk.report.tables import Report
from samsnakk.report.whole import Sources, whole_report
from samsnakk.who_read import WhoRead

FAILED: Final = 1
USAGE: Final = 2
_STEP: Final = 0.1
_MADE: Final = (
    "Bevispakken ligger i {path}: {version} hendelser, {lines} linjer i innsynsloggen, nøklene til {keys}.\n"
    "Navnet på pakken, til å lese opp for den som får den:\n  {name}\n"
)
_UNWITNESSED: Final = (
    "! For få virksomheter har signert at de har sett det samme. Pakken sier det, og kontrollen også.\n"
    "  Prøv igjen senere, når virksomhetenes noder er i gang.\n"
)
_HOLDS: Final = (
    "✓ {version} hendelser: hver signatur, hver regel og hver lenke stemmer\n"
    "✓ {lines} linjer i innsynsloggen; {proven} av dem med leserens egen signatur\n"
    "✓ nøklene til {keys}, utstedt under røttene i tillitsfilen\n"
    "✓ navet har signert at dette er det nyeste, i en logg på {size} hendelser\n"
)
_WITNESSED: Final = "✓ {count} vitner har signert det samme, det siste {when}\n"
_TOO_FEW: Final = (
    "! For få virksomheter har signert det samme. Navet alene går god for at ingen har fått se noe annet.\n"
    "  Be om en ny pakke, laget når virksomhetenes noder er i gang.\n"
)
_RENAMED: Final = "! I pakken heter noen noe annet enn i tillitsfilen: {who}. Stol på tillitsfilen.\n"
_NAME: Final = "Pakkens navn: {name}\n"


def run(given: argparse.Namespace) -> int:
    """Do what is asked for; returns as it does."""
    return {"export": export, "verify": verify}[given.about](given)


def export(given: argparse.Namespace) -> int:
    """Make a bundle; 0, 1 if it cannot be had, 2 if what is named is not there."""
    try:
        place = find_place(given.person, given.channel, given.data, given.url, given.inbox)
        return asyncio.run(_export(place, given))
    except (NoPlace, OSError) as error:
        return _said("export", error, USAGE)
    except (SamsnakkError, ProtocolError) as error:
        return _said("export", error, FAILED)


async def _export(place: Place, given: argparse.Namespace) -> int:
    async def work(client: Client) -> bool:
        channel = await client.channel(place.channel, role=place.inbox, purpose=place.purpose)
        await channel.caught_up(600.0)
        collected = await collect(client, channel, COSIGNING if given.wait is None else given.wait)
        read, words = collected.read, LANGUAGES["nb"]
        titles = Named(client.trust, words, channel.me, await titles_of(channel))
        now = client.now()
        report = as_html.render(_whole(read, place.name, now, titles), words)
        reader = (channel.me, client.me)
        name = write_bundle(given.out, collected, reader, client.trust, now, report)
        made = {"version": read.history.version, "lines": len(read.lines), "keys": len(collected.keys)}
        sys.stdout.write(_MADE.format(path=one_line(str(given.out)), name=name, **made))
        return collected.witnessed

    if not await connected((place.unlocked, place.url), work):
        sys.stdout.write(_UNWITNESSED)
    return 0


def verify(given: argparse.Namespace) -> int:
    """Check a bundle; 0, 1 if it does not hold, 2 if a file is not there."""
    try:
        verify_endings(given.out)
        trust = decode_trust(given.trust.read_bytes())
        policy = None if given.policy is None else parse_policy(given.policy.read_bytes())
        with opened(given.bundle) as bundle:
            findings = verify_bundle(bundle, trust, Millis(time.time_ns() // 10**6), policy, _Progress())
    except (NoPlace, OSError, CryptoError) as error:
        return _said("verify", error, USAGE)
    except (SamsnakkError, ProtocolError) as error:
        return _said("verify", error, FAILED)
    _tell(findings)
    _report(findings, trust, given)
    return 0


def _tell(found: Findings) -> None:
    lines = found.read.lines
    facts = {"version": found.read.history.version, "lines": len(lines), "keys": found.key_streams}
    proven = sum(1 for line in lines if line.request is not None)
    out = [_HOLDS.format(proven=proven, size=found.checkpoint.size, **facts)]
    if found.enough:
        when = time.strftime("%d.%m.%Y kl. %H:%M", time.localtime(max(found.cosigned.values())))
        out.append(_WITNESSED.format(count=len(found.cosigned), when=when))
    else:
        out.append(_TOO_FEW)
    if found.renamed:
        out.append(_RENAMED.format(who=", ".join(found.renamed)))
    sys.stdout.write("".join([*out, _NAME.format(name=found.name)]))


def _report(found: Findings, trust: Trust, given: argparse.Namespace) -> None:
    if given.out or given.json:
        named = Named(trust, LANGUAGES[given.language], found.read.history.viewer, {})
        channel = found.about.channel[:8]
        deliver(_whole(found.read, channel, Millis(found.about.made_at), named), given)


def _whole(read: WhoRead, channel: str, made_at: Millis, named: Named) -> Report:
    return whole_report(Sources(channel, read.history, read.channel_head, made_at, read), named, made_at)


class _Progress:
    """How far it is, for whoever sits before it."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and (now - self._told > _STEP or done == total):
            self._told = now
            width = min(shutil.get_terminal_size().columns - 30, 40)
            full = width * done // total
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{'█' * full}{'░' * (width - full)} {done} av {total}{end}")


def _said(step: str, error: Exception, code: int) -> int:
    sys.stderr.write(f"samsnakk audit {step}: {error}\n")
    return code
