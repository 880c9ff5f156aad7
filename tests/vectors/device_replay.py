"""What the vectors of keyring deposits and of letting in a new device ask for."""

from collections.abc import Callable
from typing import Any

from crypto import device_approvals as approvals
from crypto import keyring_deposits as deposits
from crypto.kem import KemKey

Case = dict[str, Any]
raw = bytes.fromhex


def _deposit(case: Case) -> Any:
    if "code" in case:
        locator = deposits.recovery_locator(raw(case["deployment"]), case["code"])
        return {"locator": locator.hex(), "hash": deposits.locator_hash(locator).hex()}
    found = deposits.parse_deposit(raw(case["deposit"]))
    return {"generation": found.generation, "digest": deposits.deposit_digest(raw(case["deposit"])).hex()}


def _approval(case: Case) -> Any:
    if "typed" in case:
        return approvals.mailbox_name(case["typed"]).hex()
    offer, answer = raw(case["offer"]), raw(case["answer"])
    approvals.verify_commitment(raw(case["commitment"]), offer)
    approvals.parse_answer(answer)
    got = approvals.open_handover(raw(case["handover"]), KemKey.from_seed(raw(case["seed"])), offer, answer)
    return {"code": approvals.check_code(offer, answer), "keyring_key": got.keyring_key.hex(), "trust": got.trust.hex()}


REPLAY: dict[str, Callable[[Case], Any]] = {"deposits.json": _deposit, "device_approvals.json": _approval}
