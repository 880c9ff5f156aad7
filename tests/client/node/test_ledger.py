"""The ledger: what one process of the node signed, no other signs otherwise."""

from pathlib import Path

import pytest

from crypto.key_statements import SignedStatement
from crypto.signing import Signature
from domain.ids import Millis, PrincipalId
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


def test_a_wish_is_good_once_whichever_process_gets_it_and_also_after_a_restart(tmp_path: Path) -> None:
    one, other = Ledger(tmp_path / "issued.db"), Ledger(tmp_path / "issued.db")
    wish = bytes(16)
    assert one.use_once(wish, Millis(1000), Millis(0))
    assert not other.use_once(wish, Millis(1001), Millis(0))
    one.close()
    other.close()
    again = Ledger(tmp_path / "issued.db")
    assert not again.use_once(wish, Millis(1002), Millis(0))
    assert again.use_once(wish, Millis(9000), Millis(2000))  # long out of date by then, and refused for that
    again.close()
