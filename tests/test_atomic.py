from pathlib import Path

import pytest

from fedasc.atomic import check_free, new_folder, replaced
from fedasc.errors import SettingsError


def test_a_file_is_replaced_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    for content in (b"old", b"new"):
        before = path.read_bytes() if path.exists() else None
        with replaced(path) as file:
            file.write(content)
            file.flush()
            assert (path.read_bytes() if path.exists() else None) == before
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def interrupted() -> None:
        with replaced(path) as file:
            file.write(b"ne")
            raise error

    with pytest.raises(error):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.glob("*file*")) == [path]


def test_a_folder_appears_once_it_is_whole_and_others_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with new_folder(folder) as draft:
        (draft / "a").write_text("content")
        (draft / "inner").mkdir()
        assert not folder.exists()
        assert draft.parent == tmp_path
    assert {path.name for path in folder.iterdir()} == {"a", "inner"}
    assert (folder / "a").read_text() == "content"
    assert folder.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.glob("*run*")) == [folder]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_no_folder(tmp_path: Path, error: type[BaseException]) -> None:
    def interrupted() -> None:
        with new_folder(tmp_path / "run") as draft:
            (draft / "inner").mkdir()
            (draft / "inner" / "a").write_text("content")
            raise error

    with pytest.raises(error):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_came_meanwhile_stays_as_it_is(tmp_path: Path) -> None:
    def overtaken() -> None:
        with new_folder(tmp_path / "run") as draft:
            (draft / "a").write_text("second")
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "a").write_text("first")

    with pytest.raises(OSError, match="not empty"):
        overtaken()
    assert (tmp_path / "run" / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="exists; give --out another name"):
        check_free(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="exists; give --out another name"):
        check_free(tmp_path / "file")
    with pytest.raises(SettingsError, match="can't be made"):
        check_free(tmp_path / "file" / "run")


def test_a_free_name_can_be_written_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    check_free(folder)
    assert not folder.exists()
    with new_folder(folder) as draft:
        (draft / "a").touch()
    assert (folder / "a").is_file()
