"""Vectors of what auditors, approvers and key officers hand each other: case files, and proofs of an approved case."""

from collections.abc import Callable
from typing import Any

from crypto.cbor import encode
from domain.channel import events as e
from domain.ids import Millis
from protocol.case_files import CaseFile, encode_case_file
from protocol.published_keys import encode_entries
from protocol.vault_case import Case as VaultCase
from protocol.vault_case import encode_case
from protocol.vault_proof import Proof, collect_proof, encode_proof
from tests.crypto.fixed import flipped
from tests.protocol import test_vault_proof as told
from tests.protocol.audit_story import APPROVER, AUDITOR, VAULT, asked, terms
from tests.protocol.keyholders import ANNA
from tests.protocol.stream_builder import Story, stub_of
from tests.vectors.audit_vectors import audit_story
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, finished


def _keys(story: Story, at: int) -> Case:
    return {"vault": VAULT.hex(), "entries": encode_entries(story.keys.entries(VAULT)).hex(), "at": at}


def case_files(_standing: Standing) -> list[Case]:
    story = audit_story()
    ref = asked(story)
    signed = story.records[ref - 1].signed
    good = encode_case_file(CaseFile(ref, signed.header, signed.signature))
    by_anna = story.signed(ANNA, e.CaseOpened(terms()))
    closing = story.signed(AUDITOR, e.CaseClosed(ref))
    files: dict[str, bytes] = {
        "a case for the approver": good,
        "a flipped bit in the signature": encode_case_file(CaseFile(ref, signed.header, flipped(signed.signature))),
        "by somebody who is not charged": encode_case_file(CaseFile(ref, by_anna.header, by_anna.signature)),
        "another act": encode_case_file(CaseFile(ref, closing.header, closing.signature)),
        "of format 2": encode([2, ref, signed.header, signed.signature]),
        "at version 0": encode([1, 0, signed.header, signed.signature]),
        "with a field more": encode([1, ref, signed.header, signed.signature, None]),
        "with a byte behind": good + b"\0",
        "nothing": b"",
    }
    return finished(
        "case_files.json",
        [{"name": name, "file": file.hex(), **_keys(story, story.now)} for name, file in files.items()],
    )


Change = Callable[[Story, VaultCase], None]


def vault_proofs(_standing: Standing) -> list[Case]:
    story, case, ref = told.approved(audit_story())
    whole = collect_proof(story.items(), case.scope.until)
    ended = story.fork("ended")
    ended.record(ended.signed(APPROVER, e.CaseRefused(ref)))
    hidden = Proof((*whole.items, stub_of(ended.records[-1])))
    shorter = Proof(whole.items[:-1])
    unapproved = _other(told.REFUSED[1][0])
    wider = _other(told.REFUSED[6][0])
    cases = [
        _case("an approved case", story, case, whole),
        _case("after its time", story, case, whole, at=terms().ends),
        _case("cut short", story, case, shorter),
        _case("taken back", ended, case, collect_proof(ended.items(), case.scope.until)),
        _case("taken back, behind a leaf", ended, case, hidden),
        _case("approved by nobody", *unapproved),
        _case("approved on other terms", *wider),
    ]
    return finished(
        "vault_proofs.json", [*cases, {**cases[0], "name": "a proof of format 2", "proof": encode([2, []]).hex()}]
    )


def _other(happens: Change) -> tuple[Story, VaultCase, Proof]:
    story = audit_story()
    case = told.vault_case(story)
    happens(story, case)
    return story, case, collect_proof(story.items(), case.scope.until)


def _case(name: str, story: Story, case: VaultCase, proof: Proof, at: int = 0) -> Case:
    made: dict[str, Any] = {"name": name, "case": encode_case(case).hex(), "proof": encode_proof(proof).hex()}
    return {**made, "trusted": story.head.hex(), **_keys(story, Millis(at or story.now))}


FILES = {
    "case_files.json": ("Audit cases on their way to the approver.", case_files),
    "vault_proofs.json": ("What shows the key officers that an approved audit case asks for a case.", vault_proofs),
}
