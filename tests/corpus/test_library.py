import numpy as np
import pytest

from fedasc.corpus.library import Library, catalogue
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

CLIPS = [
    ("train", "noise", "nature", "rain"),
    ("train", "noise", "urban", "cars"),
    ("evaluation", "noise", "nature", "rain"),
    ("evaluation", "noise", "nature", "wind"),
    ("evaluation", "noise", "", "hum"),
    ("train", "music", "", "jazz"),
    ("evaluation", "music", "", "jazz"),
    ("train", "music", "", "rock"),
    ("train", "speech", "", "jazz"),
    ("evaluation", "speech", "", "read"),
]


@pytest.fixture
def library() -> Library:
    recordings = [
        Recording(path=str(n), label=label, domain=domain, type=kind, group=str(n))
        for n, (_, label, domain, kind) in enumerate(CLIPS)
    ]
    return catalogue(recordings, [part for part, *_ in CLIPS])


def test_material_is_the_clips_of_a_part_by_label(library: Library) -> None:
    material = library.material("train")
    assert material.noise.tolist() == [0, 1]
    assert material.music.tolist() == [5, 7]
    assert material.speech.tolist() == [8]
    assert library.material("aggregation").noise.shape == (0,)


def test_material_keeps_to_named_noise_types_and_genres(library: Library) -> None:
    assert library.material("evaluation", noise_types=["wind", "cars"]).noise.tolist() == [3]
    assert library.material("train", genres=["rock"]).music.tolist() == [7]


def test_a_genre_or_noise_type_restricts_its_own_label_only(library: Library) -> None:
    material = library.material("train", noise_types=[], genres=iter(["jazz"]))
    assert material.noise.dtype == np.int64
    assert material.noise.tolist() == []
    assert material.music.tolist() == [5]
    assert material.speech.tolist() == [8]


@pytest.mark.parametrize(
    ("names", "types"),
    [
        (["rain"], ("rain",)),
        (["nature"], ("rain", "wind")),
        (["hum", "nature", "wind", "cars"], ("cars", "hum", "rain", "wind")),
        (["urban"], ("cars",)),
    ],
)
def test_names_mean_types_or_whole_domains(
    names: list[str], types: tuple[str, ...], library: Library
) -> None:
    assert library.types_named(names, label="noise", where="here") == types


@pytest.mark.parametrize(("name", "label"), [("jazz", "noise"), ("rain", "music"), ("", "noise")])
def test_unknown_names_are_refused_with_the_known_ones(
    name: str, label: str, library: Library
) -> None:
    known = {"noise": "cars, hum, nature, rain, urban, wind", "music": "jazz, rock"}[label]
    with pytest.raises(CorpusError, match=f"here: the corpus has no {label} '{name}'.*{known}"):
        library.types_named([name], label=label, where="here")


def test_types_in_all_parts_are_told_from_those_in_some(library: Library) -> None:
    both = ("train", "evaluation")
    assert library.types_in_all(["rain", "wind", "cars"], both, label="noise") == ("rain",)
    assert library.types_in_all(["jazz", "rock"], both, label="music") == ("jazz",)
    assert library.types_in_all(["jazz"], both, label="speech") == ()
