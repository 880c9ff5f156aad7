"""Vectors of what is sealed. HPKE draws its own randomness: what it gave once is kept for as long as it opens."""

from collections.abc import Callable
from typing import Any

from crypto import labels
from crypto.attachments import seal_chunks
from crypto.cbor import decode, encode
from crypto.epochs import wrap
from crypto.errors import CryptoError
from crypto.grants import Grant, GrantedEpoch, GrantedMessage, seal_grant
from crypto.kem import hpke_seal
from crypto.keyring_slots import Slot, device_slot, passphrase_slot, prf_slot, recovery_slot
from crypto.keyrings import Keyring, seal_keyring
from crypto.labels import labelled
from crypto.layers import kem_hash
from crypto.messages import MAX_BODY, message_key, seal
from crypto.recovery_codes import format_recovery_code
from crypto.shapes import array, blob
from tests.crypto.fixed import (
    CONTEXT,
    ENTRY,
    GRANT_CONTEXT,
    KARI,
    ROSTER,
    VAULT_ENTRY,
    VAULT_KEYS,
    flipped,
    kem_seed,
    some_bytes,
    some_id,
    some_secret,
)
from tests.vectors.crypto_replay import REPLAY
from tests.vectors.plain_vectors import Case, Standing, finished

EPOCH_KEY = some_secret("epoch 7")
OFFICER_SEEDS = [kem_seed("officer A").hex(), kem_seed("officer B").hex()]


def _kept(file: str, standing: Standing, case: Case, field: str, seal_again: Callable[[], bytes]) -> Case:
    """`case` with the sealed bytes that stand in the file, or with new ones if those do not open as they did."""
    old = standing.get(case["name"], {})
    try:
        if field in old and REPLAY[file](case | {field: old[field]}) == old.get("output"):
            return case | {field: old[field]}
    except CryptoError:
        pass
    return case | {field: seal_again().hex()}


def _hex(fields: dict[str, Any]) -> Case:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}


def kem(standing: Standing) -> list[Case]:
    info = labelled(labels.EPOCH_WRAP, b"context")
    plain: Case = {"name": "a key pair", "seed": kem_seed("Kari").hex()}
    case = plain | {"name": "sealed", "info": info.hex()}
    good = _kept("kem.json", standing, case, "sealed", lambda: hpke_seal(KARI.public, info, b"secret"))
    sealed = bytes.fromhex(good["sealed"])
    bad = {
        "a flipped bit in the ML-KEM ciphertext": flipped(sealed, 0),
        "a flipped bit in the X25519 key": flipped(sealed, 1100),
        "a flipped bit in the tag": flipped(sealed),
        "cut short": sealed[:-1],
        "nothing": b"",
    }
    return finished(
        "kem.json",
        [plain, good]
        + [good | {"name": name, "sealed": other.hex()} for name, other in bad.items()]
        + [good | {"name": "another info", "info": (info + b"!").hex()}]
        + [good | {"name": "another key", "seed": kem_seed("Ola").hex()}]
        + [plain | {"name": "a seed of 31 bytes", "seed": "00" * 31}],
    )


def messages(_standing: Standing) -> list[Case]:
    core, salt, content = encode([1, "header core"]), some_bytes("salt"), "Hei på deg".encode()
    body = seal(EPOCH_KEY, salt, core, content)
    parts = [blob(part) for part in array(decode(body, max_size=MAX_BODY), 3)]
    making = _hex(
        {"name": "sealing", "epoch_key": EPOCH_KEY, "key_salt": salt, "header_core": core, "content": content}
    )
    reading = _hex({"name": "opening", "epoch_key": EPOCH_KEY, "header_core": core, "body": body})
    granted = _hex({"message_key": message_key(EPOCH_KEY, salt, core), "header_core": core, "body": body})
    changed = {
        "a flipped bit in the salt": [flipped(parts[0]), parts[1], parts[2]],
        "a flipped bit in the commitment": [parts[0], flipped(parts[1]), parts[2]],
        "a flipped bit in the ciphertext": [parts[0], parts[1], flipped(parts[2])],
        "a part missing": parts[:2],
        "a short salt": [parts[0][:-1], parts[1], parts[2]],
    }
    return finished(
        "messages.json",
        [making, reading, {"name": "opening by a granted key", **granted}]
        + [reading | {"name": name, "body": encode(other).hex()} for name, other in changed.items()]
        + [
            reading | {"name": "another header", "header_core": b"other".hex()},
            reading | {"name": "another epoch key", "epoch_key": some_secret("other").hex()},
            {"name": "another granted key", **granted, "message_key": some_secret("other").hex()},
            {"name": "a granted key beside another header", **granted, "header_core": b"other".hex()},
            reading | {"name": "a byte behind", "body": (body + b"\x00").hex()},
        ],
    )


def epochs(standing: Standing) -> list[Case]:
    context = _hex({name: getattr(CONTEXT, name) for name in CONTEXT.__slots__})
    kari = context | _hex({"principal": ENTRY.principal, "key_version": 1, "kem_hash": ENTRY.kem_hash})
    vault = kari | _hex({"principal": VAULT_ENTRY.principal, "kem_hash": VAULT_ENTRY.kem_hash})
    one = kari | {"name": "a wrap for a person", "seeds": [kem_seed("Kari").hex()]}
    two = vault | {"name": "a wrap for a vault", "seeds": OFFICER_SEEDS}
    one = _kept("epochs.json", standing, one, "wrapped", lambda: wrap(CONTEXT, ENTRY, [KARI.public], EPOCH_KEY))
    two = _kept("epochs.json", standing, two, "wrapped", lambda: wrap(CONTEXT, VAULT_ENTRY, VAULT_KEYS, EPOCH_KEY))
    other = some_id("other").hex()
    bad: list[Case] = [
        {field: other, "name": f"a wrap for another {field}"}
        for field in ("deployment", "channel", "committer", "principal")
    ] + [
        {field: 99, "name": f"a wrap for another {field}"}
        for field in ("thread", "epoch", "membership_version", "key_version")
    ]
    roster = [[entry.principal.hex(), entry.key_version, entry.kem_hash.hex()] for entry in ROSTER]
    return finished(
        "epochs.json",
        [
            {"name": "a roster", "roster": roster},
            {"name": "a roster out of order", "roster": roster[::-1]},
            {"name": "a principal twice", "roster": [roster[0], roster[0]]},
            {"name": "nobody", "roster": []},
            kari | {"name": "a confirmation", "epoch_key": EPOCH_KEY.hex()},
            one,
            two,
            *(one | change for change in bad),
            one | {"name": "another roster", "roster_hash": some_bytes("other").hex()},
            one | {"name": "a key that the roster does not name", "kem_hash": kem_hash(VAULT_KEYS).hex()},
            one | {"name": "another reader", "seeds": [kem_seed("Ola").hex()]},
            one | {"name": "a broken wrap", "wrapped": flipped(bytes.fromhex(one["wrapped"])).hex()},
            two | {"name": "a vault's keys swapped", "seeds": OFFICER_SEEDS[::-1]},
        ],
    )


def grants(standing: Standing) -> list[Case]:
    grant = Grant(
        (GrantedEpoch(0, 4, some_secret("epoch 4")), GrantedEpoch(3, 1, some_secret("epoch 1"))),
        (GrantedMessage(17, some_secret("message 17")),),
    )
    case = _hex({name: getattr(GRANT_CONTEXT, name) for name in GRANT_CONTEXT.__slots__})
    case |= {"name": "a grant", "seeds": [kem_seed("Kari").hex()]}
    good = _kept(
        "grants.json",
        standing,
        case,
        "sealed",
        lambda: seal_grant(GRANT_CONTEXT, [KARI.public], grant, content_key=some_secret("content")),
    )
    sealed, other = bytes.fromhex(good["sealed"]), some_id("other").hex()
    ids = ("deployment", "channel", "granter", "recipient", "command_id")
    return finished(
        "grants.json",
        [
            good,
            *(good | {"name": f"a grant for another {field}", field: other} for field in ids),
            good | {"name": "a grant for another key version", "key_version": 2},
            good | {"name": "another reader", "seeds": [kem_seed("Ola").hex()]},
            good | {"name": "a flipped bit", "sealed": flipped(sealed).hex()},
            good | {"name": "cut short", "sealed": sealed[:-1].hex()},
        ],
    )


def attachments(_standing: Standing) -> list[Case]:
    file = _hex({"key": some_secret("file"), "file_id": some_id("file")})
    lengths = (0, 1, 262_143, 262_144, 262_145, 600_000)
    (small,) = seal_chunks(some_secret("file"), some_id("file"), [b"a small file"])
    opening = file | {"name": "opening", "sealed": [small.hex()]}
    return finished(
        "attachments.json",
        [{"name": f"{length} bytes", **file, "length": length} for length in lengths]
        + [
            opening,
            opening | {"name": "in two pieces", "sealed": [small[:5].hex(), small[5:].hex()]},
            opening | {"name": "nothing", "sealed": []},
            opening | {"name": "cut short", "sealed": [small[:-1].hex()]},
            opening | {"name": "a byte added", "sealed": [small.hex(), "00"]},
            opening | {"name": "another file", "file_id": some_id("other").hex()},
            opening | {"name": "another key", "key": some_secret("other").hex()},
        ],
    )


def keyrings(standing: Standing) -> list[Case]:
    person, code = some_id("Kari"), format_recovery_code(some_bytes("recovery", 20))

    def file() -> bytes:
        key, salt = some_secret("keyring"), some_bytes("salt")
        slots: list[Slot] = [
            passphrase_slot(person, key, "blåbærsyltetøy på skiva", salt),
            device_slot(person, key, some_id("telephone"), KARI.public),
            prf_slot(person, key, some_bytes("credential", 64), some_bytes("prf"), salt),
            recovery_slot(person, key, code, salt),
        ]
        keyring = Keyring(person, ((1, some_secret("seed 1")),), None, {"root of NAV": some_bytes("root")})
        return seal_keyring(keyring, key, slots, nonce=some_bytes("nonce", 12))

    case = {"name": "by device", "person": person.hex(), "slot": 1, "seed": kem_seed("Kari").hex()}
    good = _kept("keyrings.json", standing, case, "file", file)
    sealed = bytes.fromhex(good["file"])
    salt, other, device = some_bytes("salt"), some_bytes("another salt"), some_id("telephone")
    changed_elsewhere = sealed.replace(device, some_id("tablet"))
    base = {"person": person.hex(), "file": good["file"]}
    passphrase = base | {"name": "by passphrase", "slot": 0, "passphrase": "bla\u030abærsyltetøy pa\u030a skiva"}
    prf = base | {"name": "by passkey", "slot": 2, "prf": some_bytes("prf").hex()}
    recovery = base | {"name": "by recovery code", "slot": 3, "code": code.lower()}
    return finished(
        "keyrings.json",
        [
            good,
            passphrase,
            prf,
            recovery,
            passphrase | {"name": "another passphrase", "passphrase": "blåbær"},
            prf | {"name": "another passkey", "prf": some_bytes("other").hex()},
            recovery | {"name": "another recovery code", "code": format_recovery_code(some_bytes("other", 20))},
            recovery | {"name": "no recovery code", "code": "none"},
            good | {"name": "another device", "seed": kem_seed("Ola").hex()},
            good | {"name": "another person", "person": some_id("Ola").hex()},
            good | {"name": "a flipped bit in the content", "file": flipped(sealed).hex()},
            good | {"name": "cut short", "file": sealed[:-1].hex()},
            prf | {"name": "another person's passkey", "person": some_id("Ola").hex()},
            prf | {"name": "a PRF output of 31 bytes", "prf": "00" * 31},
            prf | {"name": "a passkey's slot with another salt", "file": sealed.replace(salt, other).hex()},
            prf | {"name": "a passkey's slot, and another slot changed", "file": changed_elsewhere.hex()},
            prf | {"name": "a passkey's slot, and a flipped bit in the content", "file": flipped(sealed).hex()},
            prf | {"name": "a passkey's slot in a file cut short", "file": sealed[:-1].hex()},
            prf | {"name": "a passkey's slot in a file with a byte behind", "file": (sealed + b"\x00").hex()},
            prf | {"name": "a passkey's slot in another format", "file": (sealed[:1] + b"\x02" + sealed[2:]).hex()},
            prf
            | {
                "name": "a passkey's slot beside an unknown kind",
                "file": sealed.replace(b"hrecovery", b"hrecovere").hex(),
            },
        ],
    )


FILES = {
    "kem.json": ("X-Wing key pairs from seeds; HPKE base mode, MLKEM768-X25519, HKDF-SHA256, AES-256-GCM.", kem),
    "messages.json": ("Message bodies: key derivation, commitment, padding, AES-256-GCM.", messages),
    "epochs.json": ("Roster hashes, confirmations, and wraps for a person and a vault.", epochs),
    "grants.json": ("History grants.", grants),
    "attachments.json": ("Chunked files. Contents are the bytes 0, 1, … 250 repeated.", attachments),
    "keyrings.json": ("Keyring files and the four ways into them.", keyrings),
}
