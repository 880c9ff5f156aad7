"""`requirements/install.py`, which every make target runs first: once, whoever asks and however many ask at once."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

RIVAL = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("install", sys.argv[1])
install = importlib.util.module_from_spec(spec)
spec.loader.exec_module(install)
install.ROOT = tree = Path(sys.argv[2])
install.STAMP = tree / "stamp"
install._fingerprint = lambda: "as wanted"
def once():
    with (tree / "installed").open("a") as file:
        file.write("once\\n")
    sys.stdin.read()  # both are started before either may go on
install._install = once
install.main()
"""


@pytest.fixture
def install(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", root / "requirements/install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_two_that_install_at_once_install_once(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RIVAL, str(root / "requirements/install.py"), str(tmp_path)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE) as first,
        subprocess.Popen(command, stdin=subprocess.PIPE) as second,
    ):
        assert first.stdin is not None
        assert second.stdin is not None
        # Only one gets past the lock; which one is the kernel's business.
        first.stdin.close()
        second.stdin.close()
        assert (first.wait(60), second.wait(60)) == (0, 0)
    assert (tmp_path / "installed").read_text() == "once\n"
    assert (tmp_path / "stamp").read_text() == "as wanted"


def test_uv_trusts_what_the_system_trusts_unless_told_otherwise(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def system(cafile: str | None, capath: Path | None) -> None:
        paths = SimpleNamespace(cafile=cafile, capath=capath and str(capath))
        monkeypatch.setattr(install.ssl, "get_default_verify_paths", lambda: paths)

    system("/etc/ssl/cert.pem", None)
    assert install.environment({})["UV_SYSTEM_CERTS"] == "1"
    assert install.environment({"UV_SYSTEM_CERTS": "0"})["UV_SYSTEM_CERTS"] == "0"
    system(None, tmp_path)
    assert "UV_SYSTEM_CERTS" not in install.environment({})
    (tmp_path / "abc.0").touch()
    assert install.environment({})["UV_SYSTEM_CERTS"] == "1"


def test_the_index_that_pip_is_told_to_use_is_used_by_uv_too(install: ModuleType) -> None:
    assert (
        install.environment({"PIP_INDEX_URL": "https://index.example"})["UV_DEFAULT_INDEX"] == "https://index.example"
    )
    kept = install.environment({"PIP_INDEX_URL": "https://index.example", "UV_DEFAULT_INDEX": "https://own.example"})
    assert kept["UV_DEFAULT_INDEX"] == "https://own.example"
