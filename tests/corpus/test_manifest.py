import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

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


EXCEL = """path;label;type;group;sets;start_s;calibration_db_spl;
a.wav;noise;"rain, heavy";g1;"U1;known";12,5;107,5;
;;;;;;;
b.wav;noise;wind;g2;;;;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        EXCEL,
        f"sep=;\n{EXCEL}",
        EXCEL.replace("\n", "\r\n"),
        EXCEL.replace("\n", "\r"),
        EXCEL.replace(";", "\t").replace("U1\tknown", "U1;known"),
        EXCEL.replace("12,5", "12.5")
        .replace("107,5", "107.5")
        .replace(";", ",")
        .replace("U1,", "U1;"),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(text: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes(text.encode(encoding))
    corpus = read_manifest(path)
    assert corpus.recordings == (
        Recording(
            path="a.wav",
            label="noise",
            type="rain, heavy",
            group="g1",
            sets=("U1", "known"),
            start_s=12.5,
            calibration_db_spl=107.5,
        ),
        Recording(path="b.wav", label="noise", type="wind", group="g2"),
    )
    before = corpus.fingerprint()
    path.write_bytes(text.replace("wind", "hail").encode(encoding))
    assert read_manifest(path).fingerprint() != before


def test_a_decimal_comma_is_none_between_commas(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD},start_s", f'{GOOD},"1,234"')
    with pytest.raises(CorpusError, match="start_s must be a time in seconds, got '1,234'"):
        read_manifest(path)


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
    reason = "type must not hold ';' or blanks around it, got 'hair;dryer'; rename it"
    assert str(caught.value) == f"{path}, line 3: {reason}"


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


@pytest.mark.parametrize("text", ["loud", "nan", "inf", "-1", "0"])
def test_a_full_scale_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD},full_scale", f"{GOOD},", f"b{GOOD},{text}")
    with pytest.raises(CorpusError, match=r"line 3: full_scale must be the value in the file"):
        read_manifest(path)


def test_a_recording_is_scaled_by_the_full_scale_of_its_line(tmp_path: Path) -> None:
    ramp = np.linspace(-3, 3, 16_000, dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", ramp, 16_000, subtype="FLOAT")
    corpus = read_manifest(written(tmp_path, f"{HEAD},full_scale", f"{GOOD},4"))
    np.testing.assert_allclose(corpus.read(0), ramp / 4, atol=1e-6)
    sound = pickle.loads(pickle.dumps(corpus)).sound(0)
    assert (sound.full_scale, sound.clipped, sound.note) == (4, 0, "")
    with pytest.raises(AudioError, match=r"^floats beyond full scale: 67 % .* example 4$"):
        read_manifest(written(tmp_path, HEAD, GOOD)).read(0)


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
        (["path|label|type|group"], "lacks the column.*, and names path|label"),
        ([f"{HEAD},type", GOOD], "names the column type twice"),
    ],
)
def test_a_manifest_without_content_is_named(lines: list[str], reason: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"manifest\.csv: .*{reason}"):
        read_manifest(written(tmp_path, *lines))


@pytest.mark.parametrize(
    "content", [b"RIFF\x24\x08\0\0WAVEfmt \xff\xfe\r" * 999, HEAD.encode("utf-16-le"), b'sep="\n']
)
def test_what_is_no_table_is_refused_in_a_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="lacks the column") as caught:
        read_manifest(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300 + len(str(path))


def test_a_manifest_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, "Möwe.wav,noise,gulls,g1", encoding="latin-1")
    with pytest.raises(CorpusError, match=r"manifest\.csv, line 2: .*save the table as CSV UTF-8"):
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
        full_scale=32768.0,
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


FURTHER = (("licence", "say\r\nCC0\r"),)
NAMES = (
    b"M\xf6we.wav",  # Latin-1
    b"\xff\xfe.wav",
    b"x" * 251 + b".wav",
    "Möwe".encode() * 50 + b".wav",
    b"two\nlines.wav",
    b"cr\rin.wav",
    b" blanks \t.wav ",
    b'say "a", b; c.wav',
    b"=1+1.wav",
    b"#1.wav",
    b"sep=;",
)


def test_whatever_files_are_called_is_written_and_read_back(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"d\xe9")).mkdir()
    recordings = [
        Recording(
            path=os.fsdecode(folder + name),
            label="noise",
            type="gulls",
            group=os.fsdecode(folder + name).strip(),
            start_s=0.25,
            further=FURTHER,
        )
        for name in NAMES
        for folder in (b"d\xe9/", b"")
    ]
    ramp = np.linspace(-1, 1, 8000).astype(np.float32)
    soundfile.write(tmp_path / "ramp.wav", ramp, 16_000, subtype="FLOAT")
    for recording in recordings:
        (tmp_path / recording.path).write_bytes((tmp_path / "ramp.wav").read_bytes())
    write_manifest(tmp_path / "all.csv", recordings, root=tmp_path)
    corpus = read_manifest(tmp_path / "all.csv")
    assert corpus.recordings == tuple(recordings)
    for index in range(len(recordings)):
        np.testing.assert_array_equal(corpus.read(index), ramp[4000:])
    assert {corpus.seconds(index) for index in range(len(recordings))} == {0.25}
    assert corpus.fingerprint() == read_manifest(tmp_path / "all.csv").fingerprint()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "heavy\rrain"}, r"type must be a line of UTF-8, got 'heavy\\rrain'; rename it"),
        ({"type": "heavy\u2028rain"}, "type must be a line"),
        ({"type": os.fsdecode(b"M\xf6we")}, r"type must be a line of UTF-8, got 'M\\udcf6we'"),
        ({"type": "rain;wind"}, "type must not hold ';' or blanks around it, got 'rain;wind'"),
        ({"type": "rain "}, "type must not hold ';' or blanks around it, got 'rain '"),
        ({"sets": ("U1", "a;b")}, "sets must not hold ';' or .*, got 'a;b'"),
        ({"sets": ("U1", "a\0b")}, "sets must be a line"),
        ({"sets": ("U1", "")}, "sets must not be blank"),
        ({"domain": "\x1b[31m"}, "domain must be a line"),
        ({"microphone": "a\n"}, "microphone must be a line"),
        ({"further": (("licence", "\ud800"),)}, "licence must be UTF-8"),
        ({"path": "x" * 256}, "a file's name has at most 255 bytes"),
        ({"path": "Möwe" * 52 + "/b.wav"}, "a file's name has at most 255 bytes"),
        ({"path": "a\0.wav"}, "a file's name has at most 255 bytes, none of them 0"),
        ({"path": "\ud800.wav"}, "no file can be called so"),
        ({"group": "\ud800"}, "no file can be called so"),
        ({"path": "\r"}, "its name and its group's must not be blank"),
        ({"type": " "}, "type must not be blank"),
    ],
)
def test_a_name_that_a_manifest_cannot_hold_is_refused_by_the_name_of_its_file(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    bad = replace(ALL_OF_IT[1], **changes)
    with pytest.raises(CorpusError, match=reason) as caught:
        write_manifest(tmp_path / "all.csv", [ALL_OF_IT[0], bad], root=tmp_path)
    assert str(caught.value).startswith(f"{bad.path!r}: ")
    assert str(caught.value).isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('b.wav,noise,"heavy\rrain",g2', "type must be a line of UTF-8, got 'heavy.*rain'"),
        (f"{'x' * 256},noise,rain,g2", "a file's name has at most 255 bytes"),
    ],
)
def test_such_a_name_is_refused_in_a_manifest_too(line: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"line \d: {reason}"):
        read_manifest(written(tmp_path, HEAD, GOOD, line))


def test_only_the_names_of_files_that_are_there_may_be_in_another_encoding(tmp_path: Path) -> None:
    name = b"M\xf6we.wav"
    path = tmp_path / "manifest.csv"
    (tmp_path / os.fsdecode(name)).touch()
    for line in (name + b",noise,gulls,K\xfcste", name + b",noise,gulls,g1"):
        path.write_bytes(b"path,label,type,group\n" + line)
        assert read_manifest(path).recordings[0].path == os.fsdecode(name)
    (tmp_path / "a.wav").touch()
    for line in (name + b",noise,M\xf6wen,g1", b"a.wav,noise,gulls,K\xfcste"):
        path.write_bytes(b"path,label,type,group\n" + line)
        with pytest.raises(CorpusError, match="line 2: isn't in UTF-8; save the table as CSV"):
            read_manifest(path)


def test_a_manifest_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = written(tmp_path, "path,label,type,group", "a.wav,noise,rain,g")
    before = path.read_text()
    with pytest.raises(CorpusError, match="type must be a line of UTF-8"):
        write_manifest(path, [ALL_OF_IT[0], replace(ALL_OF_IT[1], type="\ud800")], root=tmp_path)
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
