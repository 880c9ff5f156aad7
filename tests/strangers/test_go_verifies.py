"""A verifier that we did not write, from the distribution, checks the log of a real hub, and notices every change."""

import asyncio
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.hashing import Digest
from crypto.notes import sign_note
from crypto.signing import SigningKey
from protocol.witnesses import log_key, log_origin
from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.strangers.go import PACKAGES, WITHOUT, built, find_go
from tests.strangers.served_log import Mirror, record_many

EVENTS = 100_000
# A busy machine is slow to record so many.
pytestmark = pytest.mark.timeout(900)
SOURCE = Path(__file__).with_name("verify.go")


@dataclass(frozen=True)
class Stranger:
    """The program, what it knows beforehand, and the folder it judges."""

    program: Path
    folder: Path
    key: str
    size: int
    signing: SigningKey
    origin: str

    def judge(self, key: str = "", old: str = "older") -> tuple[int, str]:
        command = [str(self.program), str(self.folder), key or self.key, str(self.folder / old)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def stranger(world: World, start_hub: Callable[..., HubProcess], tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    program = built(SOURCE, tmp_path_factory.mktemp("go"))
    hub = start_hub(world)
    mirror = Mirror(hub, tmp_path_factory.mktemp("mirror"))
    asyncio.run(record_many(hub, EVENTS // 4))
    mirror.checkpoint(EVENTS // 4, "older")
    asyncio.run(record_many(hub, EVENTS - EVENTS // 4))
    size = mirror.checkpoint(EVENTS).size
    mirror.fetch(size)
    signing = SigningKey.from_seed(world.hub_key_file.read_bytes())
    return Stranger(
        program, mirror.folder, str(log_key(world.trust)), size, signing, log_origin(world.trust.deployment_id)
    )


@pytest.fixture
def changed(stranger: Stranger) -> Iterator[Callable[[str, bytes], None]]:
    """Change files of the copy; all are as they were afterwards."""
    before: dict[Path, bytes] = {}

    def change(name: str, data: bytes) -> None:
        file = stranger.folder / name
        before[file] = file.read_bytes()
        file.write_bytes(data)

    yield change
    for file, data in before.items():
        file.write_bytes(data)


def test_signature_entries_tiles_inclusion_and_consistency_hold(stranger: Stranger) -> None:
    code, said = stranger.judge()
    assert code == 0, said
    found = re.fullmatch(r"size (\d+) old (\d+) included (\d+) consistent (\d+)\n", said)
    assert found is not None, said
    size, old, included, consistent = (int(number) for number in found.groups())
    assert size == stranger.size >= EVENTS
    assert EVENTS // 4 <= old < size
    assert included > 900
    assert consistent > 10


def test_another_key_has_not_signed_it(stranger: Stranger) -> None:
    other = re.sub(r"^[^+]+", "log.samsnakk/0000", stranger.key)
    assert stranger.judge(key=other)[0] == 1


@pytest.mark.parametrize(
    ("file", "at"),
    [
        ("checkpoint", 60),
        ("older", 60),
        ("tile/entries/000", 40),
        ("tile/entries/200", 8000),
        ("tile/0/000", 31),
        ("tile/0/300", 7),
        ("tile/1/000", 4096),
    ],
)
def test_one_changed_bit_anywhere_is_noticed(
    file: str, at: int, stranger: Stranger, changed: Callable[[str, bytes], None]
) -> None:
    data = bytearray((stranger.folder / file).read_bytes())
    data[at] ^= 1
    changed(file, bytes(data))
    code, said = stranger.judge()
    assert code == 1, said


def test_two_entries_that_change_places_are_noticed(stranger: Stranger, changed: Callable[[str, bytes], None]) -> None:
    first, second = ((stranger.folder / f"tile/entries/{n}").read_bytes() for n in ("001", "002"))
    changed("tile/entries/001", second)
    changed("tile/entries/002", first)
    assert stranger.judge()[0] == 1


def test_a_signed_log_that_does_not_go_on_from_the_older_one_is_noticed(
    stranger: Stranger, changed: Callable[[str, bytes], None]
) -> None:
    other = Checkpoint(stranger.origin, EVENTS // 4, Digest(bytes(32)), Digest(bytes(32)))
    changed("older", sign_note(checkpoint_text(other), stranger.origin, stranger.signing).encode())
    code, said = stranger.judge()
    assert code == 1
    assert "consistency" in said


def test_without_go_the_tests_say_what_to_install(tmp_path: Path) -> None:
    for which, needed in ((lambda _: None, PACKAGES), (lambda name: name, tmp_path / "missing")):
        with pytest.raises(pytest.fail.Exception, match="apt-get install golang-go golang-golang-x-mod-dev"):
            find_go({WITHOUT: "yes"}, which, needed)
        with pytest.raises(pytest.skip.Exception):
            find_go({WITHOUT: "on-purpose"}, which, needed)
        with pytest.raises(pytest.fail.Exception):
            find_go({WITHOUT: "on-purpose", "CI": "true"}, which, needed)
