"""`samsnakk audit`: what an organisation's auditors and those who approve their cases do."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from crypto.errors import CryptoError
from crypto.hashing import hash_with
from crypto.labels import VAULT_CASE
from domain.channel.audits import AuditKind, CaseTerms
from domain.ids import Millis, OrganisationId, ThreadNo
from protocol.case_files import BadCaseFile, CaseFile, encode_case_file, parse_case_file
from protocol.errors import ProtocolError
from protocol.trust import Trust
from protocol.vault_case import encode_case
from samsnakk.auditing import Auditing
from samsnakk.cli import evidence
from samsnakk.cli.audit_rows import header_rows, member_rows, reading_rows
from samsnakk.cli.audit_texts import SAID, STOPPED
from samsnakk.cli.audit_words import terms_in_words
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names
from samsnakk.cli.places import NoPlace, channel_named, find_profile
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.vault_words import Stopped, say, write_new
from samsnakk.errors import SamsnakkError
from samsnakk.profile import Unlocked
from samsnakk.vault.bundle import parse_bundle

FAILED: Final = 1
USAGE: Final = 2
_DAY: Final = 24 * 60 * 60 * 1000


def run(given: argparse.Namespace) -> int:
    """Do the step; returns 0, 1 if it cannot be done or the hub was caught, 2 if what was named is not there."""
    if given.about != "case":
        return evidence.run(given)
    try:
        unlocked, url = find_profile(given.person, given.data, given.url)
        asyncio.run(_run(given, unlocked, url))
    except (NoPlace, Stopped, OSError) as error:
        sys.stderr.write(f"samsnakk audit: {error}\n")
        return USAGE
    except BadCaseFile:
        sys.stderr.write(f"samsnakk audit: {STOPPED['file']}\n")
        return FAILED
    except (SamsnakkError, ProtocolError, CryptoError) as error:
        sys.stderr.write(f"samsnakk audit: {told(error)}\n")
        return FAILED
    return 0


Step = Callable[[argparse.Namespace, Unlocked, Auditing], Awaitable[None]]


async def _run(given: argparse.Namespace, unlocked: Unlocked, url: str) -> None:
    steps: dict[str, Step] = {
        "open": _open,
        "show": _show,
        "approve": _approve,
        "refuse": _refuse,
        "look": _look,
        "messages": _messages,
        "close": _close,
    }
    async with Auditing(unlocked, url) as audits:
        await steps[given.step](given, unlocked, audits)


async def _open(given: argparse.Namespace, unlocked: Unlocked, audits: Auditing) -> None:
    trust = unlocked.trust
    channel = channel_named(trust, given.channel)
    if given.case.exists():
        raise Stopped(STOPPED["exists"].format(file=given.case))
    await audits.connected()  # the time box is by the hub's clock
    terms = _terms(given, trust, audits.now())
    file = await audits.open_case(channel, terms)
    write_new(given.case, encode_case_file(file))
    say(SAID["opened"].format(**terms_in_words(terms), ref=file.ref, file=given.case))


def _terms(given: argparse.Namespace, trust: Trust, at: Millis) -> CaseTerms:
    until = None if given.until is None else _day(given.until, after=1)
    return CaseTerms(
        kind=AuditKind.CONTENT if given.messages else AuditKind.METADATA,
        number=given.number,
        purpose=given.purpose,
        legal_basis=given.basis,
        threads=tuple(sorted({ThreadNo(int(part)) for part in given.threads.split(",")})),
        since=_day(given.since),
        until=until if until is not None and until <= at else None,
        organisations=tuple(sorted(_organisation(trust, name) for name in given.organisation)),
        begins=at,
        ends=Millis(at + given.days * _DAY),
    )


def _day(text: str, after: int = 0) -> Millis:
    """The beginning of a day on this machine's clock, or of one some days after."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d") + timedelta(days=after)  # noqa: DTZ007 - the local day is meant
    except ValueError:
        raise Stopped(STOPPED["day"].format(day=text)) from None
    return Millis(int(day.timestamp() * 1000))


def _organisation(trust: Trust, name: str) -> OrganisationId:
    for one in trust.organisations:
        if name in (one.name, one.number):
            return OrganisationId(one.id)
    names = ", ".join(one.name for one in trust.organisations)
    raise Stopped(STOPPED["organisation"].format(name=name, names=names))


def _file(path: Path) -> CaseFile:
    return parse_case_file(path.read_bytes())


async def _show(given: argparse.Namespace, unlocked: Unlocked, audits: Auditing) -> None:
    await _read(given, unlocked, audits)


async def _read(given: argparse.Namespace, unlocked: Unlocked, audits: Auditing) -> CaseFile:
    """Say what the file asks for, once it is checked."""
    file = _file(given.case)
    case = await audits.read_case(file)
    names = Names(unlocked.trust, b"", BOKMAL)
    who = {"auditor": names.full(case.auditor), "organisation": names.organisation(case.organisation)}
    channels = [known.name for known in unlocked.trust.channels if known.id == case.place.channel]
    readers = ", ".join(names.organisation(one) for one in case.terms.organisations)
    where = {"channel": channels[0] if channels else case.place.channel.hex(), "readers": readers or SAID["everybody"]}
    say(SAID["case"].format(**terms_in_words(case.terms), **who, **where, ref=case.ref))
    return file


async def _approve(given: argparse.Namespace, unlocked: Unlocked, audits: Auditing) -> None:
    file = await _read(given, unlocked, audits)
    _confirm(SAID["confirm"], (await audits.read_case(file)).terms.number)
    await audits.approve(file)
    say(SAID["approved"])


async def _refuse(given: argparse.Namespace, unlocked: Unlocked, audits: Auditing) -> None:
    await audits.refuse(await _read(given, unlocked, audits))
    say(SAID["refused"])


async def _close(given: argparse.Namespace, _unlocked: Unlocked, audits: Auditing) -> None:
    await audits.close(_file(given.case))
    say(SAID["closed"])


async def _look(given: argparse.Namespace, unlocked: Unlocked, audits: Auditing) -> None:
    file = _file(given.case)
    names = Names(unlocked.trust, b"", BOKMAL)
    day = None if given.members is None else _day(given.members, after=1)
    headers = await audits.headers(file)
    if day is not None:
        rows = member_rows(headers, names, day)
    elif given.readings:
        rows = reading_rows(await audits.readings(file, headers), headers, names)
    else:
        rows = header_rows(headers, names)
    for row in rows:
        say(row)


async def _messages(given: argparse.Namespace, _unlocked: Unlocked, audits: Auditing) -> None:
    case = parse_bundle(given.vault_case.read_bytes()).case
    hashed, scope = hash_with(VAULT_CASE, encode_case(case)), case.scope
    version = await audits.ask_content(_file(given.case), hashed, scope.threads, scope.start, scope.until)
    say(SAID["messages"].format(start=scope.start, last=scope.until, version=version))


def _confirm(question: str, word: str) -> None:
    say(question)
    sys.stdout.flush()
    if sys.stdin.readline().strip() != word:
        raise Stopped(STOPPED["stopped"])
