from collections import Counter
from pathlib import Path

import pytest

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.esc50 import build_esc50
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import read_vocabulary, shipped_data_sets
from fedasc.errors import CorpusError

HEAD = "filename,fold,target,category,esc10,src_file,take"
RAIN = "1-17367-A-10.wav,1,10,rain,True,17367,A"

# The 50 categories in the order of their numbers, as the collection publishes them.
CATEGORIES = """
dog rooster pig cow frog cat hen insects sheep crow
rain sea_waves crackling_fire crickets chirping_birds
water_drops wind pouring_water toilet_flush thunderstorm
crying_baby sneezing clapping breathing coughing
footsteps laughing brushing_teeth snoring drinking_sipping
door_wood_knock mouse_click keyboard_typing door_wood_creaks can_opening
washing_machine vacuum_cleaner clock_alarm clock_tick glass_breaking
helicopter chainsaw siren car_horn engine train church_bells airplane fireworks hand_saw
"""


def collection(folder: Path, *lines: str, head: str = HEAD) -> Path:
    """A collection with these lines, and the files they name."""
    for name in ("meta", "audio"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    meta = folder / "meta" / "esc50.csv"
    meta.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    for line in lines:
        (folder / "audio" / line.split(",")[0]).touch()
    return meta


def one_of_each(folder: Path) -> tuple[Recording, ...]:
    """What is built of a collection with one clip of each category."""
    names = enumerate(CATEGORIES.split())
    collection(folder, *(f"{n}.wav,1,{n},{name},False,{n},A" for n, name in names))
    return build_esc50(folder).recordings


def test_each_clip_is_a_recording(tmp_path: Path) -> None:
    collection(tmp_path, "5-9032-B-0.wav,5,11,sea_waves,False,9032,B", RAIN)
    built = build_esc50(tmp_path)
    assert built == Build(
        recordings=(
            Recording(
                path="audio/1-17367-A-10.wav",
                label="noise",
                type="rain",
                group="freesound:17367",
                domain="nature",
                origin="freesound:17367",
                further=(("fold", "1"), ("licence", "CC BY 3.0")),
            ),
            Recording(
                path="audio/5-9032-B-0.wav",
                label="noise",
                type="ocean",
                group="freesound:9032",
                domain="nature",
                origin="freesound:9032",
                further=(("fold", "5"), ("licence", "CC BY-NC 3.0")),
            ),
        ),
        licence=built.licence,
    )
    assert "CC BY-NC 3.0" in built.licence


def test_every_category_has_a_type_and_a_domain(tmp_path: Path) -> None:
    recordings = one_of_each(tmp_path)
    assert len(recordings) == len({recording.type for recording in recordings}) == 50
    assert Counter(r.domain for r in recordings) == {"domestic": 23, "nature": 15, "urban": 12}


def test_types_known_elsewhere_have_the_domain_they_have_there(tmp_path: Path) -> None:
    domains = {kind.name: kind.domain for kind in read_vocabulary(shipped_data_sets()).types}
    shared = [r for r in one_of_each(tmp_path) if r.type in domains]
    assert [r.domain for r in shared] == [domains[r.type] for r in shared]
    assert {"ocean", "fire", "bird_song", "cricket", "sawing", "typing"} <= {r.type for r in shared}


@pytest.mark.parametrize("name", ["ESC-50", "ESC-50-master", "data/ESC-50"])
def test_a_folder_above_will_do(name: str, tmp_path: Path) -> None:
    collection(tmp_path / name, RAIN)
    (recording,) = build_esc50(tmp_path).recordings
    assert recording.path == f"{name}/audio/1-17367-A-10.wav"


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("TRUE", "CC BY 3.0"),
        ("WAHR", "CC BY 3.0"),
        ("FALSE", "CC BY-NC 3.0"),
        ("Faux", "CC BY-NC 3.0"),
    ],
)
def test_a_spreadsheet_may_have_written_the_truth(text: str, licence: str, tmp_path: Path) -> None:
    collection(tmp_path, RAIN.replace("True", text))
    (recording,) = build_esc50(tmp_path).recordings
    assert dict(recording.further)["licence"] == licence


def test_a_licence_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    collection(tmp_path, RAIN.replace("True", "maybe"))
    with pytest.raises(CorpusError, match=r"A-10\.wav: esc10 must be True or False, got 'maybe'"):
        build_esc50(tmp_path)


@pytest.mark.parametrize("place", ["1.flac", "audio/audio/44100/1.ogg", "16k/1.wav"])
def test_clips_are_found_by_name(place: str, tmp_path: Path) -> None:
    """In a copy whose table lies on top, with clips converted or in other folders."""
    collection(tmp_path / "disk", RAIN.replace("1-17367-A-10.wav", "1.wav")).rename(
        tmp_path / "esc50.csv"
    )
    (tmp_path / "disk/audio/1.wav").rename(tmp_path / "clip")
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "clip").rename(path)
    assert [r.path for r in build_esc50(tmp_path).recordings] == [place]


def test_of_copies_the_published_one_counts(tmp_path: Path) -> None:
    collection(tmp_path, RAIN)
    (tmp_path / "1-17367-A-10.wav").touch()
    assert [r.path for r in build_esc50(tmp_path).recordings] == ["audio/1-17367-A-10.wav"]


def test_folders_may_be_links(tmp_path: Path) -> None:
    collection(tmp_path / "disk", RAIN)
    root = tmp_path / "ESC-50"
    root.mkdir()
    for name in ("meta", "audio"):
        (root / name).symlink_to(tmp_path / "disk" / name)
    assert [r.path for r in build_esc50(root).recordings] == ["audio/1-17367-A-10.wav"]


def test_a_missing_clip_is_left_out(tmp_path: Path) -> None:
    collection(tmp_path, RAIN)
    (tmp_path / "audio/1-17367-A-10.wav").unlink()
    built = build_esc50(tmp_path)
    assert built.recordings == ()
    assert built.left == (("audio/1-17367-A-10.wav", "listed, but there is no such file"),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a.wav,1,50,theremin,False,1,A", "unknown category 'theremin'; use one of airplane, "),
        ("a.wav,1,10,rain,False,,A", "src_file is empty"),
        ("a.wav,1,10", "category is empty"),
    ],
)
def test_a_wrong_line_is_named(line: str, reason: str, tmp_path: Path) -> None:
    meta = collection(tmp_path, RAIN, line)
    with pytest.raises(CorpusError, match=reason) as error:
        build_esc50(tmp_path)
    assert f"{meta}, line 3: " in str(error.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    collection(tmp_path, head=HEAD.replace("src_file,", ""))
    with pytest.raises(CorpusError, match=r"esc50\.csv: lacks the column\(s\) src_file;"):
        build_esc50(tmp_path)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    collection(tmp_path, RAIN).write_text(f"{HEAD}\nMöwe.wav", encoding="latin-1")
    with pytest.raises(CorpusError, match="UTF-8"):
        build_esc50(tmp_path)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    with pytest.raises(CorpusError, match=r"expected meta/esc50\.csv.*the folder holds sounds/"):
        build_esc50(tmp_path)
