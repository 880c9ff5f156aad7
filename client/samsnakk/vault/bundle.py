"""A case as it is handed on: the case, and the key streams of everybody who signed in it.

The officers' machines may be far from the hub, so what they check with travels along. It is believed in nothing: key
streams are replayed against the roots in each officer's own trust file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import cbor
from crypto.errors import CryptoError
from crypto.kem import KemPublic
from crypto.shapes import array, blob, identifier, whole
from domain.ids import DeviceId, PrincipalId
from domain.ids import Digest as Head
from protocol import records
from protocol.acts import Place
from protocol.directory import Directory
from protocol.errors import UnknownDevice
from protocol.published_keys import decode_entries, encode_entries
from protocol.records import Record
from protocol.trust import Trust
from protocol.vault_case import (
    MAX_CASE,
    BadCase,
    Case,
    Scope,
    VerifiedCase,
    collect,
    encode_case,
    parse_case,
    verify_case,
)

FORMAT: Final = 1
MAX_BUNDLE: Final = MAX_CASE + 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bundle:
    """A case and the key streams to check it with, by principal."""

    case: Case
    key_streams: tuple[tuple[PrincipalId, bytes], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks the officers for: the number people know the case by, and the messages it is about."""

    number: str
    vault: PrincipalId
    auditor: KemPublic
    scope: Scope


def make_bundle(asked: Asked, place: Place, items: Sequence[Any], before: Head, directory: Directory) -> Bundle:
    """The case, out of the channel's items from the first one to the end of the period.

    `before` is the channel's head before the period. Raises `BadCase` where the period is not within the items.
    """
    scope = asked.scope
    if not 0 < scope.start <= scope.until <= len(items):
        raise BadCase("the period is not within the record")
    until = items[: scope.until]
    wraps = collect(until, asked.vault, scope.threads, scope.start)
    within = tuple(until[scope.start - 1 :])
    case = Case(place, asked.vault, asked.number, asked.auditor, scope, before, within, wraps)
    signers = {DeviceId(wrap.signature[:16]) for wrap in wraps} | _signers(within)
    people = {directory.owner(device) for device in signers if device != directory.hub}
    streams = sorted({asked.vault, *directory.roots.replaced()} | people)
    return Bundle(case, tuple((who, encode_entries(directory.entries(who))) for who in streams))


def _signers(items: Iterable[Any]) -> set[DeviceId]:
    entries = (records.read_item(item) for item in items)
    return {entry.signed.signer for entry in entries if isinstance(entry, Record)}


def encode_bundle(bundle: Bundle) -> bytes:
    """The file: [1, case, [[principal, key stream]…]]."""
    streams: list[cbor.CborInput] = [[who, entries] for who, entries in bundle.key_streams]
    return cbor.encode([FORMAT, encode_case(bundle.case), streams])


def parse_bundle(data: bytes) -> Bundle:
    """The case in a file, unverified. Raises `BadCase`."""
    try:
        form, case, streams = array(cbor.decode(data, max_size=MAX_BUNDLE, max_depth=3), 3)
        whole(form, FORMAT, FORMAT)
        pairs = [array(stream, 2) for stream in array(streams)]
        found = tuple((PrincipalId(identifier(who)), blob(entries)) for who, entries in pairs)
        return Bundle(parse_case(blob(case)), found)
    except CryptoError as error:
        raise BadCase(str(error)) from None


def check_bundle(bundle: Bundle, trust: Trust, head: Head) -> tuple[VerifiedCase, Directory]:
    """The verified case, and the keys it was verified with. `head` is what the officer trusts, from elsewhere.

    Raises:
        ProtocolError: of its subclasses, `OutsideTheCase` says that another history is shown.

    """
    directory = Directory(trust)
    directory.add_all({who: decode_entries(entries) for who, entries in bundle.key_streams})
    try:
        return verify_case(bundle.case, directory.signer, head), directory
    except UnknownDevice:
        raise BadCase("signed by somebody whose key stream is missing") from None
