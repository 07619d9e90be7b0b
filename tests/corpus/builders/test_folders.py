from pathlib import Path

import pytest

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.folders import build_folders
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError


def with_files(root: Path, *names: str) -> Build:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return build_folders(root)


@pytest.mark.parametrize(
    ("path", "kind", "group"),
    [
        ("noise/a.wav", "noise", "noise/a.wav"),
        ("noise/rain/a.wav", "rain", "noise/rain/a.wav"),
        ("noise/rain/garden/a.wav", "rain", "noise/rain/garden"),
        ("noise/rain/garden/may/1/a.wav", "rain", "noise/rain/garden"),
        ("noise/music/garden/a.wav", "music", "noise/music/garden"),
    ],
)
def test_levels_are_label_type_and_group(path: str, kind: str, group: str, tmp_path: Path) -> None:
    assert with_files(tmp_path, path).recordings == (
        Recording(path=path, label="noise", type=kind, group=group),
    )


def test_every_label_is_listed_in_order_of_names(tmp_path: Path) -> None:
    built = with_files(
        tmp_path, "speech/a/z.wav", "speech/a-b/c.wav", "music/x.flac", "noise/y.OGG"
    )
    assert [(recording.label, recording.path) for recording in built.recordings] == [
        ("music", "music/x.flac"),
        ("noise", "noise/y.OGG"),
        ("speech", "speech/a-b/c.wav"),
        ("speech", "speech/a/z.wav"),
    ]
    assert built.left == ()


def test_what_is_no_recording_is_left_out(tmp_path: Path) -> None:
    built = with_files(
        tmp_path,
        "noise/rain/a.wav",
        "noise/rain/notes.txt",
        "sounds/b.wav",
        "sounds/c.wav",
        "music",
    )
    assert [recording.path for recording in built.recordings] == ["noise/rain/a.wav"]
    assert built.left == (
        ("music", "none of the folders noise, music, speech"),
        ("noise/rain/notes.txt", "not an audio file, by its suffix"),
        ("sounds", "none of the folders noise, music, speech"),
    )


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    built = with_files(tmp_path, ".DS_Store", ".git/a.wav", "noise/._a.wav", "noise/.old/a.wav")
    assert (built.recordings, built.left) == ((), ())


def test_linked_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.wav").touch()
    (tmp_path / "own/noise").mkdir(parents=True)
    (tmp_path / "own/noise/rain").symlink_to(tmp_path / "elsewhere")
    (recording,) = build_folders(tmp_path / "own").recordings
    assert (recording.path, recording.type) == ("noise/rain/a.wav", "rain")


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise").touch()
    with pytest.raises(CorpusError, match="expected a folder noise, music or speech"):
        with_files(tmp_path, "rain/a.wav")
