from pathlib import Path

import pytest

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.folders import build_folders
from fedasc.corpus.builders.naming import AS_NAMED, Naming
from fedasc.errors import CorpusError, SettingsError


def with_files(root: Path, *names: str, naming: Naming = AS_NAMED) -> Build:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return build_folders(root, naming)


def placed(build: Build) -> dict[str, tuple[str, str, str]]:
    """Label, type and group of each file."""
    return {one.path: (one.label, one.type, one.group) for one in build.recordings}


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
    assert placed(with_files(tmp_path, path)) == {path: ("noise", kind, group)}


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
        ("sounds", "2 audio files; no folder's name says noise, music or speech"),
        ("music", "not an audio file, by its suffix"),
        ("noise/rain/notes.txt", "not an audio file, by its suffix"),
    )


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    hidden = (".DS_Store", ".git/a.wav", "noise/._a.wav", "noise/.old/a.wav")
    built = with_files(tmp_path, *hidden, "noise/b.wav")
    assert (list(placed(built)), built.left) == (["noise/b.wav"], ())
    (tmp_path / "noise/b.wav").unlink()
    with pytest.raises(CorpusError, match="says noise, music or speech; no audio files"):
        with_files(tmp_path, *hidden)


def test_linked_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.wav").touch()
    (tmp_path / "own/noise").mkdir(parents=True)
    (tmp_path / "own/noise/rain").symlink_to(tmp_path / "elsewhere")
    (recording,) = build_folders(tmp_path / "own").recordings
    assert (recording.path, recording.type) == ("noise/rain/a.wav", "rain")


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise").touch()
    told = r"rain \(2 audio files\), sea \(1 audio files\); say .* --label 'rain=noise'"
    with pytest.raises(CorpusError, match=told):
        with_files(tmp_path, "rain/a.wav", "rain/garden/b.wav", "sea/a.wav")


def test_labels_are_understood_one_level_down_and_in_other_languages(tmp_path: Path) -> None:
    built = with_files(
        tmp_path,
        "Lärm/Regen/a.wav",
        "lab/Musik/Jazz/b.wav",
        "lab/Musik/Jazz/Trio/b.wav",
        "field/day 1/noise/c.wav",
    )
    assert placed(built) == {
        "Lärm/Regen/a.wav": ("noise", "Regen", "Lärm/Regen/a.wav"),
        "lab/Musik/Jazz/b.wav": ("music", "Jazz", "lab/Musik/Jazz/b.wav"),
        "lab/Musik/Jazz/Trio/b.wav": ("music", "Jazz", "lab/Musik/Jazz/Trio"),
    }
    assert [name for name, _ in built.left] == ["field/day 1/noise"]


def test_a_folder_may_be_a_label_itself_if_nothing_in_it_is(tmp_path: Path) -> None:
    built = with_files(tmp_path / "Noise", "rain/a.wav", "sea/b.wav")
    assert placed(built) == {
        "rain/a.wav": ("noise", "rain", "Noise/rain/a.wav"),
        "sea/b.wav": ("noise", "sea", "Noise/sea/b.wav"),
    }


def test_what_folders_hold_may_be_said(tmp_path: Path) -> None:
    naming = Naming(("TRAFFIC=noise", "Störung/*=noise", "speech=music"))
    built = with_files(
        tmp_path,
        "traffic/a.wav",
        "traffic/bridge/b.wav",
        "Störung/fan/c.wav",
        "speech/songs/d.wav",
        "voice/e.wav",
        "voice/traffic/f.wav",
        naming=naming,
    )
    assert placed(built) == {
        "traffic/a.wav": ("noise", "traffic", "traffic/a.wav"),
        "traffic/bridge/b.wav": ("noise", "traffic", "traffic/bridge"),
        "Störung/fan/c.wav": ("noise", "fan", "Störung/fan/c.wav"),
        "speech/songs/d.wav": ("music", "speech", "speech/songs"),
        "voice/e.wav": ("speech", "voice", "voice/e.wav"),
        "voice/traffic/f.wav": ("noise", "traffic", "voice/traffic/f.wav"),
    }


def test_a_pattern_tells_what_belongs_together(tmp_path: Path) -> None:
    names = ("park-1-a.wav", "park-1-s3.wav", "park-2-a.wav", "note.wav")
    built = with_files(
        tmp_path, *(f"noise/park/{name}" for name in names), naming=Naming((), "(.*)-[abs][0-9]*")
    )
    assert {path: group for path, (_, _, group) in placed(built).items()} == {
        "noise/park/park-1-a.wav": "noise/park/park-1",
        "noise/park/park-1-s3.wav": "noise/park/park-1",
        "noise/park/park-2-a.wav": "noise/park/park-2",
        "noise/park/note.wav": "noise/park/note.wav",
    }


@pytest.mark.parametrize(
    ("labels", "group", "told"),
    [
        (("traffic",), "", "--label traffic: expected NAME=LABEL"),
        (("=noise",), "", "--label =noise: expected NAME=LABEL"),
        (("traffic=sound",), "", "one of noise, music, speech, such as traffic=noise"),
        ((), "(", "--group .: no regular expression"),
        ((), "a.wav", "expected one group in brackets, got 0"),
        ((), "(a)(b)", "expected one group in brackets, got 2"),
        (("car=noise",), "", "--label car=noise: .* has no such folder; it has noise, rain"),
        ((), "(x)", r"--group \(x\): occurs in no path; the first is noise/a.wav"),
    ],
)
def test_a_naming_that_means_nothing_is_refused(
    labels: tuple[str, ...], group: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=told):
        with_files(tmp_path, "noise/a.wav", "rain/b.wav", naming=Naming(labels, group))


def test_links_that_lead_back_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "noise/rain").mkdir(parents=True)
    (tmp_path / "noise/rain/again").symlink_to(tmp_path / "noise")
    assert list(placed(with_files(tmp_path, "noise/rain/a.wav"))) == ["noise/rain/a.wav"]


def test_a_name_that_no_table_can_hold_costs_the_recording(tmp_path: Path) -> None:
    built = with_files(tmp_path, "noise/rain/a.wav", "noise/rain/\udcff.wav", "noise/a;b/c.wav")
    assert list(placed(built)) == ["noise/rain/a.wav", "noise/rain/\udcff.wav"]
    assert built.left == (
        ("noise/a;b/c.wav", "type must not hold ';' or blanks around it, got 'a;b'; rename it"),
    )


def test_folders_above_all_of_them_do_not_count(tmp_path: Path) -> None:
    built = with_files(
        tmp_path, "C/Users/me/set/Noise/rain/a.wav", "C/Users/me/set/Musik/jazz/b.wav"
    )
    assert placed(built) == {
        "C/Users/me/set/Noise/rain/a.wav": ("noise", "rain", "C/Users/me/set/Noise/rain/a.wav"),
        "C/Users/me/set/Musik/jazz/b.wav": ("music", "jazz", "C/Users/me/set/Musik/jazz/b.wav"),
    }
    with pytest.raises(CorpusError, match=r"there are set/field \(1 audio files\), set/x"):
        with_files(tmp_path / "other", "set/x/y/noise/a.wav", "set/field/b.wav")


def test_where_there_are_no_folders_it_says_which_to_make(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="move them into folders called noise, music and speech"):
        with_files(tmp_path, "a.wav", "b.wav")
