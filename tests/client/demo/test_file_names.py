from pathlib import PurePosixPath, PureWindowsPath
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsnakk.cli.files import local_name


@pytest.mark.parametrize(
    ("sent", "saved"),
    [
        ("tegning.png", "tegning.png"),
        ("Čáppa beaivi æøå.pdf", "Čáppa beaivi æøå.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32.dll", "system32.dll"),
        (".bashrc", "bashrc"),
        ("..", "vedlegg"),
        ("", "vedlegg"),
        ("/", "vedlegg"),
        ("a\x1b[2Jb.txt", "a_[2Jb.txt"),
        ("regning\u202efdp.exe", "regningfdp.exe"),
        ("linje\nto.txt", "linje to.txt"),
        ("CON: ?.txt", "CON_ _.txt"),
    ],
)
def test_a_name_from_somebody_else_is_safe_here(sent: str, saved: str) -> None:
    assert local_name(sent) == saved


@given(st.text())
def test_any_name_is_one_visible_part(sent: str) -> None:
    name = local_name(sent)
    assert name
    assert not name.startswith(".")
    assert PurePosixPath(name).parts == (name,)
    assert PureWindowsPath(name).parts == (name,)
    assert len(name.encode()) <= 140
    assert not {"Cc", "Cs", "Zl", "Zp"} & set(map(category, name))
