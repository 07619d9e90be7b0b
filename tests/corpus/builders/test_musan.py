from pathlib import Path

import numpy as np
import pytest
import soundfile

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.musan import UNREADABLE, WHOLE, build_musan
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import read_vocabulary, shipped_data_sets
from fedasc.errors import CorpusError
from tests.audio.odd_files import RATE_HZ, flac, sweep


def sound(path: Path, *, duration_s: float = 0.5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(16_000 * duration_s)), 16_000)


def annotate(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ANNOTATIONS"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def music(root: Path, annotation: str, *, source: str = "fma") -> Recording:
    """The one recording of a MUSAN with this annotation of a piece of music."""
    folder = root / "music" / source
    sound(folder / "music-0000.wav")
    annotate(folder, f"music-0000 {annotation}")
    (recording,) = build_musan(root).recordings
    return recording


def test_every_source_is_found(tmp_path: Path) -> None:
    sound(tmp_path / "music/jamendo/music-jamendo-0000.wav")
    sound(tmp_path / "noise/free-sound/noise-free-sound-0000.wav", duration_s=0.75)
    sound(tmp_path / "noise/sound-bible/noise-sound-bible-0001.wav")
    sound(tmp_path / "speech/librivox/speech-librivox-0097.wav", duration_s=1.25)
    sound(tmp_path / "speech/us-gov/speech-us-gov-0002.wav")
    annotate(tmp_path / "music/jamendo", "music-jamendo-0000 rock,pop Y Some_Band")
    annotate(tmp_path / "noise/free-sound", "noise-free-sound-0000")
    annotate(tmp_path / "speech/librivox", "speech-librivox-0097 f german")
    (tmp_path / "music/jamendo/LICENSE").write_text("music-jamendo-0000 CC BY")
    (tmp_path / "README").write_text("MUSAN")
    built = build_musan(tmp_path)
    assert built == Build(
        recordings=(
            Recording(
                path="music/jamendo/music-jamendo-0000.wav",
                label="music",
                type="rock",
                group="Some_Band",
                duration_s=0.5,
                further=(("genres", "rock,pop"), ("vocals", "Y"), ("artist", "Some_Band")),
            ),
            Recording(
                path="noise/free-sound/noise-free-sound-0000.wav",
                label="noise",
                type="musan_free_sound",
                group="noise-free-sound-0000",
                duration_s=0.75,
            ),
            Recording(
                path="noise/sound-bible/noise-sound-bible-0001.wav",
                label="noise",
                type="musan_sound_bible",
                group="noise-sound-bible-0001",
                duration_s=0.5,
            ),
            Recording(
                path="speech/librivox/speech-librivox-0097.wav",
                label="speech",
                type="librivox",
                group="speech-librivox-0097",
                duration_s=1.25,
                further=(("gender", "f"), ("language", "german")),
            ),
            Recording(
                path="speech/us-gov/speech-us-gov-0002.wav",
                label="speech",
                type="us_gov",
                group="speech-us-gov-0002",
                duration_s=0.5,
            ),
        ),
        licence=built.licence,
    )
    assert "CC BY 4.0" in built.licence


def test_the_folder_above_will_do(tmp_path: Path) -> None:
    sound(tmp_path / "musan/speech/us-gov/speech-us-gov-0000.wav")
    (recording,) = build_musan(tmp_path).recordings
    assert recording.path == "musan/speech/us-gov/speech-us-gov-0000.wav"


@pytest.mark.parametrize(
    ("genres", "genre"),
    [
        ("blues", "blues"),
        ("pop,electronica", "pop"),
        ("hiphop", "hip_hop"),
        ("Hip-Hop", "hip_hop"),
        ("soundtrack,techno,folk", "electronic"),
        ("westernart,romantic", "classical"),
        ("soundtrack", "other"),
        ("none", "other"),
    ],
)
def test_the_first_known_genre_counts(genres: str, genre: str, tmp_path: Path) -> None:
    assert music(tmp_path, f"{genres} N Someone").type == genre


def test_genres_are_called_as_elsewhere(tmp_path: Path) -> None:
    kinds = read_vocabulary(shipped_data_sets()).types
    for genre in (kind.name for kind in kinds if kind.label == "music"):
        assert music(tmp_path, f"{genre} N Someone").type == genre


@pytest.mark.parametrize("source", ["fma-western-art", "hd-classical"])
def test_classical_sources_are_classical(source: str, tmp_path: Path) -> None:
    assert music(tmp_path, "folk N Someone", source=source).type == "classical"


def test_music_without_annotation_is_a_group_of_its_own(tmp_path: Path) -> None:
    sound(tmp_path / "music/rfm/music-rfm-0000.wav")
    (recording,) = build_musan(tmp_path).recordings
    assert (recording.type, recording.group, recording.further) == ("other", "music-rfm-0000", ())


def test_an_artist_is_one_group_across_sources(tmp_path: Path) -> None:
    sound(tmp_path / "music/hd-classical/music-hd-0000.wav")
    sound(tmp_path / "music/rfm/music-rfm-0000.wav")
    annotate(tmp_path / "music/hd-classical", "music-hd-0000 romantic N A_Pianist A_Composer")
    annotate(tmp_path / "music/rfm", "music-rfm-0000 jazz N A_Pianist")
    assert [r.group for r in build_musan(tmp_path).recordings] == ["A_Pianist", "A_Pianist"]


def test_files_may_be_flac_and_folders_links(tmp_path: Path) -> None:
    sound(tmp_path / "disk" / "music-fma-0000.flac", duration_s=0.75)
    annotate(tmp_path / "disk", "music-fma-0000 jazz N Someone")
    (tmp_path / "data" / "musan" / "music").mkdir(parents=True)
    (tmp_path / "data" / "musan" / "music" / "fma").symlink_to(tmp_path / "disk")
    built = build_musan(tmp_path / "data")
    assert [(r.path, r.type, r.group, r.duration_s) for r in built.recordings] == [
        ("musan/music/fma/music-fma-0000.flac", "jazz", "Someone", 0.75)
    ]
    assert built.left == ()


def test_a_file_that_claims_too_little_is_as_long_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "noise" / "free-sound").mkdir(parents=True)
    path = tmp_path / "noise" / "free-sound" / "noise-free-sound-0000.flac"
    path.write_bytes(flac(sweep(2.5), RATE_HZ))
    assert [recording.duration_s for recording in build_musan(tmp_path).recordings] == [2.5]


@pytest.mark.parametrize(
    "piece",
    ["{}/00003.wav", "{}/00006.flac", "{}_00008.wav", "{}-12.wav", "{}.part3.wav"],
)
def test_pieces_are_of_the_group_of_their_file(piece: str, tmp_path: Path) -> None:
    """Like musan_split, without annotations, and others that people cut."""
    for source, name in (
        ("music/fma", "music-fma-0001"),
        ("music/fma-western-art", "music-fma-wa-0002"),
        ("noise/free-sound", "noise-free-sound-0003"),
    ):
        sound(tmp_path / "musan_split" / source / piece.format(name))
        sound(tmp_path / "musan_split" / source / f"{name}/00000.wav")
    annotate(tmp_path / "musan" / "music" / "fma", "music-fma-0001 rock Y Some_Band")
    built = build_musan(tmp_path)
    assert {(r.type, r.group, r.duration_s) for r in built.recordings} == {
        ("rock", "Some_Band", 0.5),
        ("classical", "music-fma-wa-0002", 0.5),
        ("musan_free_sound", "noise-free-sound-0003", 0.5),
    }
    assert len(built.recordings) == 6
    assert built.left == ()


def test_pieces_of_a_file_that_is_there_are_left_out(tmp_path: Path) -> None:
    sound(tmp_path / "musan/speech/us-gov/speech-us-gov-0000.wav")
    sound(tmp_path / "musan_16k/speech/us-gov/speech-us-gov-0000.wav")
    sound(tmp_path / "musan/speech/us-gov/speech-us-gov-0001.wav", duration_s=0)
    for n in (0, 1):
        sound(tmp_path / f"5s/speech/us-gov/speech-us-gov-000{n}/00000.wav")
    built = build_musan(tmp_path)
    assert [r.path for r in built.recordings] == [
        "5s/speech/us-gov/speech-us-gov-0001/00000.wav",
        "musan/speech/us-gov/speech-us-gov-0000.wav",
    ]
    assert built.left == (
        ("5s/speech/us-gov/speech-us-gov-0000/00000.wav", WHOLE),
        ("musan/speech/us-gov/speech-us-gov-0001.wav", UNREADABLE),
        ("musan_16k/speech/us-gov/speech-us-gov-0000.wav", WHOLE),
    )


def test_recordings_are_in_order_of_names(tmp_path: Path) -> None:
    for name in ("music/fma/b.wav", "music/fma/a.wav", "music/fma-western-art/c.wav"):
        sound(tmp_path / name)
    paths = [recording.path for recording in build_musan(tmp_path).recordings]
    assert paths == ["music/fma-western-art/c.wav", "music/fma/a.wav", "music/fma/b.wav"]


def test_what_cannot_be_read_or_is_missing_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "music/fma"
    sound(folder / "music-fma-0000.wav", duration_s=0)
    (folder / "music-fma-0001.wav").write_bytes(b"no sound")
    (folder / "._music-fma-0002.wav").write_bytes(b"hidden")
    annotate(folder, "music-fma-0003 pop Y Someone", "", "music-fma-0001 pop Y Someone")
    built = build_musan(tmp_path)
    assert built.recordings == ()
    assert built.left == (
        ("music/fma/music-fma-0000.wav", "not a readable audio file, or empty"),
        ("music/fma/music-fma-0001.wav", "not a readable audio file, or empty"),
        ("music/fma/music-fma-0003.wav", "annotated, but there is no such file"),
    )


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        ("music/fma", "music-fma-0001 pop Y", "genres, vocals, artist"),
        ("music/fma", "music-fma-0001 pop 1 Someone", "vocals Y or N"),
        ("music/fma", "music-fma-0001 pop Maybe Someone", "vocals Y or N"),
        ("music/fma", "music-fma-0001 drum and Y Someone", "vocals Y or N"),
        ("speech/librivox", "speech-librivox-0001 f", "gender, language"),
    ],
)
def test_a_malformed_annotation_is_named(
    source: str, line: str, expected: str, tmp_path: Path
) -> None:
    path = annotate(tmp_path / source, "", line)
    with pytest.raises(CorpusError, match=f"line 2: expected a file's name, .*{expected}") as error:
        build_musan(tmp_path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("vocals", ["Y", "n", "TRUE", "False", "yes"])
def test_vocals_may_be_told_in_other_words(vocals: str, tmp_path: Path) -> None:
    sound(tmp_path / "music/fma" / "music-fma-0001.wav")
    annotate(tmp_path / "music/fma", f"music-fma-0001 pop {vocals} Someone")
    (recording,) = build_musan(tmp_path).recordings
    assert (recording.type, recording.group) == ("pop", "Someone")


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    sound(tmp_path / "noise/rain/a.wav")
    with pytest.raises(CorpusError, match=r"expected MUSAN's folders.*the folder holds noise/"):
        build_musan(tmp_path)
