"""That an approved audit case lets the key officers open this case at the vault: carried beside it, to their machines.

The *proof* goes on where the vault's case ends: every leaf of the channel from there to a head that the officer trusts
from elsewhere, and whole those of audits. So nobody can show an approval that is not in the record, leave out that it
was taken back, or use it for other messages than were asked for: the act that asks names the hash of the vault's case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import cbor, labels
from crypto.errors import Malformed
from crypto.hashing import hash_with
from crypto.shapes import array, whole
from domain.channel import events as e
from domain.channel.audit_cases import ref_of
from domain.channel.audits import DUTY_OF, AuditKind, CaseTerms, Duty
from domain.channel.checks_of_audits import check_purpose
from domain.channel.terms import KindClass
from domain.errors import Refusal
from domain.ids import Digest as Head
from domain.ids import Millis, OrganisationId, PrincipalId, Version
from protocol import records
from protocol.acts import Header, parse_header, verify_act
from protocol.directory import Directory
from protocol.duties import has_duty
from protocol.errors import ChainBroken, DeviceNotValid, ForgedRecord, ProtocolError
from protocol.records import Record
from protocol.vault_case import Case, OutsideTheCase, VerifiedCase, encode_case, verify_case

FORMAT: Final = 1
MAX_PROOF: Final = 32 * 1024 * 1024


class NotApproved(ProtocolError):
    """No approved audit case lets the officers open this; `detail` says what is missing."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Items of the versions behind the vault's case: leaves, and whole records of audits."""

    items: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Approval:
    """On whose words the officers open."""

    ref: Version
    terms: CaseTerms
    organisation: OrganisationId
    auditor: PrincipalId
    approver: PrincipalId


@dataclass(frozen=True, slots=True)
class _Said:
    """One act of an audit, with its place; signed by whom it says, who had the duty."""

    version: Version
    recorded_at: Millis
    header: Header


def encode_proof(proof: Proof) -> bytes:
    """The proof: a CBOR array of 2. Raises `NotApproved` if it would be too large."""
    data = cbor.encode([FORMAT, list(proof.items)])
    if len(data) > MAX_PROOF:
        raise NotApproved("too large")
    return data


def parse_proof(data: bytes) -> Proof:
    """A proof, nothing of which is believed yet. Raises `NotApproved`."""
    try:
        form, items = array(cbor.decode(data, max_size=MAX_PROOF), 2)
        whole(form, FORMAT, FORMAT)
        return Proof(tuple(array(items)))
    except Malformed as error:
        raise NotApproved(str(error)) from None


def collect_proof(items: Sequence[Any], until: Version) -> Proof:
    """The proof out of the channel's items from the first one on, for a vault's case that ends with `until`."""
    return Proof(tuple(_bare(item) for item in items[until:]))


def _bare(item: Any) -> Any:  # noqa: ANN401 - an item as it travels
    entry = records.read_item(item)
    if not isinstance(entry, Record):
        return item
    header, kind = parse_header(entry.signed.header)
    return item if kind.kind_class is KindClass.AUDIT else records.stub_item(records.leaf_of(entry, header, kind))


def verify_approved(
    case: Case, proof: Proof, directory: Directory, trusted: Head, at: Millis
) -> tuple[VerifiedCase, Approval]:
    """The vault's case, and the approval that lets the officers open it at `at`, by their own clock.

    `trusted` is the channel's head after the proof's last item, as the officer knows it from elsewhere.

    Raises:
        OutsideTheCase: case and proof do not lead to the trusted head.
        NotApproved: they do, and no approved audit case lets anybody open this now.
        ChainBroken, ForgedRecord, BadCase, UnknownDevice, UnknownKey: as for `verify_case`.

    """
    middle = _head_after(case.items, case.before, case.scope.start)
    verified = verify_case(case, directory.signer, middle)
    first = Version(case.scope.until + 1)
    if _head_after(proof.items, middle, first) != trusted:
        raise OutsideTheCase
    said = list(_audits(proof, case, directory))
    hashed = hash_with(labels.VAULT_CASE, encode_case(case))
    asks = [one for one in said if isinstance(one.header.event, e.ContentAsked)]
    mine = [one for one in asks if getattr(one.header.event, "vault_case", b"") == hashed]
    if not mine:
        raise NotApproved("nobody has asked for these messages in the channel")
    return verified, _approval(mine[-1], said, verified, directory, at)


def _head_after(items: Iterable[Any], before: Head, first: Version) -> Head:
    head = before
    for version, item in enumerate(items, first):
        entry = records.read_item(item)
        if entry.version != version:
            raise ChainBroken(f"version {entry.version} stands at {version}")
        if isinstance(entry, Record):
            header, kind = parse_header(entry.signed.header)
            entry = records.leaf_of(entry, header, kind)
        head = records.next_head(head, records.leaf(entry))
    return head


def _audits(proof: Proof, case: Case, directory: Directory) -> Iterable[_Said]:
    """Every act of an audit in the proof; none of them may be a leaf only."""
    for item in proof.items:
        entry = records.read_item(item)
        if not isinstance(entry, Record):
            if entry.kind_class is KindClass.AUDIT:
                raise NotApproved(f"version {entry.version} is kept back")
            continue
        act = verify_act(entry.signed, case.place, directory.signer)
        header = act.header
        try:
            directory.verify_author(header, entry.recorded_at)
        except DeviceNotValid:
            raise ForgedRecord(f"version {entry.version}") from None
        duty = DUTY_OF.get(type(header.event))
        if duty is None or header.person is None:
            raise NotApproved(f"version {entry.version} belongs to no audit")
        if not has_duty(directory, header.organisation, header.person, duty, entry.recorded_at):
            raise NotApproved(f"the author of version {entry.version} was not charged with it")
        yield _Said(entry.version, entry.recorded_at, header)


def _approval(
    asked: _Said, said: Sequence[_Said], verified: VerifiedCase, directory: Directory, at: Millis
) -> Approval:
    ref = ref_of(asked.header.event, asked.version)
    acts = [one for one in said if ref_of(one.header.event, one.version) == ref]
    opened, approved = _first(acts, e.CaseOpened), _first(acts, e.CaseApproved)
    if any(isinstance(one.header.event, e.CaseRefused | e.CaseClosed) for one in acts):
        raise NotApproved("the case is closed, or its approval was taken back")
    if not opened.version < approved.version < asked.version:
        raise NotApproved("not asked, approved and asked for in this order")
    found = _agreed(opened, approved, asked)
    if directory.vault_of(found.organisation) != verified.case.vault:
        raise NotApproved("another organisation's vault")
    _verify_scope(found, asked, verified, opened.recorded_at)
    if not found.terms.begins <= asked.recorded_at < found.terms.ends or not at < found.terms.ends:
        raise NotApproved("the time of the case is over, or has not begun")
    if not has_duty(directory, found.organisation, found.auditor, Duty.AUDIT, at):
        raise NotApproved("the auditor is not charged with it any more")
    return found


def _first(acts: Sequence[_Said], kind: type) -> _Said:
    for one in acts:
        if isinstance(one.header.event, kind):
            return one
    raise NotApproved("no case opened behind the messages" if kind is e.CaseOpened else "nobody has approved it")


def _agreed(opened: _Said, approved: _Said, asked: _Said) -> Approval:
    """The same case, the same organisation, the same auditor throughout, and somebody else who approved."""
    opening, approval, auditor = opened.header.event, approved.header.event, opened.header.person
    organisation, approver = opened.header.organisation, approved.header.person
    if not isinstance(opening, e.CaseOpened) or not isinstance(approval, e.CaseApproved):
        raise NotApproved("not a case")
    if auditor is None or approver is None or organisation is None or auditor == approver:
        raise NotApproved("no second person has approved it")
    others = {approved.header.organisation, asked.header.organisation}
    if others != {organisation} or asked.header.person != auditor:
        raise NotApproved("approved or asked for by people of somebody else")
    if (approval.terms, approval.auditor) != (opening.terms, auditor):
        raise NotApproved("approved were other terms")
    return Approval(opened.version, opening.terms, organisation, auditor, approver)


def _verify_scope(found: Approval, asked: _Said, verified: VerifiedCase, opened_at: Millis) -> None:
    terms, case, event = found.terms, verified.case, asked.header.event
    try:
        check_purpose(terms, opened_at)
    except Refusal as refusal:
        raise NotApproved(refusal.code) from None
    named = isinstance(event, e.ContentAsked) and (event.threads, event.start, event.last)
    if named != (case.scope.threads, case.scope.start, case.scope.until):
        raise NotApproved("asked for were other messages")
    until = opened_at if terms.until is None else terms.until
    if terms.kind is not AuditKind.CONTENT or not set(case.scope.threads) <= set(terms.threads):
        raise NotApproved("the audit case is not about these messages")
    if not all(terms.since <= message.recorded_at < until for message in verified.messages):
        raise NotApproved("messages outside the period of the audit case")
    if case.number != terms.number:
        raise NotApproved("another number than the audit case's")
