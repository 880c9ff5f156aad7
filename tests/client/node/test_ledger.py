"""The ledger: what one process of the node signed, no other signs otherwise."""

from pathlib import Path

import pytest

from crypto.key_statements import SignedStatement
from crypto.signing import Signature
from domain.ids import PrincipalId
from samsnakk.node.ledger import Ledger, LedgerMoved

KARI = PrincipalId(bytes(16))


def statement(text: bytes) -> SignedStatement:
    return SignedStatement(text, Signature(bytes(64)))


def test_two_processes_that_sign_for_one_place_keep_the_first_and_tell_the_second(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path / "issued.db"), Ledger(tmp_path / "issued.db")
    one.append(KARI, [statement(b"first"), statement(b"second")], after=0)
    with pytest.raises(LedgerMoved):
        other.append(KARI, [statement(b"otherwise"), statement(b"and on")], after=1)
    assert other.entries(KARI) == (statement(b"first"), statement(b"second"))
    other.append(KARI, [statement(b"third")], after=2)
    assert len(one.entries(KARI)) == 3
    one.close()
    other.close()
