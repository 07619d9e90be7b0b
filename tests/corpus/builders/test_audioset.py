import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from fedasc.corpus.builders.audioset import (
    LICENCE,
    NO_FILE,
    NO_LENGTH,
    NOT_EMBEDDED,
    NOT_LISTED,
    OTHER_START,
    SECOND_FILE,
    TOO_LONG,
    UNREADABLE,
    build_audioset,
)
from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.ontology import IMPURE_NOISE, NO_TYPE
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import SoundType, Vocabulary
from fedasc.errors import CorpusError

VOCABULARY = Vocabulary(
    (
        SoundType(name="wind", label="noise", domain="nature", mid="/m/wind"),
        SoundType(name="rock", label="music", domain="", mid="/m/rock"),
    )
)
CHILDREN = {
    "/m/04rlf": ["/m/rock"],
    "/m/09l8g": ["/m/09x0r"],
    "/m/09x0r": [],
    "/m/wind": ["/m/leaves"],
    "/m/leaves": [],
    "/m/rock": [],
    "/m/dog": [],
}
HEAD = (
    "# Segments csv created Sun Mar  5 10:54:25 2017",
    "# num_ytids=3, num_segs=3, num_unique_labels=3, num_positive_labels=4",
    "# YTID, start_seconds, end_seconds, positive_labels",
)
WIND, ROCK, DOG = "--aE2O5G5WE", "Y_-rock0123", "_dog-456789"
WIND_LINE = f'{WIND}, 30.000, 40.000, "/m/leaves,/m/dog"'
ROCK_LINE = f'{ROCK}, 0.000, 10.000, "/m/04rlf,/m/rock"'
DOG_LINE = f'{DOG}, 420.000, 430.000, "/m/dog"'


def write_ontology(folder: Path) -> None:
    content = [{"id": mid, "name": mid, "child_ids": kinds} for mid, kinds in CHILDREN.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ontology.json").write_text(json.dumps(content))


def write_table(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((*HEAD, *lines)) + "\n")


def noise(seconds: float) -> NDArray[np.float64]:
    return 0.1 * np.random.default_rng(0).normal(size=round(seconds * 8000))


def write_sound(path: Path, seconds: float = 0.1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise(seconds), 8000)


def build(root: Path, **places: Path) -> Build:
    return build_audioset(root, vocabulary=VOCABULARY, **places)


def build_with(root: Path, *names: str) -> Build:
    """A corpus of the three segments and files of these names."""
    write_ontology(root)
    write_table(root / "eval_segments.csv", WIND_LINE, ROCK_LINE, DOG_LINE)
    for name in names:
        if Path(name).suffix.lower() in (".flac", ".mp3", ".ogg", ".wav"):
            write_sound(root / name)
        else:
            (root / name).touch()
    return build(root)


def paths_of(built: Build) -> list[str]:
    return [recording.path for recording in built.recordings]


def reasons_of(built: Build) -> Mapping[str, str]:
    return {name: reason for name, reason in built.left if reason != NO_FILE}


def test_a_file_of_a_segment_is_a_recording(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_table(tmp_path / "csv" / "balanced_train_segments.csv", WIND_LINE)
    write_table(tmp_path / "csv" / "eval_segments.csv", ROCK_LINE, DOG_LINE)
    write_sound(tmp_path / "train" / f"{WIND}.wav")
    write_sound(tmp_path / "eval" / f"{ROCK}_0_10000.flac")
    assert build(tmp_path) == Build(
        recordings=(
            Recording(
                path=f"eval/{ROCK}_0_10000.flac",
                label="music",
                type="rock",
                group=ROCK,
                origin=f"youtube:{ROCK}",
            ),
            Recording(
                path=f"train/{WIND}.wav",
                label="noise",
                type="wind",
                domain="nature",
                group=WIND,
                origin=f"youtube:{WIND}",
            ),
        ),
        licence=LICENCE,
        left=(("1 of 3 segments", NO_FILE),),
    )


@pytest.mark.parametrize(
    "name",
    [
        f"{WIND}_30000_40000.flac",
        f"{WIND}_30.wav",
        f"{WIND}_30.000.wav",
        f"{WIND}_30.000_40.000.wav",
        f"{WIND}_30-40.wav",
        f"{WIND}-30.wav",
        f"Y{WIND}.wav",
        f"Y{WIND}_30.000.wav",
        f"{WIND}.WAV",
        f"{WIND}.ogg",
        f"{WIND}.mp3",
        f"deep/er/{WIND}.wav",
        f"{ROCK}.wav",
        f"{ROCK}_0.wav",
        f"Y{ROCK}.wav",
        f"Y{ROCK}_0_10.wav",
    ],
)
def test_a_name_in_any_usual_form_is_understood(name: str, tmp_path: Path) -> None:
    built = build_with(tmp_path, name)
    assert paths_of(built) == [name]
    assert built.left == (("2 of 3 segments", NO_FILE),)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{WIND}_31.wav", OTHER_START),
        (f"{WIND}_0_10000.flac", OTHER_START),
        (f"{WIND}.m4a", UNREADABLE),
        (f"{WIND}_30.webm", UNREADABLE),
        (f"{DOG}.wav", NO_TYPE),
        ("aaaaaaaaaaa.wav", NOT_LISTED),
        (f"x{WIND}.wav", NOT_LISTED),
        (f"{WIND}x.wav", NOT_LISTED),
        ("intro.wav", NOT_LISTED),
    ],
)
def test_a_file_that_cannot_be_used_is_named(name: str, reason: str, tmp_path: Path) -> None:
    assert reasons_of(build_with(tmp_path, name)) == {name: reason}


def test_a_start_cut_down_to_whole_seconds_is_understood(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_table(tmp_path / "eval_segments.csv", f"{WIND}, 30.900, 40.900, /m/wind")
    write_sound(tmp_path / f"{WIND}_30.wav")
    assert paths_of(build(tmp_path)) == [f"{WIND}_30.wav"]


@pytest.mark.parametrize(
    ("name", "seconds", "stretch"),
    [
        (f"{WIND}.wav", 3, (0.0, None)),
        (f"{WIND}.wav", 10.9, (0.0, None)),
        (f"{WIND}.wav", 20, None),
        (f"{WIND}.wav", 39.9, None),
        (f"{WIND}.wav", 40, (30.0, 10.0)),
        (f"Y{WIND}.flac", 90, (30.0, 10.0)),
        (f"{WIND}_30.wav", 20, (0.0, 10.0)),
        (f"{WIND}_30.wav", 90, (0.0, 10.0)),
        (f"{WIND}_30_50.wav", 20, (0.0, 10.0)),
        (f"{WIND}_30000_50000.wav", 20, (0.0, 10.0)),
        (f"{WIND}_30.9_40.9.wav", 10.9, (0.0, None)),
        (f"{WIND}_30_40.wav", 90, None),
        (f"{WIND}_30000_40000.wav", 12, None),
        (f"{WIND}_30_20.wav", 90, None),
        (f"{ROCK}.wav", 20, (0.0, 10.0)),
        (f"{ROCK}_0_20000.wav", 20, (0.0, 10.0)),
    ],
)
def test_of_a_file_longer_than_its_segment_only_that_is_taken(
    name: str, seconds: float, stretch: tuple[float, float | None] | None, tmp_path: Path
) -> None:
    write_ontology(tmp_path)
    write_table(tmp_path / "eval_segments.csv", WIND_LINE, ROCK_LINE)
    write_sound(tmp_path / name, seconds)
    built = build(tmp_path)
    assert [(r.start_s, r.duration_s) for r in built.recordings] == [stretch] * bool(stretch)
    assert reasons_of(built) == ({} if stretch else {name: TOO_LONG})


def test_a_short_segment_is_cut_to_its_own_length(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_table(tmp_path / "eval_segments.csv", f'{WIND}, 2.250, 8.500, "/m/wind"')
    write_sound(tmp_path / f"{WIND}.wav", 10)
    (recording,) = build(tmp_path).recordings
    assert (recording.start_s, recording.duration_s) == (2.25, 6.25)


def test_a_file_whose_length_cannot_be_told_gives_way_to_another(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / f"{WIND}_30.mp3").write_bytes(b"<html>Video unavailable</html>")
    (tmp_path / "a" / f"{WIND}_30.wav").touch()
    built = build_with(tmp_path, f"b/{WIND}.wav")
    assert paths_of(built) == [f"b/{WIND}.wav"]
    assert reasons_of(built) == {
        f"a/{WIND}_30.mp3": NO_LENGTH,
        f"a/{WIND}_30.wav": NO_LENGTH,
    }


def test_labels_may_stand_between_blanks(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    lines = [f'{WIND}, 30.000, 40.000, " /m/leaves , /m/04rlf,"', f'{ROCK},0,10," /m/rock"']
    write_table(tmp_path / "eval_segments.csv", *lines)
    write_sound(tmp_path / f"{WIND}.wav")
    write_sound(tmp_path / f"{ROCK}.wav")
    built = build(tmp_path)
    assert paths_of(built) == [f"{ROCK}.wav"]
    assert reasons_of(built) == {f"{WIND}.wav": IMPURE_NOISE}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_of_segments_may_come_from_a_spreadsheet(
    separator: str, encoding: str, tmp_path: Path
) -> None:
    write_ontology(tmp_path)
    rows = [
        ["# num_ytids=3", "num_segs=3", "num_unique_labels=3", "num_positive_labels=4"],
        ["# YTID", "start_seconds", "end_seconds", "positive_labels"],
        [WIND, "30,5", "40,5", "/m/leaves,/m/dog"],
        ["", "", "", ""],
        [ROCK, "0", "10", '"/m/04rlf,/m/rock"'],
    ]
    text = "\r\n".join(map(separator.join, rows))
    (tmp_path / "eval_segments.csv").write_bytes(text.encode(encoding))
    write_sound(tmp_path / f"{WIND}.wav", 60)
    write_sound(tmp_path / f"{ROCK}.wav")
    rock, wind = sorted(build(tmp_path).recordings, key=lambda recording: recording.type)
    assert (wind.type, wind.start_s, wind.duration_s) == ("wind", 30.5, 10.0)
    assert (rock.type, rock.duration_s) == ("rock", None)


def test_other_files_are_no_concern(tmp_path: Path) -> None:
    built = build_with(tmp_path, f"{WIND}.wav", f"{ROCK}.json", "README", f"._{ROCK}.wav")
    assert paths_of(built) == [f"{WIND}.wav"]
    assert not reasons_of(built)


def test_of_two_files_of_a_segment_the_first_counts(tmp_path: Path) -> None:
    built = build_with(tmp_path, f"b/{WIND}.wav", f"a/{WIND}_30.wav", f"a/{WIND}.m4a")
    assert paths_of(built) == [f"a/{WIND}_30.wav"]
    assert reasons_of(built) == {f"a/{WIND}.m4a": UNREADABLE, f"b/{WIND}.wav": SECOND_FILE}


def test_segments_with_unusable_files_only_are_counted(tmp_path: Path) -> None:
    built = build_with(tmp_path, f"{WIND}.m4a", f"{ROCK}_5.wav", f"{DOG}.wav")
    assert dict(built.left)["2 of 3 segments"] == NO_FILE


def test_nothing_is_counted_when_each_segment_has_a_file(tmp_path: Path) -> None:
    built = build_with(tmp_path, *(f"{video}.wav" for video in (WIND, ROCK, DOG)))
    assert built.left == ((f"{DOG}.wav", NO_TYPE),)


def test_audio_and_ontology_may_lie_elsewhere(tmp_path: Path) -> None:
    write_table(tmp_path / "corpus" / "eval_segments.csv", WIND_LINE)
    write_ontology(tmp_path / "else")
    write_sound(tmp_path / "sounds" / "a" / f"{WIND}.wav")
    built = build(
        tmp_path / "corpus",
        audio=tmp_path / "sounds",
        ontology=tmp_path / "else" / "ontology.json",
    )
    assert paths_of(built) == [f"../sounds/a/{WIND}.wav"]


def test_folders_may_be_links(tmp_path: Path) -> None:
    root, audio = tmp_path / "a" / "b" / "corpus", tmp_path / "sounds"
    write_ontology(root)
    write_table(root / "eval_segments.csv", WIND_LINE)
    write_sound(audio / f"{WIND}.wav")
    links = tmp_path / "links"
    links.mkdir()
    (links / "corpus").symlink_to(root)
    (links / "sounds").symlink_to(audio)
    (recording,) = build(links / "corpus", audio=links / "sounds").recordings
    assert (links / "corpus" / recording.path).is_file()


def test_folders_within_the_folder_may_be_links(tmp_path: Path) -> None:
    root, disk = tmp_path / "corpus", tmp_path / "disk"
    write_ontology(root)
    write_table(disk / "tables" / "eval_segments.csv", WIND_LINE)
    write_sound(disk / "audio" / f"{WIND}.wav")
    for name in ("tables", "audio"):
        (root / name).symlink_to(disk / name)
    (recording,) = build(root).recordings
    assert recording.path == f"audio/{WIND}.wav"


def test_audio_below_the_folder_may_be_chosen(tmp_path: Path) -> None:
    build_with(tmp_path, f"a/{WIND}.wav", f"b/{WIND}.wav")
    built = build(tmp_path, audio=tmp_path / "b")
    assert paths_of(built) == [f"b/{WIND}.wav"]
    assert not reasons_of(built)


@pytest.mark.parametrize(
    "line",
    [
        WIND,
        f"{WIND}, 30.000, 40.000",
        f"{WIND}, 30.000, 40.000, /m/leaves, /m/dog",
        f'{WIND}, thirty, 40.000, "/m/leaves"',
        f'{WIND}, 30.000, nan, "/m/leaves"',
        f'{WIND}, 30.000, inf, "/m/leaves"',
        f'{WIND}, 40.000, 30.000, "/m/leaves"',
        f'{WIND}, -1, 30.000, "/m/leaves"',
        f'{WIND}, 30.000, 40.000, ""',
        f'{WIND}, 30.000, 40.000, "Wind"',
        f'{WIND}, 30.000, 40.000, "/m/leaves, Wind"',
        f'{WIND}, 30.000, 40.000, " , "',
        f'{WIND}; 30.000; 40.000; "/m/leaves"',
        f'{WIND}x, 30.000, 40.000, "/m/leaves"',
        "YTID,start_seconds,end_seconds,positive_labels",
    ],
)
def test_a_malformed_line_is_named(line: str, tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_table(tmp_path / "eval_segments.csv", ROCK_LINE, line, DOG_LINE)
    write_sound(tmp_path / f"{WIND}.wav")
    with pytest.raises(CorpusError, match=r"eval_segments\.csv, line 5: expected a YouTube id"):
        build(tmp_path)


def test_a_segment_that_is_listed_again_is_named(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    write_table(tmp_path / "balanced_train_segments.csv", WIND_LINE)
    write_table(tmp_path / "eval_segments.csv", ROCK_LINE, WIND_LINE)
    write_sound(tmp_path / f"{WIND}.wav")
    with pytest.raises(CorpusError, match=rf"eval_segments\.csv, line 5: lists {WIND} again"):
        build(tmp_path)


def test_a_table_in_another_encoding_is_named(tmp_path: Path) -> None:
    write_ontology(tmp_path)
    (tmp_path / "eval_segments.csv").write_bytes(b"# \xff\n")
    write_sound(tmp_path / f"{WIND}.wav")
    with pytest.raises(CorpusError, match=r"eval_segments\.csv: .*UTF-8"):
        build(tmp_path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    with pytest.raises(CorpusError, match=r"github\.com/audioset/ontology"):
        build(root)
    write_ontology(root)
    with pytest.raises(CorpusError, match=r"expected audio files.*holds ontology\.json"):
        build(root)
    write_sound(root / f"{WIND}.wav")
    with pytest.raises(
        CorpusError, match=r"eval_segments\.csv.*research\.google\.com/audioset.*holds"
    ):
        build(root)
    write_table(root / "a" / "eval_segments.csv", WIND_LINE)
    with pytest.raises(CorpusError, match="nowhere: no such folder"):
        build(root, audio=tmp_path / "nowhere")
    build(root)
    write_table(root / "b" / "eval_segments.csv", WIND_LINE)
    with pytest.raises(CorpusError, match=r"a/eval_segments\.csv and .*b/eval_segments\.csv"):
        build(root)


def embedded(content: bytes | None, name: str | None) -> dict[str, Any]:
    return {"bytes": content, "path": name}


def write_parquet(path: Path, **columns: list[Any]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table(columns), path)


def test_a_copy_from_hugging_face_is_unpacked(tmp_path: Path) -> None:
    flac, long = io.BytesIO(), io.BytesIO()
    soundfile.write(flac, np.zeros(8), 16_000, format="FLAC")
    soundfile.write(long, noise(20), 8000, format="FLAC")
    write_ontology(tmp_path)
    write_parquet(
        tmp_path / "data" / "eval" / "00.parquet",
        video_id=[WIND, ROCK, DOG, "no-sound-00", "other-fmt-0", "too-long-00", "no-length-0"],
        audio=[
            embedded(flac.getvalue(), f"audio/eval/{WIND}.flac"),
            embedded(flac.getvalue(), f"audio/eval/{ROCK}.flac"),
            embedded(flac.getvalue(), f"audio/eval/{DOG}.flac"),
            embedded(None, "audio/eval/no-sound-00.flac"),
            embedded(b"x", "audio/eval/other-fmt-0.m4a"),
            embedded(long.getvalue(), None),
            embedded(b"x", "audio/eval/no-length-0.flac"),
        ],
        labels=[[" /m/leaves", "/m/dog "], ["/m/rock"], ["/m/dog"], *[["/m/wind"]] * 4],
        human_labels=[["Rustling leaves", "Dog"], ["Rock"], ["Dog"], *[["Wind"]] * 4],
    )
    write_parquet(
        tmp_path / "data" / "train" / "00.parquet",
        video_id=[WIND],
        audio=[embedded(flac.getvalue(), f"audio/train/{WIND}.flac")],
        labels=[["/m/leaves"]],
    )
    built = build(tmp_path)
    assert [(r.path, r.type, r.group, r.origin) for r in built.recordings] == [
        (f"data/eval/00/{WIND}.flac", "wind", WIND, f"youtube:{WIND}"),
        (f"data/eval/00/{ROCK}.flac", "rock", ROCK, f"youtube:{ROCK}"),
    ]
    assert (tmp_path / built.recordings[0].path).read_bytes() == flac.getvalue()
    assert dict(built.left) == {
        "no-sound-00": NOT_EMBEDDED,
        "data/eval/00/other-fmt-0.m4a": UNREADABLE,
        "data/eval/00/too-long-00.flac": TOO_LONG,
        "data/eval/00/no-length-0.flac": NO_LENGTH,
        f"data/train/00/{WIND}.flac": SECOND_FILE,
        f"data/eval/00/{DOG}.flac": NO_TYPE,
    }
    assert build(tmp_path) == built


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"labels": [["/m/wind"]]}, "no 'video_id' in a row; its columns are labels"),
        ({"video_id": [WIND]}, "no 'labels' in a row; its columns are video_id"),
        (
            {"video_id": [WIND], "labels": [[3]]},
            "expected Parquet files with a video_id and a list",
        ),
    ],
)
def test_parquet_files_without_ids_or_labels_are_refused(
    columns: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    write_ontology(tmp_path)
    write_parquet(tmp_path / "0.parquet", audio=[embedded(b"x", "a.wav")], **columns)
    with pytest.raises(CorpusError, match=reason):
        build(tmp_path)
