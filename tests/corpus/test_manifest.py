import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.audio import Signal
from fedasc.corpus.manifest import ManifestCorpus, read_manifest, write_manifest
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.errors import AudioError, CorpusError

HEAD = "path,label,type,group,domain,split"
GOOD = "a.wav,noise,rain,g1,nature,train"


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "manifest.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def with_sounds(folder: Path, *contents: bytes) -> ManifestCorpus:
    """A corpus of files of these contents."""
    for n, content in enumerate(contents):
        (folder / f"{n}.wav").write_bytes(content)
    lines = [f"{n}.wav,noise,rain,g{n}" for n in range(len(contents))]
    return read_manifest(written(folder, "path,label,type,group", *lines))


def test_each_line_is_a_recording(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, "b.wav,music,jazz,g2,,", "c.wav,speech,read,g3")
    assert read_manifest(path).recordings == (
        Recording(
            path="a.wav", label="noise", type="rain", group="g1", domain="nature", split="train"
        ),
        Recording(path="b.wav", label="music", type="jazz", group="g2"),
        Recording(path="c.wav", label="speech", type="read", group="g3"),
    )


def test_columns_may_stand_in_any_order_and_optional_ones_be_absent(tmp_path: Path) -> None:
    path = written(tmp_path, "group,type,label,path", "g1,rain,noise,a.wav")
    (recording,) = read_manifest(path).recordings
    assert recording == Recording(path="a.wav", label="noise", type="rain", group="g1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_and_umlauts_are_no_obstacle(encoding: str, tmp_path: Path) -> None:
    lines = "path,label,type,group", "Möwe.wav,noise,gulls,Küste"
    (recording,) = read_manifest(written(tmp_path, *lines, encoding=encoding)).recordings
    assert (recording.path, recording.group) == ("Möwe.wav", "Küste")


def test_further_columns_pass_through(tmp_path: Path) -> None:
    path = written(tmp_path, "licence," + HEAD + ",source", "CC0," + GOOD + ",here,and,more")
    (recording,) = read_manifest(path).recordings
    assert recording.further == (("licence", "CC0"), ("source", "here"))


def test_sets_origin_and_times_are_read(tmp_path: Path) -> None:
    head = "path,label,type,group,sets,origin,start_s,duration_s"
    lines = ["a.wav,noise,rain,g1,U1;;known;U1;,freesound:7,12.5,10", "b.wav,noise,rain,g2,,,,"]
    first, second = read_manifest(written(tmp_path, head, *lines)).recordings
    assert first.sets == ("U1", "known")
    assert (first.origin, first.start_s, first.duration_s) == ("freesound:7", 12.5, 10.0)
    assert first.further == ()
    assert second == Recording(path="b.wav", label="noise", type="rain", group="g2")


def test_names_of_sets_may_hold_spaces_and_stand_between_them(tmp_path: Path) -> None:
    path = written(tmp_path, "path,label,type,group,sets", "a.wav,noise,rain,g, U1 ;my own ; ")
    (recording,) = read_manifest(path).recordings
    assert recording.sets == ("U1", "my own")


def test_a_type_may_hold_spaces_but_not_what_stands_between_names(tmp_path: Path) -> None:
    line = "b.wav,noise,hair dryer,g2"
    assert read_manifest(written(tmp_path, HEAD, line)).recordings[0].type == "hair dryer"
    path = written(tmp_path, HEAD, GOOD, line.replace("hair ", "hair;"))
    with pytest.raises(CorpusError) as caught:
        read_manifest(path)
    assert str(caught.value) == f"{path}, line 3: type must not hold ';', got 'hair;dryer'"


@pytest.mark.parametrize("text", ["0", "0.0", "-0"])
def test_a_recording_of_no_length_is_refused_but_a_start_of_0_is_not(
    text: str, tmp_path: Path
) -> None:
    path = written(tmp_path, f"{HEAD},duration_s", f"{GOOD},3", f"b{GOOD},{text}")
    with pytest.raises(CorpusError, match=r"line 3: duration_s must be positive, or empty for all"):
        read_manifest(path)
    (recording,) = read_manifest(written(tmp_path, f"{HEAD},start_s", f"{GOOD},{text}")).recordings
    assert (recording.start_s, recording.duration_s, recording.name) == (0.0, None, "a.wav")


@pytest.mark.parametrize("column", ["start_s", "duration_s"])
@pytest.mark.parametrize("text", ["-1", "nan", "inf", "ten", "1:20"])
def test_a_time_that_is_none_is_refused(column: str, text: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD},{column}", f"{GOOD},3", f"b{GOOD},{text}")
    with pytest.raises(CorpusError) as caught:
        read_manifest(path)
    expected = f"{path}, line 3: {column} must be a time in seconds, got {text!r}"
    assert str(caught.value) == expected


@pytest.mark.parametrize("text", ["loud", "nan", "inf", "-94", "0.1"])
def test_a_level_that_full_scale_cannot_have_is_refused(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD},calibration_db_spl", f"{GOOD},", f"b{GOOD},{text}")
    with pytest.raises(CorpusError, match=r"line 3: calibration_db_spl must be the level"):
        read_manifest(path)


def test_a_file_may_stand_twice_with_other_starts(tmp_path: Path) -> None:
    lines = [f"{GOOD},{start}" for start in ("", "10", "20.5")]
    recordings = read_manifest(written(tmp_path, f"{HEAD},start_s", *lines)).recordings
    assert [r.name for r in recordings] == ["a.wav", "a.wav from 10 s", "a.wav from 20.5 s"]
    with pytest.raises(CorpusError, match=r"line 4: lists a.wav from 10 s twice; leave one out"):
        read_manifest(written(tmp_path, f"{HEAD},start_s", *lines[:2], f"{GOOD},10.0"))


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.csv: no such manifest"):
        read_manifest(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "lacks the column"),
        ([HEAD], "no recordings"),
        (["path,type,group", "a.wav,rain,g1"], "lacks the column.* label;"),
        (["path;label;type;group", "a.wav;noise;rain;g1"], "lacks the column"),
    ],
)
def test_a_manifest_without_content_is_named(lines: list[str], reason: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"manifest\.csv: .*{reason}"):
        read_manifest(written(tmp_path, *lines))


def test_a_manifest_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, "Möwe.wav,noise,gulls,g1", encoding="latin-1")
    with pytest.raises(CorpusError, match=r"manifest\.csv: .*UTF-8"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (",noise,rain,g2", "path is empty"),
        ("b.wav,,rain,g2", "label is empty"),
        ("b.wav,noise,,g2", "type is empty"),
        ("b.wav,noise,rain", "group is empty"),
        ("b.wav,nois,rain,g2", f"unknown label 'nois'; use one of {', '.join(LABELS)}"),
        ("b.wav,noise,rain,g2,nature,test", "unknown split 'test'; use one of train"),
        ("b.wav,noise,rain,g1,nature,evaluation", "'g1' stands in more than one split"),
        ("b.wav,noise,rain,g1,nature,", "'g1' stands in more than one split"),
        ("a.wav,noise,rain,g2", "lists a.wav twice"),
    ],
)
def test_a_wrong_line_is_named(bad: str, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, bad, "c.wav,speech,read,g3")
    with pytest.raises(CorpusError, match=reason) as caught:
        read_manifest(path)
    assert f"{path}, line 3" in str(caught.value)


@pytest.mark.parametrize("between", [["", ""], ['b.wav,noise,rain,"g', 'h"']])
def test_the_number_is_that_of_the_line_in_the_file(between: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, GOOD, *between, "c.wav,nois,rain,g3")
    with pytest.raises(CorpusError, match=r"manifest\.csv, line 5: "):
        read_manifest(path)


def test_recordings_are_read_from_beside_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    ramp = np.linspace(-1, 1, 1000)
    soundfile.write(tmp_path / "sounds" / "a.wav", ramp, 16_000, subtype="FLOAT")
    corpus = read_manifest(written(tmp_path, "path,label,type,group", "sounds/a.wav,noise,x,g"))
    np.testing.assert_allclose(corpus.read(0), ramp, atol=1e-6)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(corpus)).read(0), corpus.read(0))
    assert corpus.name == str(tmp_path / "manifest.csv")


def with_a_tone(folder: Path, *stretches: str) -> tuple[ManifestCorpus, Signal]:
    """Stretches, "start,duration" each, of two seconds, and all that the file holds."""
    whole = (0.1 * np.random.default_rng(0).normal(size=32_000)).astype(np.float32)
    soundfile.write(folder / "a.wav", whole, 16_000, subtype="FLOAT")
    lines = [f"a.wav,noise,x,g,{stretch}" for stretch in stretches]
    head = "path,label,type,group,start_s,duration_s"
    return read_manifest(written(folder, head, *lines)), whole


def test_a_stretch_is_read_and_no_more(tmp_path: Path) -> None:
    corpus, whole = with_a_tone(tmp_path, ",", "0.5,1", "0.25,", "1.5,9")
    np.testing.assert_array_equal(corpus.read(0), whole)
    np.testing.assert_array_equal(corpus.read(1), whole[8_000:24_000])
    np.testing.assert_array_equal(corpus.read(2), whole[4_000:])
    np.testing.assert_array_equal(corpus.read(3), whole[24_000:])


def test_the_length_is_told_by_the_manifest_or_else_by_the_file(tmp_path: Path) -> None:
    corpus, _ = with_a_tone(tmp_path, ",", "0.5,1", "0.25,", "3,")
    assert [corpus.seconds(index) for index in range(4)] == [2.0, 1.0, 1.75, 0.0]
    (tmp_path / "a.wav").unlink()
    assert [corpus.seconds(index) for index in range(2)] == [0.0, 1.0]


@pytest.mark.parametrize("content", [None, b"", b"no audio " * 9], ids=["none", "empty", "text"])
@pytest.mark.parametrize("suffix", ["wav", "flac", "raw"])
def test_the_reason_why_a_file_is_unreadable_does_not_tell_its_place(
    suffix: str, content: bytes | None, tmp_path: Path
) -> None:
    corpus = read_manifest(
        written(tmp_path, "path,label,type,group", f"sounds/a.{suffix},noise,x,g")
    )
    if content is not None:
        (tmp_path / "sounds").mkdir()
        (tmp_path / "sounds" / f"a.{suffix}").write_bytes(content)
    with pytest.raises(AudioError) as caught:
        corpus.read(0)
    assert str(tmp_path) not in str(caught.value)
    assert str(caught.value).startswith("no such file" if content is None else "not a readable")


ALL_OF_IT = (
    Recording(
        path="sounds/Möwe, laut.wav",
        label="noise",
        type="heavy rain",
        group='say "g1"',
        domain="nature",
        split="train",
        sets=("U1", "my own"),
        origin="freesound:7",
        start_s=12.5,
        duration_s=10.0,
        microphone="s1",
        calibration_db_spl=107.5,
        further=(("licence", "CC0"), ("author", "A; B")),
    ),
    Recording(path="b.wav", label="speech", type="read", group="g2", start_s=3.75),
)


def test_what_is_written_is_read_again_from_another_folder(tmp_path: Path) -> None:
    path = tmp_path / "manifests" / "all.csv"
    write_manifest(path, ALL_OF_IT, root=tmp_path / "corpus")
    again = read_manifest(path).recordings
    assert [r.path for r in again] == ["../corpus/sounds/Möwe, laut.wav", "../corpus/b.wav"]
    restored = [replace(r, path=r.path.removeprefix("../corpus/")) for r in again]
    assert restored[0] == ALL_OF_IT[0]
    assert replace(restored[1], further=()) == ALL_OF_IT[1]


def test_late_starts_come_back_to_the_sample(tmp_path: Path) -> None:
    hours = [replace(ALL_OF_IT[1], start_s=5000 + n / 16_000) for n in (1, 2)]
    write_manifest(tmp_path / "all.csv", hours, root=tmp_path)
    again = read_manifest(tmp_path / "all.csv").recordings
    assert [round(r.start_s * 16_000) - 80_000_000 for r in again] == [1, 2]


def test_a_written_manifest_leads_to_the_sounds_wherever_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpus").mkdir()
    corpus, whole = with_a_tone(Path("corpus"), "0.5,1")
    write_manifest(Path("lists/deep/all.csv"), corpus.recordings, root=Path("corpus"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    again = read_manifest(tmp_path / "lists" / "deep" / "all.csv")
    np.testing.assert_array_equal(again.read(0), whole[8_000:24_000])
    write_manifest(tmp_path / "corpus" / "again.csv", again.recordings, root=again.manifest.parent)
    assert read_manifest(tmp_path / "corpus" / "again.csv").recordings == corpus.recordings


def test_columns_that_no_recording_needs_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    plain = Recording(path="a.wav", label="noise", type="rain", group="g")
    write_manifest(path, [plain], root=tmp_path)
    assert path.read_text() == "path,label,type,group\na.wav,noise,rain,g\n"


def test_a_manifest_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = written(tmp_path, "path,label,type,group", "a.wav,noise,rain,g")
    before = path.read_text()
    with pytest.raises(UnicodeEncodeError):
        write_manifest(path, [replace(ALL_OF_IT[0], type="\ud800")], root=tmp_path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_fingerprint_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("one", "other")]
    for place in places:
        place.mkdir()
    one, other = (with_sounds(place, b"sound", b"bell").fingerprint() for place in places)
    assert one == other


@pytest.mark.parametrize(
    "changed",
    [(b"sound", b"bull"), (b"soun", b"dbell"), (b"bell", b"sound"), (b"sound", b"bell", b"")],
)
def test_the_fingerprint_tells_other_content_apart(
    changed: tuple[bytes, ...], tmp_path: Path
) -> None:
    before = with_sounds(tmp_path, b"sound", b"bell").fingerprint()
    assert with_sounds(tmp_path, *changed).fingerprint() != before


def test_the_fingerprint_tells_a_missing_recording(tmp_path: Path) -> None:
    corpus = with_sounds(tmp_path, b"sound")
    before = corpus.fingerprint()
    (tmp_path / "0.wav").unlink()
    assert read_manifest(corpus.manifest).fingerprint() != before


def test_the_fingerprint_follows_the_manifest_too(tmp_path: Path) -> None:
    one, other = (with_a_tone(tmp_path, stretch)[0].fingerprint() for stretch in (",1", ",2"))
    assert one != other
