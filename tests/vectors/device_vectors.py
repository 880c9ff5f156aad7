"""Vectors of keyring deposits and of letting in a new device; what is sealed is kept for as long as it opens."""

from crypto.cbor import CborInput, encode
from crypto.device_approvals import Answer, Handover, Offer, commit, encode_answer, encode_offer, seal_handover
from crypto.errors import CryptoError
from crypto.keyring_deposits import Deposit, encode_deposit, locator_hash
from crypto.keyring_slots import recovery_slot
from crypto.keyrings import Keyring, seal_keyring
from crypto.recovery_codes import format_recovery_code
from tests.crypto.fixed import (
    KARI,
    flipped,
    kem_seed,
    signing_key,
    some_bytes,
    some_digest,
    some_id,
    some_secret,
)
from tests.vectors.device_replay import REPLAY
from tests.vectors.plain_vectors import Case, Standing, finished


def deposits(_standing: Standing) -> list[Case]:
    code, person = format_recovery_code(some_bytes("recovery", 20)), some_id("Kari")
    slot = recovery_slot(person, some_secret("keyring"), code, some_bytes("salt"))
    ring = Keyring(person, ((1, some_secret("seed 1")),), None, {})
    file = seal_keyring(ring, some_secret("keyring"), [slot], nonce=some_bytes("nonce", 12))
    first = encode_deposit(Deposit(1, None, (locator_hash(some_bytes("locator")),), file))
    second = encode_deposit(Deposit(2, some_digest("first"), (), file))
    two = sorted([some_digest("a"), some_digest("b")])
    bad: dict[str, list[CborInput]] = {
        "the first replaces something": [1, 1, some_digest("first"), [], file],
        "a later one replaces nothing": [1, 2, None, [], file],
        "locators out of order": [1, 1, None, two[::-1], file],
        "a locator twice": [1, 1, None, [two[0]] * 2, file],
        "too many locators": [1, 1, None, sorted(some_digest(str(n)) for n in range(5)), file],
        "generation zero": [1, 0, None, [], file],
        "another format": [2, 1, None, [], file],
        "no keyring": [1, 1, None, [], b"file"],
    }
    place = some_id("deployment").hex()
    cases: list[Case] = [
        {"name": "the first", "deposit": first.hex()},
        {"name": "a later one", "deposit": second.hex()},
        *({"name": name, "deposit": encode(items).hex()} for name, items in bad.items()),
        {"name": "a byte behind", "deposit": (first + b"\x00").hex()},
        {"name": "a locator", "deployment": place, "code": code},
        {"name": "a locator, typed otherwise", "deployment": place, "code": code.lower().replace("-", " ")},
        {"name": "a locator elsewhere", "deployment": some_id("other").hex(), "code": code},
        {"name": "no code", "deployment": place, "code": code[:-1]},
    ]
    return finished("deposits.json", cases)


def approvals(standing: Standing) -> list[Case]:
    key = signing_key("old")
    offer = encode_offer(Offer(some_id("new"), signing_key("new").public, KARI.public, some_bytes("nonce N")))
    answer = encode_answer(Answer(some_id("deployment"), some_id("Kari"), key.public, some_bytes("nonce O")))
    other = encode_answer(Answer(some_id("deployment"), some_id("Kari"), key.public, some_bytes("another")))
    handover = Handover(some_id("Kari"), None, some_secret("keyring"), some_digest("file"), b"{}")
    stranger = Handover(some_id("Ola"), None, some_secret("keyring"), some_digest("file"), b"{}")

    def case(name: str, what: Handover, signer: str = "old") -> Case:
        base: Case = {"name": name, "seed": kem_seed("Kari").hex(), "commitment": commit(offer).hex()}
        base |= {"offer": offer.hex(), "answer": answer.hex()}
        old = standing.get(name, {})
        try:
            again = {"output": REPLAY["device_approvals.json"](base | {"handover": old["handover"]})}
        except KeyError:
            again = {}
        except CryptoError as error:
            again = {"expect": type(error).__name__}
        if again and old == base | {"handover": old["handover"]} | again:
            return base | {"handover": old["handover"]}
        return base | {"handover": seal_handover(what, signing_key(signer), offer, answer).hex()}

    good = case("handed over", handover)
    letter = bytes.fromhex(good["handover"])
    cases: list[Case] = [
        good,
        case("signed by somebody else", handover, "hub"),
        case("another person's", stranger),
        good | {"name": "another answer", "answer": other.hex()},
        good | {"name": "another commitment", "commitment": some_digest("other").hex()},
        good | {"name": "another device", "seed": kem_seed("Ola").hex()},
        good | {"name": "a flipped bit", "handover": flipped(letter, 200).hex()},
        good | {"name": "a flipped bit in the signature", "handover": flipped(letter).hex()},
        good | {"name": "cut short", "handover": letter[:-1].hex()},
        good | {"name": "no offer", "offer": "80", "commitment": commit(b"\x80").hex()},
        {"name": "a mailbox", "typed": "0123-ABCD"},
        {"name": "a mailbox, typed otherwise", "typed": "ol23 abcd"},
        {"name": "no mailbox", "typed": "0123-ABC"},
    ]
    return finished("device_approvals.json", cases)


FILES = {
    "deposits.json": ("Keyring deposits, and what a recovery code finds them by.", deposits),
    "device_approvals.json": ("Letting in a new device: commitment, code, handover, mailbox.", approvals),
}
