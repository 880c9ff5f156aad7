"""Vectors of what a page hands to a program; `ephemeral` is the seed that sealing with the same bytes takes."""

from crypto import labels
from crypto.boxes import ONLY_NONCE, seal_box
from crypto.browser_handovers import ProgramKey, SlotHandover, seal_handover
from crypto.cbor import CborInput, encode
from crypto.derivation import derive_key
from tests.crypto.fixed import flipped, some_bytes, some_id, some_secret
from tests.vectors.plain_vectors import Case, Standing, finished

SEED, EPHEMERAL = some_bytes("program"), some_bytes("ephemeral")


def _boxed(content: CborInput) -> str:
    ephemeral, program = ProgramKey(EPHEMERAL), ProgramKey(SEED)
    shared, salt = ephemeral.shared(program.public), ephemeral.public + program.public
    key = derive_key(shared, salt=salt, label=labels.BROWSER_HANDOVER, context=b"")
    return (ephemeral.public + seal_box(key, ONLY_NONCE, b"", encode(content))).hex()


def handovers(_standing: Standing) -> list[Case]:
    what = SlotHandover(
        some_id("Kari"), some_bytes("credential", 64), some_bytes("salt"), "Nøkkel på jobb", some_secret("slot")
    )
    items: list[CborInput] = [1, what.person, what.credential, what.salt, what.name, what.key]
    sealed = seal_handover(what, ProgramKey(SEED).public, ProgramKey(EPHEMERAL))
    good: Case = {"name": "handed over", "seed": SEED.hex(), "ephemeral": EPHEMERAL.hex(), "sealed": sealed.hex()}
    bad: dict[str, CborInput] = {
        "another format": [2, *items[1:]],
        "a part missing": items[:-1],
        "a part more": [*items, 1],
        "a short id": [1, what.person[:-1], *items[2:]],
        "no credential": [*items[:2], b"", *items[3:]],
        "a credential too long": [*items[:2], bytes(1024), *items[3:]],
        "a short salt": [*items[:3], what.salt[:-1], *items[4:]],
        "a name too long": [*items[:4], "x" * 61, what.key],
        "a name in bytes": [*items[:4], b"x", what.key],
        "a short key": [*items[:5], what.key[:-1]],
    }
    plain: Case = {"seed": SEED.hex()}
    return finished(
        "browser_handovers.json",
        [
            plain | {"name": "a program's key and code"},
            good,
            plain | {"name": "without a name", "sealed": _boxed([*items[:4], "", what.key])},
            *(plain | {"name": name, "sealed": _boxed(content)} for name, content in bad.items()),
            plain | {"name": "another program", "seed": some_bytes("other").hex(), "sealed": sealed.hex()},
            plain | {"name": "a flipped bit in the key", "sealed": flipped(sealed, 3).hex()},
            plain | {"name": "a flipped bit in the box", "sealed": flipped(sealed).hex()},
            plain | {"name": "cut short", "sealed": sealed[:-1].hex()},
            plain | {"name": "a key and no box", "sealed": sealed[:32].hex()},
            plain | {"name": "a point of small order", "sealed": (bytes(32) + sealed[32:]).hex()},
            plain | {"name": "too long", "sealed": (sealed + bytes(4096)).hex()},
            {"name": "a seed of 31 bytes", "seed": SEED[:-1].hex()},
        ],
    )


FILES = {
    "browser_handovers.json": (
        "What a page hands to a program on the same machine: the key of a passkey's slot.",
        handovers,
    )
}
