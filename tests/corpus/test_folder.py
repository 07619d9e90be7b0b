"""A folder of recordings as a corpus."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.api import corpora_of
from fedasc.cli.corpus import Kind
from fedasc.corpus.builders.naming import Naming
from fedasc.corpus.folder import _PUBLISHED, FolderCorpus, read_corpus, read_folder, require_all
from fedasc.corpus.groups import merged_by_origin
from fedasc.corpus.manifest import ManifestCorpus, write_manifest
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import CorpusError, SettingsError


def touched(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return touched(
        tmp_path / "own",
        "noise/rain/a.wav",
        "noise/rain/b.flac",
        "Musik/jazz/trio/c.mp3",
        "Musik/jazz/trio/d.mp3",
        "voices/e.ogg",
    )


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_what_its_manifest_would_list(own: Path, tmp_path: Path) -> None:
    before = content(own)
    corpus = read_corpus(own)
    assert isinstance(corpus, FolderCorpus)
    assert corpus.name == str(own)
    assert pickle.loads(pickle.dumps(corpus)) == corpus
    assert content(own) == before
    write_manifest(tmp_path / "list.csv", corpus.recordings, root=own)
    listed = read_corpus(tmp_path / "list.csv").recordings
    assert [Path(tmp_path, one.path) for one in listed] == [
        own / one.path for one in corpus.recordings
    ]
    assert [(one.label, one.type, one.group) for one in listed] == [
        ("music", "jazz", "Musik/jazz/trio"),
        ("music", "jazz", "Musik/jazz/trio"),
        ("noise", "rain", "noise/rain/a.wav"),
        ("noise", "rain", "noise/rain/b.flac"),
        ("speech", "voices", "voices/e.ogg"),
    ]


def test_recordings_of_a_folder_are_read(tmp_path: Path) -> None:
    sound = (0.1 * np.sin(np.arange(32_000))).astype(np.float32)
    (tmp_path / "noise").mkdir()
    soundfile.write(tmp_path / "noise/a.wav", sound, 16_000, subtype="FLOAT")
    corpus = read_corpus(tmp_path)
    assert corpus.seconds(0) == 2
    np.testing.assert_array_equal(corpus.read(0), sound)


def test_the_manifest_in_a_folder_is_what_counts(own: Path) -> None:
    write_manifest(own / "manifest.csv", read_corpus(own).recordings[:1], root=own)
    corpus = read_corpus(own)
    assert type(corpus) is ManifestCorpus
    assert len(corpus.recordings) == 1
    assert len(read_folder(own).recordings) == 5
    with pytest.raises(SettingsError, match=r"manifest.csv says what is what; --label and --group"):
        read_corpus(own, Naming(("rain=noise",)))


def test_a_fingerprint_changes_with_content_and_naming_and_not_with_the_place(own: Path) -> None:
    first = read_corpus(own).fingerprint()
    assert read_corpus(own, Naming(("jazz=noise",))).fingerprint() != first
    assert read_corpus(own, Naming(group="(trio)")).fingerprint() != first
    shutil.copytree(own, own.with_name("moved"))
    assert read_corpus(own.with_name("moved")).fingerprint() == first
    (own / "noise/rain/a.wav").write_bytes(b"1")
    assert read_corpus(own).fingerprint() != first


def test_a_folder_tells_what_it_was_taken_for(own: Path, caplog: pytest.LogCaptureFixture) -> None:
    touched(own, "car/f.wav", "car/g.wav", "noise/h.m4a", "noise/i.m4a", "notes.txt", "README")
    corpus = read_folder(own)
    require_all([corpus])
    assert corpus.in_words().splitlines() == [
        f"{own}, by the names of its folders:",
        "  noise: rain; 2 files, each by itself",
        "  music: jazz; 2 files, in 1 groups",
        "  speech: voices; 1 files, each by itself",
        "  not an audio file, by its suffix: README, .m4a (2), .txt",
    ]
    assert caplog.messages == [
        f"{own}: left out what no folder's name says is noise, music or speech; there are car (2 "
        "audio files); say what is what, such as --label 'car=noise' (to fedasc run, users or "
        "corpus check; for other commands, fedasc corpus build folders writes a manifest)"
    ]


def test_of_speakers_it_says_how_to_keep_them_together(own: Path) -> None:
    touched(own, "voices/anna/1.wav", "voices/ben/1.wav")
    assert "such as --group '(voices/[^/]*)/')" in read_folder(own).in_words()
    together = read_corpus(own, Naming(group="(voices/[^/]*)/"))
    assert {r.group for r in together.recordings if r.label == "speech"} == {
        "voices/anna",
        "voices/ben",
        "voices/e.ogg",
    }


@pytest.mark.parametrize("kind", sorted(set(Kind) - {"folders"}))
def test_a_published_corpus_is_left_to_its_builder(kind: str, tmp_path: Path) -> None:
    for number, pattern in enumerate(_PUBLISHED[kind]):
        root = touched(tmp_path / str(number), pattern.replace("*", "x"))
        if kind == "musan":
            touched(root, "noise/x/a.wav")
        with pytest.raises(CorpusError, match=f"published corpus, .* fedasc corpus build {kind} "):
            read_corpus(root)


def test_tables_beside_ones_own_recordings_do_no_harm(own: Path) -> None:
    assert len(read_corpus(touched(own, "results.parquet", "my_segments.csv")).recordings) == 5


def test_a_folder_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no audio files, and no manifest.csv"):
        read_corpus(touched(tmp_path, "notes.txt"))
    with pytest.raises(CorpusError, match="none: no such manifest"):
        read_corpus(tmp_path / "none")
    with pytest.raises(CorpusError, match=r"a.WAV: is a recording; give the folder"):
        read_corpus(touched(tmp_path, "a.WAV") / "a.WAV")


def test_folders_need_all_labels_together(own: Path) -> None:
    shutil.rmtree(own / "voices")
    told = r"own: no folder's name says speech; add a folder or another corpus"
    with pytest.raises(CorpusError, match=told):
        corpora_of(own)
    touched(own, "anna/1.wav")
    told = (
        r"no folder's name says speech; there are anna \(1 audio files\); .*--label 'anna=speech'"
    )
    with pytest.raises(CorpusError, match=told):
        corpora_of([own])
    assert len(corpora_of(own, Naming(("anna=speech",)))[0].recordings) == 5
    assert len(corpora_of([own, SyntheticCorpus()])) == 2
    with pytest.raises(SettingsError, match="--label and --group are for a folder"):
        corpora_of(None, Naming(group="(a)"))


def test_copies_of_a_recording_stand_on_one_side_whatever_they_are_called(tmp_path: Path) -> None:
    for name, text in (
        ("all/train/noise/rain/a.wav", "a"),
        ("all/test/noise/rain/copy of a.wav", "a"),
        ("all/test/noise/rain/b.wav", "b"),
        ("again/noise/wind/other name.wav", "a"),
    ):
        touched(tmp_path, name)
        (tmp_path / name).write_text(text)
    (tmp_path / "again/noise/linked.wav").symlink_to(tmp_path / "all/test/noise/rain/b.wav")
    whole, part, again = (read_folder(tmp_path / name) for name in ("all", "all/test", "again"))
    merged = merged_by_origin([*whole.recordings, *part.recordings, *again.recordings])
    a = {one.group for one in merged if one.path.endswith(("a.wav", "other name.wav"))}
    b = {one.group for one in merged if one.path.endswith(("b.wav", "linked.wav"))}
    assert len(a) == len(b) == 1
    assert a != b
    assert "1 file holds the same as another" in whole.in_words()
    assert "same" not in part.in_words()


def test_a_folder_called_like_a_manifest_is_a_folder(own: Path) -> None:
    (own / "manifest.csv").mkdir()
    assert len(read_corpus(own).recordings) == 5
    with pytest.raises(CorpusError, match="no such manifest or folder"):
        read_corpus(own / "nowhere")
