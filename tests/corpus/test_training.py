import numpy as np
import pytest

from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import PARTS
from fedasc.corpus.training import TrainingSetSettings, balanced_windows
from fedasc.errors import CorpusError, SettingsError
from fedasc.scenes import N_SCENES, Scene
from fedasc.seeds import Streams

KINDS = [("noise", "rain"), ("noise", "cars"), ("music", "pop"), ("music", "jazz"), ("speech", "x")]
ROWS = [
    (part, label, "", kind, sets)
    for part in PARTS
    for label, kind in KINDS
    for sets in ((), ("small", "large"), ("large",))
]
LIBRARY = Library(*zip(*ROWS, strict=True))
STREAMS = Streams(5)


@pytest.mark.parametrize("n_per_scene", [1, 17])
@pytest.mark.parametrize("part", PARTS)
def test_scenes_are_equally_large_and_from_the_part(part: str, n_per_scene: int) -> None:
    windows = balanced_windows(LIBRARY, part, n_per_scene, streams=STREAMS, address=0)
    assert np.bincount(windows.scene).tolist() == [n_per_scene] * N_SCENES
    used = np.concatenate([windows.clip, windows.noise[windows.noise >= 0]])
    assert {LIBRARY.parts[i] for i in used} == {part}


def test_the_baseline_hears_only_its_noise_types_and_genres() -> None:
    known = Surroundings(noise_types=("rain",), genres=("jazz",))
    windows = balanced_windows(LIBRARY, "train", 50, streams=STREAMS, address=0, surroundings=known)
    kinds = np.array(LIBRARY.types)
    mixed = windows.noise >= 0
    assert mixed.sum() == 100
    assert set(kinds[windows.noise[mixed]]) == {"rain"}
    assert set(kinds[windows.clip[windows.scene == Scene.NOISE]]) == {"rain"}
    assert set(kinds[windows.clip[windows.scene == Scene.MUSIC]]) == {"jazz"}
    assert set(kinds[windows.clip[mixed]]) == {"x"}


def test_a_data_set_is_where_all_clips_come_from() -> None:
    small = Surroundings(data_set="small")
    windows = balanced_windows(LIBRARY, "train", 20, streams=STREAMS, address=0, surroundings=small)
    used = {*windows.clip.tolist(), *windows.noise.tolist()} - {-1}
    assert len(used) == len(KINDS)
    assert all("small" in LIBRARY.sets[i] for i in used)


def test_each_address_has_windows_of_its_own() -> None:
    starts = [
        balanced_windows(LIBRARY, "train", 20, streams=STREAMS, address=address).start.tolist()
        for address in (0, 1, 0)
    ]
    assert starts[0] == starts[2]
    assert starts[0] != starts[1]


def test_a_part_without_music_is_refused() -> None:
    polka = Surroundings(genres=("polka",))
    with pytest.raises(CorpusError, match="no clips"):
        balanced_windows(LIBRARY, "train", 2, streams=STREAMS, address=0, surroundings=polka)


@pytest.mark.parametrize(
    "size", ["comprehensive", "comprehensive_validation", "baseline", "baseline_validation"]
)
def test_a_training_set_of_next_to_nothing_is_refused(size: str) -> None:
    assert TrainingSetSettings(**{size: 10})  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="training_sets: every size must be at least 10"):
        TrainingSetSettings(**{size: 9})  # type: ignore[arg-type]
