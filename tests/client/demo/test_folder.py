from pathlib import Path

import pytest

from samsnakk.demo.folder import FolderError, Progress, demo_folder


def test_a_temporary_folder_is_gone_afterwards() -> None:
    with demo_folder(None, resume=False) as folder:
        folder.save(Progress("digest", bytes(16), bytes(16)))
    assert not folder.path.exists()


def test_progress_is_kept_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    progress = Progress(
        "digest", bytes(16), bytes(16), 3, opened=True, labels={"å": 4}, threads={"main": 0}, url="http://a"
    )
    with demo_folder(tmp_path / "demo", resume=False) as folder:
        folder.save(progress)
    with demo_folder(tmp_path / "demo", resume=True) as folder:
        assert folder.progress() == progress


def test_a_used_folder_is_refused_unless_resumed(tmp_path: Path) -> None:
    with demo_folder(tmp_path / "demo", resume=False) as folder:
        folder.save(Progress("digest", bytes(16), bytes(16)))
    with pytest.raises(FolderError, match="add --resume"), demo_folder(tmp_path / "demo", resume=False):
        pass


def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(FolderError, match="not empty"), demo_folder(tmp_path, resume=False):
        pass


def test_there_must_be_something_to_resume(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no demonstration to go on with"), demo_folder(tmp_path / "x", resume=True):
        pass
    with pytest.raises(FolderError, match="--resume needs --data"), demo_folder(None, resume=True):
        pass


def test_two_demonstrations_do_not_share_a_folder(tmp_path: Path) -> None:
    with demo_folder(tmp_path / "demo", resume=False) as folder:
        folder.save(Progress("digest", bytes(16), bytes(16)))
        with pytest.raises(FolderError, match="in use"), demo_folder(tmp_path / "demo", resume=True):
            pass
