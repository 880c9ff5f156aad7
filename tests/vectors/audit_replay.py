"""What the vector files of audit cases ask to be done: the same table makes the outputs and checks them."""

from collections.abc import Callable
from typing import Any

from crypto.key_statements import SignedStatement
from crypto.key_streams import replay as replay_keys
from crypto.signing import PublicKey, Signature
from domain.ids import Digest, Millis, OrganisationId, PrincipalId, Version
from protocol.audit_replay import AuditReplay
from protocol.case_files import parse_case_file, verify_case_file
from protocol.directory import Directory
from protocol.published_keys import decode_entries
from protocol.replay import Replay
from protocol.vault_case import parse_case
from protocol.vault_proof import parse_proof, verify_approved
from tests.vectors.crypto_replay import Case, raw
from tests.vectors.protocol_replay import base, item_of, pinned, plain


def duties(case: Case) -> Any:
    """A vault's key stream, and whom it charges with what at each of its statements."""
    entries = [SignedStatement(raw(one), Signature(raw(signature))) for one, signature in case["entries"]]
    roots = {raw(issuer): tuple(PublicKey(raw(one)) for one in line) for issuer, line in case["roots"].items()}
    state = replay_keys(raw(case["deployment"]), raw(case["principal"]), entries, roots)
    names = sorted({one.duty for one in state.charged})
    return {
        "head": state.head.hex(),
        "charged": [
            [name, n, [who.hex() for who in state.on_duty_at(name, 0, n)]]
            for name in names
            for n in range(1, state.n + 1)
        ],
    }


def audits(case: Case) -> Any:
    """A member, or the auditor of the case opened at `case`, who is served these items and looks at `at`.

    n is record n of `channel.json`, -n its stub, [n] the record without its body, text any other item in hex.
    """
    directory, (_, place, told) = Directory(pinned()), base()
    directory.add_all({PrincipalId(raw(who)): decode_entries(raw(entries)) for who, entries in case["keys"].items()})
    reader = PrincipalId(raw(case["reader"]))
    if "case" not in case:
        replay = Replay(place, reader, directory)
    else:
        replay = AuditReplay(place, reader, OrganisationId(raw(case["organisation"])), Version(case["case"]), directory)
    for item in case["serve"]:
        replay.accept([*told[item[0] - 1][:2], None] if isinstance(item, list) else item_of(item, told))
    if isinstance(replay, AuditReplay):
        replay.verify_scope(Millis(case["at"]))
    else:
        replay.verify_stubs(Millis(case["at"]))
    stubs = [version for version in range(1, replay.version + 1) if replay.stub_at(Version(version)) is not None]
    cases = [
        [
            ref,
            one.state.value,
            one.auditor.hex(),
            one.organisation.hex(),
            one.approver.hex() if one.approver else None,
            one.until,
        ]
        for ref, one in sorted(replay.channel.cases.items())
    ]
    return {"version": replay.version, "head": replay.head.hex(), "stubs": stubs, "cases": cases}


def case_files(case: Case) -> Any:
    """What an approver reads in a file."""
    opened = verify_case_file(parse_case_file(raw(case["file"])), _knowing(case), Millis(case["at"]))
    return {
        "ref": opened.ref,
        "auditor": opened.auditor.hex(),
        "organisation": opened.organisation.hex(),
        "terms": plain(opened.terms),
    }


def vault_proofs(case: Case) -> Any:
    """What a key officer is shown, who trusts this head, at this time."""
    made, proof = parse_case(raw(case["case"])), parse_proof(raw(case["proof"]))
    trusted, at = Digest(raw(case["trusted"])), Millis(case["at"])
    found, approval = verify_approved(made, proof, _knowing(case), trusted, at)
    people = [approval.auditor.hex(), approval.approver.hex(), approval.organisation.hex()]
    return {"ref": approval.ref, "people": people, "messages": [message.version for message in found.messages]}


def _knowing(case: Case) -> Directory:
    directory = Directory(pinned())
    directory.add_all({PrincipalId(raw(case["vault"])): decode_entries(raw(case["entries"]))})
    return directory


AUDIT_REPLAY: dict[str, Callable[[Case], Any]] = {
    "duties.json": duties,
    "audit_cases.json": audits,
    "case_files.json": case_files,
    "vault_proofs.json": vault_proofs,
}
