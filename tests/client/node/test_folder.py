"""What a node's folder accepts, and what it says otherwise."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from crypto.random import random_bytes
from domain.ids import OrganisationId
from samsnakk.cli.arguments import main
from samsnakk.demo.world import World
from samsnakk.node.configuration import BadNode, read_configuration
from samsnakk.node.folder import create_node, open_node, passphrase_in
from samsnakk.node.sign_in.providers import read_providers
from samsnakk.node.staff import read_staff

ONE = "ab" * 16


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f'hub = "https://h"\nlisten = "x"\norganisations = ["{ONE}"]\n', ":2: listen"),
        (f'hub = "http://h"\norganisations = ["{ONE}"]\n', ":1: hub"),
        (f'hub = "https://h"\n\norganisations = ["{ONE}", "{ONE}"]\n', ":3: organisations"),
        ('hub = "https://h"\norganisations = [1]\n', ":2: organisations"),
        (f'hub = "https://h"\norganisations = ["{ONE}"]\ncertificate_days = 0\n', ":3: certificate_days"),
        (f'hub = "https://h"\norganisations = ["{ONE}"]\ncertificate_days = true\n', ":3: certificate_days"),
        (f'hub = "https://h"\norganisations = ["{ONE}"]\n[x]\ny = 1\n', ":3: x"),
        ('hub = "https://h\n', "line 1"),
        ('hub = "https://h"\n', "organisations is missing"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "node.toml"
    file.write_text(text)
    with pytest.raises(BadNode) as caught:
        read_configuration(file)
    assert where in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("x,y\n", 1),
        ("person,function,hpr,identity\n1,2,3\n", 2),
        ("person,function,hpr,identity\n" + 2 * f"{ONE},f,,{2 * ONE}\n", 3),
        (f"person,function,hpr,identity\n{ONE},f,x,{2 * ONE}\n", 2),
        (f"person,function,hpr,identity\n{ONE},f,,{ONE}\n", 2),
    ],
)
def test_a_wrong_line_of_the_register_is_named(tmp_path: Path, rows: str, line: int) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(rows)
    with pytest.raises(BadNode, match=f"staff.csv:{line}: "):
        read_staff(file)


def test_a_passphrase_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pass.txt"
    file.write_text("hemmelig\n")
    file.chmod(0o640)
    with pytest.raises(BadNode, match="others may read"):
        passphrase_in(file)
    file.chmod(0o600)
    assert passphrase_in(file) == "hemmelig"


def test_a_node_is_made_and_opens_with_its_passphrase_only(
    tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    dps = world.organisation("dps")
    files = {"pass": b"hemmelig\n", "wrong": b"feil\n", "root": dps.root_seed, "other": random_bytes(32)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(0o600)
    node = tmp_path / "node"

    def step(name: str, passphrase: str, *rest: str) -> int:
        return main(["node", name, str(node), "--passphrase-file", str(tmp_path / passphrase), *rest])

    init = ("--trust", str(world.trust_file), "--hub", "http://localhost:1", "--root")
    assert step("init", "pass", *init, str(tmp_path / "other")) == 2
    assert step("init", "pass", *init, str(tmp_path / "root")) == 0
    assert step("init", "pass", *init, str(tmp_path / "root")) == 2  # never over another node
    assert dps.root_seed not in (node / f"{dps.id.hex()}.root").read_bytes()
    assert {path.stat().st_mode & 0o077 for path in node.iterdir()} == {0}
    assert step("identity", "wrong", "op", "1") == 2
    assert "does not open" in capsys.readouterr().err
    assert step("identity", "pass", "op", "1") == 0
    assert len(capsys.readouterr().out.split()[-1]) == 64
    (node / f"{OrganisationId(dps.id).hex()}.root").chmod(0o644)
    assert step("identity", "pass", "op", "1") == 2


PROVIDERS = """\
public_url = "https://node.example.no"

[provider.helseid]
profile = "helseid"
label = "HelseID"
issuer = "https://op.example.no"
client_id = "node"
key_file = "key.jwk"
"""


@pytest.mark.parametrize(
    ("change", "mode", "where"),
    [
        (('helseid"\nlabel', 'idporten"\nlabel'), 0o600, "staff only"),
        (("https://node", "http://node"), 0o600, "line 1: public_url"),
        (("\n[", 'subject_key_file = "x"\n['), 0o600, "line 2: subject_key_file"),
        (("client_id", "client-id"), 0o600, "line 7: provider.helseid.client-id"),
        (("key.jwk", "another.jwk"), 0o600, "another.jwk: No such file"),
        (("", ""), 0o640, "key.jwk: others may read this file"),
    ],
)
def test_a_wrong_file_of_providers_is_named_with_its_line(
    tmp_path: Path, world: World, change: tuple[str, str], mode: int, where: str
) -> None:
    dps = world.organisation("dps")
    create_node(tmp_path / "node", world.trust, "http://127.0.0.1:1", {dps.id: dps.root_seed}, "bare til prøve")
    node = open_node(tmp_path / "node", "bare til prøve")
    assert read_providers(node) is None
    (node.path / "sign-in.toml").write_text(PROVIDERS.replace(*change) if change[0] else PROVIDERS)
    key = node.path / "key.jwk"
    key.write_text(json.dumps(ECKey.generate_key("P-256", {"kid": "k"}).as_dict(private=True)))
    key.chmod(mode)
    with (node.path / "node.toml").open("a") as file:
        file.write('sign_in = "sign-in.toml"\n')
    with pytest.raises(BadNode) as caught:
        read_providers(open_node(node.path, "bare til prøve"))
    assert where in str(caught.value)
