from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.corpus.builders.slices import TOO_SHORT
from fedasc.corpus.builders.tau import COPY, MISSING, NO_LABELS, UNKNOWN, VOICES, build_tau
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

HEAD = "filename\tscene_label\tidentifier\tsource_label"
RATE_HZ = 1_000
SOUND = np.random.default_rng(0).integers(-30_000, 30_000, 10 * RATE_HZ).astype(np.int16)


def sound(folder: Path, *names: str) -> None:
    """Files by their names: all of SOUND, or the second of it that the name tells."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        _, _, _, _, *second, _ = name.split("-")
        n = int(second[0]) * RATE_HZ if second else 0
        samples = SOUND[n : n + RATE_HZ] if second else SOUND
        soundfile.write(folder / f"{name}.wav", samples, RATE_HZ)


def line(name: str) -> str:
    scene, city, location, *_, device = name.split("-")
    return f"audio/{name}.wav\t{scene}\t{city}-{location}\t{device}"


def year(home: Path, *names: str) -> Path:
    """A year of TAU with these files, and the table that lists them."""
    sound(home / "audio", *names)
    (home / "meta.csv").write_text("\n".join([HEAD, *map(line, names)]) + "\n")
    return home


def setup(home: Path, table: str, *names: str) -> None:
    (home / "evaluation_setup").mkdir(exist_ok=True)
    lines = [f"audio/{name}.wav\t{name.partition('-')[0]}" for name in names]
    (home / "evaluation_setup" / table).write_text("\n".join(["filename\tscene_label", *lines]))


def test_segments_are_recordings_by_their_devices(tmp_path: Path) -> None:
    """The development set of 2020 mobile."""
    names = ("park-lyon-1041-42041-a", "park-lyon-1041-42041-s1", "metro-oslo-7-9-b")
    home = year(tmp_path / "TAU-urban-acoustic-scenes-2020-mobile-development", *names)
    setup(home, "fold1_train.csv", names[0])
    setup(home, "fold1_evaluate.csv", names[1])
    setup(home, "fold1_test.csv", names[1])
    audio = f"{home.name}/audio"

    def recording(name: str, kind: str, place: str, device: str, *fold: str) -> Recording:
        return Recording(
            path=f"{audio}/{name}.wav",
            label="noise",
            type=kind,
            domain="urban",
            group=f"tau:{place}",
            origin=f"tau:{place}",
            microphone=device,
            further=(("scene", name.partition("-")[0]), *(("fold1", part) for part in fold)),
        )

    for root in (home, tmp_path):
        built = build_tau(root)
        prefix = "" if root == tmp_path else f"{home.name}/"
        assert [r.path for r in built.recordings] == [
            f"{audio}/{name}.wav".removeprefix(prefix) for name in (names[2], names[0], names[1])
        ]
    assert built.left == ()
    assert built.recordings == (
        recording(names[2], "subway", "oslo-7", "b"),
        recording(names[0], "park", "lyon-1041", "a", "train"),
        recording(names[1], "park", "lyon-1041", "s1", "test"),
    )
    assert "aren't commercial" in built.licence


def test_pieces_become_the_segments_that_they_were_cut_from(tmp_path: Path) -> None:
    """The development set of 2022 mobile, which 2023 to 2025 use too, with the tables of 2024."""
    tram = [f"tram-vienna-285-8638-{second}-c" for second in range(10)]
    bus = [f"bus-lyon-12-3-{second}-a" for second in (2, 3, 4, 5, 6, 8, 9)]
    home = year(tmp_path, *tram, *bus)
    for percent in (100, 50, 25):
        setup(home, f"split{percent}.csv", *tram, *bus[: 7 * (percent == 100)])
    built = build_tau(home)
    assert [(r.path, r.microphone, r.type, dict(r.further)) for r in built.recordings] == [
        ("joined/bus-lyon-12-3-2-a.wav", "a", "bus", {"scene": "bus", "smallest_subset": "100"}),
        (
            "joined/tram-vienna-285-8638-0-c.wav",
            "c",
            "tram",
            {"scene": "tram", "smallest_subset": "25"},
        ),
    ]
    for path, samples in (
        ("joined/tram-vienna-285-8638-0-c.wav", SOUND),
        ("joined/bus-lyon-12-3-2-a.wav", SOUND[2 * RATE_HZ : 7 * RATE_HZ]),
    ):
        np.testing.assert_array_equal(soundfile.read(home / path, dtype=np.int16)[0], samples)
    assert built.left == tuple((f"audio/{name}.wav", TOO_SHORT) for name in bus[5:])
    assert build_tau(home) == built  # what was written is no new audio


def test_progress_is_told_while_files_are_put_together(tmp_path: Path) -> None:
    year(tmp_path, *(f"tram-vienna-285-{n}-{second}-c" for n in (1, 2) for second in range(5)))
    steps = []
    build_tau(tmp_path, progress=lambda *step: steps.append(step))
    assert steps == [("putting segments together", n, 2) for n in (1, 2)]


@pytest.mark.parametrize(
    "scene", ["airport", "metro_station", "public_square", "shopping_mall", "street_pedestrian"]
)
def test_scenes_full_of_people_are_noise_only_if_asked_for(scene: str, tmp_path: Path) -> None:
    year(tmp_path, f"{scene}-lyon-1-2-a", "street_traffic-lyon-2-3-a")
    built = build_tau(tmp_path)
    assert [r.type for r in built.recordings] == ["traffic"]
    assert built.left == ((f"audio/{scene}-lyon-1-2-a.wav", VOICES),)
    built = build_tau(tmp_path, babble=True)
    assert {r.type for r in built.recordings} == {"traffic", scene}
    assert built.left == ()


def test_names_tell_enough_without_a_table(tmp_path: Path) -> None:
    sound(tmp_path / "clips" / "16k", "park-lyon-1041-42041-s10", "bus-oslo-1-2-a")
    sound(tmp_path / "clips", "opera-oslo-1-2-a")
    built = build_tau(tmp_path)
    assert built.left == (("clips/opera-oslo-1-2-a.wav", UNKNOWN),)
    assert [(r.path, r.group, r.microphone) for r in built.recordings] == [
        ("clips/16k/bus-oslo-1-2-a.wav", "tau:oslo-1", "a"),
        ("clips/16k/park-lyon-1041-42041-s10.wav", "tau:lyon-1041", "s10"),
    ]


def test_the_table_counts_where_names_tell_otherwise(tmp_path: Path) -> None:
    year(tmp_path, "bus-oslo-1-2-a")
    (tmp_path / "audio" / "bus-oslo-1-2-a.wav").rename(tmp_path / "audio" / "7.flac")
    (tmp_path / "meta.csv").write_text(f"{HEAD}\naudio/7.wav\ttram\toslo-3\td\n")
    (recording,) = build_tau(tmp_path).recordings
    assert (recording.path, recording.type) == ("audio/7.flac", "tram")
    assert (recording.group, recording.microphone) == ("tau:oslo-3", "d")


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    names = ("bus-oslo-1-2-a", "bus-oslo-1-3-a", "bus-oslo-1-4-a")
    year(tmp_path / "2020", *names)
    (tmp_path / "2020" / "audio" / f"{names[1]}.wav").unlink()
    table = tmp_path / "2020" / "meta.csv"
    table.write_text(table.read_text().replace("4-a.wav\tbus", "4-a.wav\tferry"))
    year(tmp_path / "2022", *(f"bus-oslo-1-2-{second}-a" for second in range(6)))
    evaluation = tmp_path / "2025"
    sound(evaluation / "audio", "bus-oslo-1-9-a")
    (evaluation / "audio" / "bus-oslo-1-9-a.wav").rename(evaluation / "audio" / "0.wav")
    (evaluation / "meta.csv").write_text("filename\naudio/0.wav\n")
    built = build_tau(tmp_path)
    assert [r.path for r in built.recordings] == [f"2020/audio/{names[0]}.wav"]
    assert sorted(built.left) == [
        (f"2020/audio/{names[1]}.wav", MISSING),
        (f"2020/audio/{names[2]}.wav", UNKNOWN),
        *((f"2022/audio/bus-oslo-1-2-{second}-a.wav", COPY) for second in range(6)),
        ("2025/meta.csv", NO_LABELS),
    ]


def test_a_table_without_its_column_is_named(tmp_path: Path) -> None:
    year(tmp_path, "bus-oslo-1-2-a")
    (tmp_path / "meta.csv").write_text("file\tscene_label\n")
    with pytest.raises(CorpusError, match=r"meta\.csv: lacks the column\(s\) filename; take DCASE"):
        build_tau(tmp_path)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rain.wav").touch()
    with pytest.raises(CorpusError, match=r"expected meta\.csv and audio .*holds rain\.wav"):
        build_tau(tmp_path)
