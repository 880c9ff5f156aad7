"""A case at a vault: an organisation's archive key opens the messages of one case, and nothing else (protocol §3).

The *case* is what is asked for: number, period, threads, the records themselves and the vault's wraps of their epochs.
Every key officer checks it: signatures, chain, period and threads. How it is opened is in `protocol.vault_opening`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import cbor, epochs, labels
from crypto.errors import Malformed
from crypto.hashing import Digest, hash_with
from crypto.kem import PUBLIC_LENGTH, KemPublic
from crypto.layers import KEYS_OF_A_VAULT, wrapped_length
from crypto.shapes import array, blob, digest, exactly, identifier, short_text, strictly_rising, whole
from domain.channel.events import EpochOpened, MessagePosted
from domain.ids import ChannelId, DeploymentId, DeviceId, EpochNo, Millis, PrincipalId, ThreadNo, Version
from domain.ids import Digest as Head
from protocol import records
from protocol.acts import SIGNATURE, Header, Place, SignedAct, parse_header, verify_act
from protocol.errors import ChainBroken, ForgedRecord, ProtocolError
from protocol.records import Record, Stub
from protocol.sealing import epoch_context

FORMAT: Final = 1
MAX_CASE: Final = 64 * 1024 * 1024
MAX_CASE_NUMBER: Final = 64
MAX_CASE_THREADS: Final = 256

PublicKey = Callable[[DeviceId], tuple[bytes, labels.Label]]
EpochId = tuple[ThreadNo, EpochNo]


class BadCase(ProtocolError):
    """A file of a case that is not one, does not hold together, or belongs to another case."""


class OutsideTheCase(ProtocolError):
    """The record's head is not the one that the officer trusts: the case shows another history."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the case may open: messages of these threads from version `start` to `until`, both included."""

    threads: tuple[ThreadNo, ...]
    start: Version
    until: Version


@dataclass(frozen=True, slots=True)
class Wrap:
    """The vault's own wrap of an epoch, beside the signed header that it is bound to."""

    header: bytes
    signature: bytes
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked for. `before` is the channel's head before `scope.start`; `items` are the records of the period."""

    place: Place
    vault: PrincipalId
    number: str
    auditor: KemPublic
    scope: Scope
    before: Head
    items: tuple[Any, ...] = field(repr=False)
    wraps: tuple[Wrap, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """One message of the case, signed by whom it says."""

    version: Version
    recorded_at: Millis
    header: Header
    body: bytes = field(repr=False)

    @property
    def epoch(self) -> EpochId:
        """Under which key it is sealed."""
        return self.header.thread or ThreadNo(0), self.header.epoch


@dataclass(frozen=True, slots=True)
class CaseEpoch:
    """One epoch of the case: what the vault's wrap is bound to."""

    context: epochs.EpochContext
    entry: epochs.RosterEntry
    confirmation: bytes
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedCase:
    """A case that holds together. Only `verify_case` makes these."""

    case: Case
    hash: Digest
    messages: tuple[CaseMessage, ...]
    epochs: Mapping[EpochId, CaseEpoch]
    beyond: int
    """How many messages of the period the vault had no part in: nothing opens them here."""


def encode_case(case: Case) -> bytes:
    """The file: a CBOR array of 10. Raises `BadCase` if it would be too large."""
    data = cbor.encode(
        [
            FORMAT,
            case.place.deployment,
            case.place.channel,
            case.vault,
            case.number,
            case.auditor,
            [list(case.scope.threads), case.scope.start, case.scope.until],
            case.before,
            list(case.items),
            [[wrap.header, wrap.signature, wrap.wrapped] for wrap in case.wraps],
        ]
    )
    if len(data) > MAX_CASE:
        raise BadCase("too large: ask for a shorter period")
    return data


def parse_case(data: bytes) -> Case:
    """The case in a file; nothing in it is believed yet. Raises `BadCase`."""
    try:
        return _parse(array(cbor.decode(data, max_size=MAX_CASE), 10))
    except Malformed as error:
        raise BadCase(str(error)) from None


def _parse(parts: list[Any]) -> Case:
    form, deployment, channel, vault, number, auditor, scope, before, items, wraps = parts
    whole(form, FORMAT, FORMAT)
    threads, start, until = array(scope, 3)
    numbers = tuple(ThreadNo(whole(thread)) for thread in array(threads))
    strictly_rising((thread,) for thread in numbers)
    if not 0 < len(numbers) <= MAX_CASE_THREADS:
        raise Malformed("no threads, or too many")
    first, last = whole(start, 1), whole(until, 1)
    if last < first or len(array(items)) != last - first + 1:
        raise Malformed("not the records of the period")
    return Case(
        Place(DeploymentId(identifier(deployment)), ChannelId(identifier(channel))),
        PrincipalId(identifier(vault)),
        short_text(number, MAX_CASE_NUMBER),
        KemPublic(exactly(auditor, PUBLIC_LENGTH)),
        Scope(numbers, Version(first), Version(last)),
        Head(digest(before)),
        tuple(items),
        tuple(_wrap(wrap) for wrap in array(wraps)),
    )


def _wrap(value: Any) -> Wrap:  # noqa: ANN401 - decoded CBOR
    header, signature, wrapped = array(value, 3)
    return Wrap(blob(header), exactly(signature, SIGNATURE), exactly(wrapped, wrapped_length(KEYS_OF_A_VAULT)))


def verify_case(case: Case, public_key: PublicKey, trusted: Head) -> VerifiedCase:
    """Check the whole case. `trusted` is the channel's head after `scope.until`, as the officer knows it otherwise.

    Raises:
        OutsideTheCase: the records do not lead to the trusted head, so some are not the channel's.
        ChainBroken, ForgedRecord, BadCase: records or wraps are not what they should be.
        UnknownDevice: an author's key stream is missing.

    """
    head, messages, last = case.before, [], Millis(0)
    for version, item in enumerate(case.items, case.scope.start):
        entry = records.read_item(item)
        if entry.version != version or entry.recorded_at < last:
            raise ChainBroken(f"version {entry.version} stands at {version}")
        leaf, message = _read(entry, case, public_key)
        head, last = records.next_head(head, leaf), entry.recorded_at
        messages += [message] if message is not None else []
    if head != trusted:
        raise OutsideTheCase
    found = tuple(_epoch(wrap, case, public_key) for wrap in case.wraps)
    keyed = {(ThreadNo(one.context.thread), EpochNo(one.context.epoch)): one for one in found}
    if len(keyed) != len(found) or not set(keyed) <= {message.epoch for message in messages}:
        raise BadCase("other epochs than those of its messages")
    ours = tuple(message for message in messages if message.epoch in keyed)
    case_hash = hash_with(labels.VAULT_CASE, encode_case(case))
    return VerifiedCase(case, case_hash, ours, keyed, len(messages) - len(ours))


def _read(entry: Record | Stub, case: Case, public_key: PublicKey) -> tuple[Head, CaseMessage | None]:
    if isinstance(entry, Stub):
        return records.leaf(entry), None
    try:
        header, kind = parse_header(entry.signed.header)
    except ProtocolError as error:
        raise ForgedRecord(f"{error.code} at {entry.version}") from None
    leaf = records.leaf(Stub(entry.version, header.thread, kind.kind_class, entry.recorded_at, entry.inner()))
    body = entry.signed.body
    if not isinstance(header.event, MessagePosted) or header.thread not in case.scope.threads or body is None:
        return leaf, None
    act = verify_act(entry.signed, case.place, public_key)
    return leaf, CaseMessage(entry.version, entry.recorded_at, act.header, body)


def _epoch(wrap: Wrap, case: Case, public_key: PublicKey) -> CaseEpoch:
    header, _ = parse_header(wrap.header)
    # The other wraps stay where they are, so the body's hash cannot be compared. It need not be: HPKE binds the
    # vault's wrap to this header, and the confirmation in it says which key is the right one.
    verify_act(SignedAct(wrap.header, wrap.signature, None), case.place, public_key)
    if not isinstance(header.event, EpochOpened) or header.thread not in case.scope.threads:
        raise BadCase("a wrap of something else than the case's epochs")
    for entry in header.event.roster:
        if entry.principal == case.vault:
            found = epochs.RosterEntry(entry.principal, entry.key_version, Digest(entry.kem_hash))
            return CaseEpoch(epoch_context(header), found, header.event.confirmation, wrap.wrapped)
    raise BadCase("an epoch that the vault has no part in")


def collect(items: Iterable[Any], vault: PrincipalId, threads: Sequence[ThreadNo], first: Version) -> tuple[Wrap, ...]:
    """The vault's wraps of those epochs of `threads` that messages from version `first` on are sealed under.

    `items` are the channel's records from the first one to the end of the period.
    """
    opened: dict[EpochId, Wrap] = {}
    needed: set[EpochId] = set()
    for item in items:
        entry = records.read_item(item)
        if isinstance(entry, Stub):
            continue
        header, _ = parse_header(entry.signed.header)
        where = (header.thread or ThreadNo(0), header.epoch)
        if header.thread not in threads or entry.signed.body is None:
            continue
        if isinstance(header.event, EpochOpened):
            wrapped = _own_wrap(header.event, entry.signed.body, vault)
            opened |= {where: Wrap(entry.signed.header, entry.signed.signature, wrapped)} if wrapped else {}
        elif isinstance(header.event, MessagePosted) and entry.version >= first:
            needed.add(where)
    return tuple(opened[where] for where in sorted(needed & set(opened)))


def _own_wrap(event: EpochOpened, body: bytes, vault: PrincipalId) -> bytes | None:
    wraps = cbor.decode(body, max_size=len(body))
    found = (
        wrapped
        for entry, wrapped in zip(event.roster, array(wraps, len(event.roster)), strict=True)
        if entry.principal == vault
    )
    return next((wrapped for wrapped in found if isinstance(wrapped, bytes)), None)
