from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.slices import TOO_SHORT
from fedasc.corpus.builders.urbansound8k import BACKGROUND, MISSING, VOICES, build_urbansound8k
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import read_vocabulary, shipped_data_sets
from fedasc.errors import CorpusError

HEAD = "slice_file_name,fsID,start,end,salience,fold,classID,class"
# fmt: off
CLASSES = (
    "air_conditioner", "car_horn", "children_playing", "dog_bark", "drilling", "engine_idling",
    "gun_shot", "jackhammer", "siren", "street_music",
)
# fmt: on
RATE_HZ = 1_000
SOUND = np.random.default_rng(0).integers(-30_000, 30_000, 60 * RATE_HZ).astype(np.int16)
"""The recording on Freesound that all slices are cut from."""


def slices(
    root: Path, name: str, *numbers: int, original: int = 184805, occurrence: int = 0,
    fold: int = 6, salience: int = 1, length_s: float = 4.0, flat: bool = False,
) -> list[str]:  # fmt: skip
    """Lines of the table, and the files: slice n starts n half seconds after the first."""
    lines = []
    folder = root / f"fold{fold}" if flat else root / "audio" / f"fold{fold}"
    folder.mkdir(parents=True, exist_ok=True)
    for n in numbers:
        start_s, end_s = 0.25 + n / 2, 0.25 + n / 2 + length_s
        number = CLASSES.index(name)
        path = folder / f"{original}-{number}-{occurrence}-{n}.wav"
        soundfile.write(path, SOUND[int(start_s * RATE_HZ) : int(end_s * RATE_HZ)], RATE_HZ)
        times = f"{start_s:g},{end_s:g},{salience},{fold}"
        lines.append(f"{path.name},{original},{times},{number},{name}")
    return lines


def table(path: Path, *lines: str, head: str = HEAD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def test_slices_become_stretches_of_what_they_were_cut_from(tmp_path: Path) -> None:
    """The corpus as it is unpacked; slices as they really lie, half a second apart or more."""
    root = tmp_path / "UrbanSound8K"
    lines = slices(root, "air_conditioner", 2, 4, 5, 13, 27, 32, 34, 40)
    horn = slices(root, "car_horn", 0, original=18594, length_s=0.5, fold=3)
    music = slices(root, "street_music", *range(8), original=185374, fold=9)
    table(root / "metadata" / "UrbanSound8K.csv", *lines, *horn, *music)
    for folder in (tmp_path, root):
        built = build_urbansound8k(folder)
        prefix = "UrbanSound8K/" if folder == tmp_path else ""
        assert built == Build(
            recordings=(
                Recording(
                    path=f"{prefix}joined/184805-0-0-2.wav",
                    label="noise",
                    type="air_conditioner",
                    group="freesound:184805",
                    domain="urban",
                    origin="freesound:184805",
                    duration_s=9.5,
                    further=(("fold", "6"),),
                ),
                Recording(
                    path=f"{prefix}joined/184805-0-0-27.wav",
                    label="noise",
                    type="air_conditioner",
                    group="freesound:184805",
                    domain="urban",
                    origin="freesound:184805",
                    duration_s=10.5,
                    further=(("fold", "6"),),
                ),
                Recording(
                    path=f"{prefix}joined/185374-9-0-0.wav",
                    label="music",
                    type="street_music",
                    group="freesound:185374",
                    origin="freesound:185374",
                    duration_s=7.5,
                    further=(("fold", "9"),),
                ),
            ),
            licence=built.licence,
            left=((f"{prefix}audio/fold3/18594-1-0-0.wav", TOO_SHORT),),
        )
    assert "CC BY-NC 3.0" in built.licence
    samples, _ = soundfile.read(root / "joined" / "184805-0-0-27.wav", dtype=np.int16)
    np.testing.assert_array_equal(samples, SOUND[13_750:24_250])


def test_the_table_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    lines = slices(tmp_path, "siren", 0, 4)
    published = table(tmp_path / "metadata" / "UrbanSound8K.csv", *lines)
    expected = build_urbansound8k(tmp_path)
    assert [recording.duration_s for recording in expected.recordings] == [6.0]
    cells = [line.split(",") for line in lines]
    assert cells[0][2] == "0.25"
    rows = [
        ";".join([*row[:2], *(time.replace(".", ",") for time in row[2:4]), *row[4:]])
        for row in cells
    ]
    published.unlink()
    table(tmp_path / "metadata" / "UrbanSound8K.csv", *rows, head=HEAD.replace(",", ";"))
    assert build_urbansound8k(tmp_path) == expected


def test_a_copy_without_its_folders_will_do(tmp_path: Path) -> None:
    lines = slices(tmp_path, "siren", 0, 2, flat=True)
    table(tmp_path / "UrbanSound8K.csv", *lines)
    (tmp_path / "fold6" / "184805-8-0-2.wav").rename(tmp_path / "fold6" / "184805-8-0-2.flac")
    (recording,) = build_urbansound8k(tmp_path).recordings
    assert (recording.path, recording.duration_s) == ("joined/184805-8-0-0.wav", 5.0)


def test_occurrences_are_apart_even_where_they_overlap(tmp_path: Path) -> None:
    lines = slices(tmp_path, "siren", 0, 2) + slices(tmp_path, "siren", 3, 5, occurrence=1)
    lines += slices(tmp_path, "dog_bark", 4, 6)
    table(tmp_path / "UrbanSound8K.csv", *lines)
    recordings = build_urbansound8k(tmp_path).recordings
    assert {(r.type, r.group, r.duration_s) for r in recordings} == {
        ("siren", "freesound:184805", 5.0),
        ("dog", "freesound:184805", 5.0),
    }
    assert len(recordings) == 3


def test_every_class_has_a_type_and_those_known_elsewhere_their_domain(tmp_path: Path) -> None:
    lines = [
        line
        for name in CLASSES
        for line in slices(tmp_path, name, 0, 8, original=CLASSES.index(name))
    ]
    table(tmp_path / "UrbanSound8K.csv", *lines)
    recordings = build_urbansound8k(tmp_path, babble=True).recordings
    assert len({r.type for r in recordings}) == 10
    domains = {kind.name: kind.domain for kind in read_vocabulary(shipped_data_sets()).types}
    shared = [r for r in recordings if r.type in domains]
    assert [r.domain for r in shared] == [domains[r.type] for r in shared]
    assert {r.type for r in shared} == {"engine_idling", "jackhammer", "siren"}


def test_what_may_hold_speech_is_left_out(tmp_path: Path) -> None:
    lines = slices(tmp_path, "jackhammer", 0, 2, salience=2)
    lines += slices(tmp_path, "children_playing", 0, 2)
    table(tmp_path / "UrbanSound8K.csv", *lines)
    built = build_urbansound8k(tmp_path)
    assert built.recordings == ()
    assert [reason for _, reason in built.left] == [BACKGROUND] * 2 + [VOICES] * 2
    assert [r.type for r in build_urbansound8k(tmp_path, babble=True).recordings] == [
        "children_playing"
    ]


def test_a_missing_slice_is_named(tmp_path: Path) -> None:
    lines = slices(tmp_path, "siren", 0, 2, 4)
    table(tmp_path / "UrbanSound8K.csv", *lines)
    (tmp_path / "audio" / "fold6" / "184805-8-0-2.wav").unlink()
    built = build_urbansound8k(tmp_path)
    assert [r.duration_s for r in built.recordings] == [6.0]
    assert built.left == (("audio/fold6/184805-8-0-2.wav", MISSING),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1-0-0-0.wav,1,0,4,1,1,0,theremin", "one of air_conditioner.*'theremin'"),
        ("1-0-0-0.wav,1,soon,4,1,1,0,siren", "a start in seconds.*'soon'"),
        ("1-0-0-0.wav,1,nan,4,1,1,0,siren", "a start in seconds.*'nan'"),
        ("1-0-0-0.wav,1,0,4,3,1,0,siren", "a salience of 1 or 2.*'3'"),
        ("1-0-0-0.wav,1,0,4,1,,0,siren", "fold is empty"),
    ],
)
def test_a_wrong_line_is_named(line: str, reason: str, tmp_path: Path) -> None:
    path = table(tmp_path / "UrbanSound8K.csv", *slices(tmp_path, "siren", 0), line)
    with pytest.raises(CorpusError, match=reason) as error:
        build_urbansound8k(tmp_path)
    assert f"{path}, line 3: " in str(error.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    table(tmp_path / "UrbanSound8K.csv", head=HEAD.replace("salience,", ""))
    with pytest.raises(CorpusError, match=r"UrbanSound8K\.csv: lacks the column\(s\) salience;"):
        build_urbansound8k(tmp_path)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fold1").mkdir()
    with pytest.raises(CorpusError, match=r"expected metadata/UrbanSound8K\.csv .*holds fold1/"):
        build_urbansound8k(tmp_path)
