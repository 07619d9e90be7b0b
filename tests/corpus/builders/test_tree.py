import os
from pathlib import Path

import pytest

from fedasc.corpus.builders.tree import Tree, contents, tree_of
from fedasc.errors import CorpusError


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_files_are_listed_in_order_and_hidden_ones_are_not(tmp_path: Path) -> None:
    touch(tmp_path / "b" / "c" / "1.wav", tmp_path / "a.txt", tmp_path / "b" / "0.wav")
    touch(tmp_path / "b" / "._0.wav", tmp_path / ".git" / "2.wav")
    assert tree_of(tmp_path).files == ("a.txt", "b/0.wav", "b/c/1.wav")


def test_links_to_folders_and_files_are_followed(tmp_path: Path) -> None:
    touch(tmp_path / "disk" / "deep" / "1.wav", tmp_path / "2.wav")
    root = tmp_path / "corpus"
    root.mkdir()
    (root / "a").symlink_to(tmp_path / "disk")
    (root / "b").symlink_to(tmp_path / "disk")
    (root / "c.wav").symlink_to(tmp_path / "2.wav")
    assert tree_of(root).files == ("a/deep/1.wav", "b/deep/1.wav", "c.wav")


def test_a_folder_within_itself_is_entered_once(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.wav", tmp_path / "b" / "2.wav")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "b").symlink_to(tmp_path / "b")
    assert tree_of(tmp_path).files == ("a/1.wav", "b/2.wav")


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere")
    touch(tmp_path / "1.wav", tmp_path / "joined" / "2.wav")
    assert tree_of(tmp_path, without="joined").files == ("1.wav",)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nowhere: no such folder"):
        tree_of(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "closed" / "1.wav")
    scandir = os.scandir

    def closed(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(CorpusError, match=r"closed: can't be read \(Permission denied\)"):
        tree_of(tmp_path)


@pytest.mark.parametrize(
    ("files", "path"),
    [
        (("audio/1.wav", "1.wav", "a/1.wav"), "audio/1.wav"),
        (("16k/deep/1.wav", "16k/1.wav"), "16k/1.wav"),
        (("audio/1.FLAC", "other/1.wav"), "audio/1.FLAC"),
        (("other/1.flac", "other/1.wav"), "other/1.wav"),
        (("audio/1.txt", "audio/11.wav"), None),
    ],
)
def test_audio_is_looked_for_by_name(files: tuple[str, ...], path: str | None) -> None:
    assert Tree(files).audio_file("1.wav", folder="audio") == path


def test_tables_have_a_name_in_whatever_case_and_the_upper_ones_come_first() -> None:
    files = ("a/b/meta.csv", "a/META.csv", "a/my_meta.csv", "b/meta.csv")
    assert Tree(files).tables("Meta.csv") == ["a/META.csv", "b/meta.csv", "a/b/meta.csv"]


def test_what_a_folder_holds_is_told_in_a_few_words(tmp_path: Path) -> None:
    assert contents(tmp_path) == "the folder is empty"
    touch(tmp_path / "b.txt", tmp_path / "a" / "1.wav", tmp_path / ".hidden")
    assert contents(tmp_path) == "the folder holds a/, b.txt"
    touch(*(tmp_path / f"c{n}" for n in range(12)))
    assert contents(tmp_path) == "the folder holds a/, b.txt, c0, c1, c10, c11 and 8 more"


def test_names_that_cannot_be_printed_are_told_too(tmp_path: Path) -> None:
    touch(tmp_path / os.fsdecode(b"M\xf6we\n.wav"))
    assert contents(tmp_path) == r"the folder holds M\udcf6we\n.wav"
