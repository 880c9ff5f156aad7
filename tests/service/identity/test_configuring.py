"""A hub starts with a file of providers that it can use, or not at all, and says what is wrong."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from samsnakk.demo.world import World
from service.identity.room import read_sign_in_file
from service.settings import BadSetting
from tests.service.identity.conftest import write_sign_in_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_sign_in_file(tmp_path, "https://hub.example", "https://provider.example")


def change(before: str, after: str) -> Callable[[Path], object]:
    return lambda file: file.write_text(file.read_text().replace(before, after))


def test_the_file_names_its_secrets_beside_itself(file: Path) -> None:
    configuration, key = read_sign_in_file(file)
    assert key == bytes(range(32))
    assert [provider.label for provider in configuration.providers.values()] == ["HelseID (prøve)", "ID-porten (prøve)"]


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (lambda file: file.unlink(), "sign-in.toml: No such file or directory"),
        (lambda file: file.write_bytes(b"\xff"), "sign-in.toml: line 1: not UTF-8"),
        (
            change('profile = "idporten"', 'profile = "other"'),
            "line 12: provider.idporten.profile: one of",
        ),
        (lambda file: (file.parent / "ours.jwk").unlink(), "sign-in.toml: line 9: provider.helseid.key_file: a file"),
        (lambda file: (file.parent / "ours.jwk").write_text("{}"), "line 9: provider.helseid.key_file: a private key"),
        (lambda file: (file.parent / "subject.key").unlink(), "subject.key: No such file or directory"),
        (lambda file: (file.parent / "subject.key").write_bytes(bytes(31)), "subject.key: 32 bytes expected"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(file: Path, harm: Callable[[Path], object], complaint: str) -> None:
    harm(file)
    with pytest.raises(BadSetting, match="SAMSNAKK_SIGN_IN_FILE: ") as refused:
        read_sign_in_file(file)
    assert complaint in str(refused.value)


def test_no_complaint_repeats_a_secret(file: Path) -> None:
    secret = "d" * 43
    (file.parent / "ours.jwk").write_text('{"kty":"EC","crv":"P-256","kid":"a","d":"' + secret + '"}')
    with pytest.raises(BadSetting) as refused:
        read_sign_in_file(file)
    assert secret not in str(refused.value)


def test_a_hub_does_not_start_with_such_a_file(file: Path, world: World) -> None:
    file.write_text("public_url = 1\n")
    done = subprocess.run(
        [sys.executable, "-m", "service.app", "hub"],
        env={
            "SAMSNAKK_LISTEN": "127.0.0.1:0",
            "SAMSNAKK_DATA": str(file.parent / "data"),
            "SAMSNAKK_TRUST_FILE": str(world.trust_file),
            "SAMSNAKK_HUB_KEY_FILE": str(world.hub_key_file),
            "SAMSNAKK_SIGN_IN_FILE": str(file),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "line 1: public_url: a text expected" in done.stderr
    assert not (file.parent / "data").exists()
