from pathlib import Path

import pytest

from fedasc.atomic import check_writable, claimed, new_folder, replaced
from fedasc.errors import RunError, SettingsError


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

    with pytest.raises(RunError, match="somebody else made it meanwhile"):
        overtaken()
    assert (tmp_path / "run" / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def claim(folder: Path) -> None:
    with claimed(folder):
        pass


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in (".", "file", "nowhere"):
        with pytest.raises(SettingsError, match="exists; give --out another name"):
            claim(tmp_path / name)


@pytest.mark.parametrize("name", ["file/run", "file/deep/run", "a" * 300, "r\0n"])
def test_a_folder_that_cannot_be_made_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="can't be made"):
        claim(tmp_path / name)


def test_a_name_is_claimed_by_one_at_a_time_and_free_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    with claimed(folder):
        with pytest.raises(SettingsError, match="another process makes it"):
            claim(folder)
        assert not folder.exists()
        with new_folder(folder) as draft:
            (draft / "a").touch()
    assert (folder / "a").is_file()
    assert [path.name for path in folder.parent.iterdir()] == ["run"]
    claim(tmp_path / "deep" / "other")


@pytest.mark.parametrize("name", ["file/t.csv", "folder.csv", "t.toml", f"{'a' * 250}.csv"])
def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SettingsError, match=r"can't be made|give the name of a file"):
        check_writable(tmp_path / name, suffix=".csv")


def test_a_file_that_can_be_written_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.csv"
    check_writable(path, suffix=".csv")
    assert not list(path.parent.iterdir())
    path.write_text("old")
    check_writable(path, suffix=".csv")
    assert path.read_text() == "old"
