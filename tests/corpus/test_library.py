from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.corpus.library import EVERYTHING, Deck, Library, Surroundings, catalogue
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

CLIPS = [
    ("train", "noise", "nature", "rain", "small large"),
    ("train", "noise", "urban", "cars", "large"),
    ("evaluation", "noise", "nature", "rain", ""),
    ("evaluation", "noise", "nature", "wind", "small"),
    ("evaluation", "noise", "", "hum", ""),
    ("train", "music", "", "jazz", "large"),
    ("evaluation", "music", "", "jazz", "small"),
    ("train", "music", "", "rock", "small"),
    ("train", "speech", "", "jazz", "small"),
    ("evaluation", "speech", "", "read", "small"),
    ("train", "speech", "", "read", "large"),
]
NONE = np.empty(0, np.int64)


@pytest.fixture
def library() -> Library:
    recordings = [
        Recording(
            path=str(n),
            label=label,
            domain=domain,
            type=kind,
            group=str(n),
            sets=tuple(sets.split()),
        )
        for n, (_, label, domain, kind, sets) in enumerate(CLIPS)
    ]
    return catalogue(recordings, [part for part, *_ in CLIPS])


def library_of(n_clips: dict[str, int]) -> Library:
    """So many clips of each noise type, all in training."""
    rows = [("train", "noise", "", kind, ()) for kind, n in n_clips.items() for _ in range(n)]
    return Library(*zip(*rows, strict=True))


def test_material_is_the_clips_of_a_part_by_label(library: Library) -> None:
    material = library.material("train")
    assert material.noise.clips.tolist() == [0, 1]
    assert material.music.clips.tolist() == [5, 7]
    assert material.speech.clips.tolist() == [8, 10]
    assert library.material("aggregation").noise.clips.shape == (0,)


def test_material_keeps_to_a_device_and_what_is_of_none(library: Library) -> None:
    made_by = ("a", "b", "a", "", "b", "", "b", "a", "", "b", "b")
    library = replace(library, microphones=made_by)
    assert library.devices == ("a", "b")
    for device, noise, speech in (("a", [2, 3], []), ("b", [3, 4], [9]), ("", [2, 3, 4], [9])):
        material = library.material("evaluation", Surroundings(microphone=device))
        assert (material.noise.clips.tolist(), material.speech.clips.tolist()) == (noise, speech)
    small = Surroundings(microphone="b", data_set="small")
    assert library.material("train", small).music.clips.tolist() == []
    assert library.material("train", replace(small, microphone="a")).music.clips.tolist() == [7]
    both = ("train", "evaluation")
    kinds = [
        library.types_in_all(["rain", "hum"], both, label="noise", microphone=device)
        for device in ("a", "b", "")
    ]
    assert kinds == [("rain",), (), ("rain",)]


def test_a_catalogue_knows_devices_and_calibrations_if_there_are_any() -> None:
    further: list[dict[str, Any]] = [{}, {"microphone": "a"}, {"calibration_db_spl": 94.5}]
    recordings = [
        Recording(path=f"{n}", label="noise", type="rain", group=f"{n}", **more)
        for n, more in enumerate(further)
    ]
    plain, both = catalogue(recordings[:1], ["train"]), catalogue(recordings, ["train"] * 3)
    assert (plain.microphones, plain.full_scale_db_spl, plain.devices) == ((), (), ())
    assert both.microphones == ("", "a", "")
    assert both.full_scale_db_spl == (None, None, 94.5)
    assert len({plain.digest, both.digest, replace(both, full_scale_db_spl=()).digest}) == 3


def test_material_keeps_to_named_noise_types_and_genres(library: Library) -> None:
    windy = Surroundings(noise_types=("wind", "cars"))
    assert library.material("evaluation", windy).noise.clips.tolist() == [3]
    assert library.material("train", Surroundings(genres=("rock",))).music.clips.tolist() == [7]


def test_a_genre_or_noise_type_restricts_its_own_label_only(library: Library) -> None:
    material = library.material("train", Surroundings(noise_types=(), genres=("jazz",)))
    assert material.noise.clips.dtype == np.int64
    assert material.noise.clips.tolist() == []
    assert material.music.clips.tolist() == [5]
    assert material.speech.clips.tolist() == [8, 10]


def test_a_data_set_restricts_every_label_and_speech_too(library: Library) -> None:
    material = library.material("train", Surroundings(data_set="small"))
    assert material.noise.clips.tolist() == [0]
    assert material.music.clips.tolist() == [7]
    assert material.speech.clips.tolist() == [8]
    jazz = Surroundings(genres=("jazz",), data_set="small")
    assert library.material("train", jazz).music.clips.tolist() == []
    assert library.material("evaluation", jazz).music.clips.tolist() == [6]


def test_a_data_set_that_is_none_holds_nothing(library: Library) -> None:
    material = library.material("train", Surroundings(data_set="tiny"))
    assert not len(material.noise.clips) + len(material.music.clips) + len(material.speech.clips)


def test_clips_without_weights_take_turns(rng: np.random.Generator) -> None:
    dealt = Deck(np.arange(5)).deal(12, rng)
    assert dealt.dtype == np.int64
    assert sorted(dealt[:5]) == sorted(dealt[5:10]) == list(range(5))
    assert len(set(dealt[10:].tolist())) == 2


def test_each_turn_is_in_an_order_of_its_own(rng: np.random.Generator) -> None:
    turns = Deck(np.arange(30)).deal(90, rng).reshape(3, 30).tolist()
    assert len({tuple(turn) for turn in (*turns, range(30))}) == 4


def test_clips_with_weights_come_by_their_weights(rng: np.random.Generator) -> None:
    deck = Deck(np.array([4, 7, 9]), np.array([0.7, 0.3, 0.0]))
    counts = Counter(deck.deal(10_000, rng).tolist())
    assert set(counts) == {4, 7}
    assert counts[4] / 10_000 == pytest.approx(0.7, abs=0.02)


def test_an_empty_deck_deals_nothing_and_no_more(rng: np.random.Generator) -> None:
    assert Deck(NONE).deal(0, rng).tolist() == []
    with pytest.raises(CorpusError, match="no clips"):
        Deck(NONE).deal(1, rng)


@pytest.mark.parametrize("n_clips", [{"rain": 1, "wind": 9}, {"rain": 9, "wind": 1}])
def test_weights_are_those_of_types_whatever_the_number_of_their_clips(
    n_clips: dict[str, int], rng: np.random.Generator
) -> None:
    library = library_of(n_clips)
    mostly_rain = Surroundings(noise_types=("wind", "rain"), noise_weights=(1, 3))
    dealt = library.material("train", mostly_rain).noise.deal(10_000, rng)
    assert set(dealt.tolist()) == set(range(10))
    assert np.mean([library.types[i] == "rain" for i in dealt]) == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize("order", [("moon", "rain", "wind"), ("rain", "wind", "moon")])
def test_a_type_without_clips_in_the_part_leaves_the_others_their_proportion(
    order: tuple[str, ...], rng: np.random.Generator
) -> None:
    library = library_of({"rain": 2, "wind": 2})
    weight = {"moon": 50.0, "rain": 3.0, "wind": 1.0}
    heard = Surroundings(noise_types=order, noise_weights=tuple(weight[kind] for kind in order))
    assert library.shares("train", "noise", heard) == {"rain": 0.75, "wind": 0.25}
    dealt = library.material("train", heard).noise.deal(10_000, rng)
    assert np.mean([library.types[i] == "rain" for i in dealt]) == pytest.approx(0.75, abs=0.02)


def test_weights_of_types_that_have_no_clips_at_all_do_no_harm() -> None:
    heard = Surroundings(noise_types=("moon",), noise_weights=(1.0,))
    assert library_of({"rain": 1}).material("train", heard).noise.clips.tolist() == []
    assert library_of({"rain": 1}).shares("train", "noise", heard) == {}


def test_genres_have_weights_of_their_own(library: Library) -> None:
    heard = Surroundings(genres=("jazz", "rock"), genre_weights=(4.0, 1.0))
    assert library.shares("train", "music", heard) == {"jazz": 0.8, "rock": 0.2}
    weights = library.material("train", heard).music.weights
    assert weights is not None
    np.testing.assert_allclose(weights, [0.8, 0.2])
    assert library.material("train", heard).noise.weights is None


def test_shares_without_weights_go_by_the_number_of_clips() -> None:
    library = library_of({"rain": 3, "wind": 1, "cars": 4})
    shares = library.shares("train", "noise", EVERYTHING)
    assert shares == {"rain": 0.375, "wind": 0.125, "cars": 0.5}
    some = library.shares("train", "noise", Surroundings(noise_types=("rain", "wind")))
    assert some == {"rain": 0.75, "wind": 0.25}


def test_shares_are_those_within_the_data_set(library: Library) -> None:
    assert library.shares("train", "noise", Surroundings(data_set="small")) == {"rain": 1.0}
    assert library.shares("train", "speech", Surroundings(data_set="large")) == {"read": 1.0}


@pytest.mark.parametrize(
    ("names", "types"),
    [
        (["rain"], ("rain",)),
        (["nature"], ("rain", "wind")),
        (["hum", "nature", "wind", "cars"], ("cars", "hum", "rain", "wind")),
        (["urban"], ("cars",)),
        (["*"], ("cars", "hum", "rain", "wind")),
        (["rain", "*"], ("cars", "hum", "rain", "wind")),
    ],
)
def test_names_mean_types_or_whole_domains(
    names: list[str], types: tuple[str, ...], library: Library
) -> None:
    assert library.types_named(names, label="noise", where="here") == types


def test_a_star_means_everything_of_its_label(library: Library) -> None:
    assert library.types_named(["*"], label="music", where="here") == ("jazz", "rock")


def test_names_with_a_star_mean_what_is_given(library: Library) -> None:
    more = {"*known": ("rain",), "*other": ()}
    named = [
        library.types_named(names, label="noise", where="here", more=more)
        for names in (["*known"], ["*other"], ["*known", "urban"], ["*half"])
    ]
    assert named == [("rain",), (), ("cars", "rain"), library.half("noise")]
    with pytest.raises(CorpusError, match=r"no noise '\*know'; it has cars, hum, nature"):
        library.types_named(["*know"], label="noise", where="here", more=more)


@pytest.mark.parametrize(
    ("rows", "half"),
    [
        ("d:tv c:tv b:tv a:tv", ("a", "b")),
        ("c:tv b:tv a:tv", ("a", "b")),
        ("a:tv", ("a",)),
        ("a:e b:t c:t d:tv", ("b", "d")),
        ("a:t b:t c:v", ("a", "b", "c")),
        ("a:t b:tv c:t d:t e:tv", ("a", "b", "c")),
        ("a:t b:e", ("a",)),
    ],
)
def test_half_of_the_types_can_be_trained_and_validated_on(rows: str, half: Sequence[str]) -> None:
    names = {"t": "train", "v": "validation", "e": "evaluation"}
    clips = [
        (names[part], "noise", "", row.partition(":")[0], ())
        for row in rows.split()
        for part in row.partition(":")[2]
    ]
    assert Library(*zip(*clips, strict=True)).half("noise") == tuple(half)


@pytest.mark.parametrize(("name", "label"), [("jazz", "noise"), ("rain", "music"), ("", "noise")])
def test_unknown_names_are_refused_with_the_known_ones(
    name: str, label: str, library: Library
) -> None:
    known = {"noise": "cars, hum, nature, rain, urban, wind", "music": "jazz, rock"}[label]
    with pytest.raises(CorpusError, match=f"here: the corpus has no {label} '{name}'.* {known};"):
        library.types_named([name], label=label, where="here")


def test_types_in_all_parts_are_told_from_those_in_some(library: Library) -> None:
    both = ("train", "evaluation")
    assert library.types_in_all(["rain", "wind", "cars"], both, label="noise") == ("rain",)
    assert library.types_in_all(["jazz", "rock"], both, label="music") == ("jazz",)
    assert library.types_in_all(["jazz"], both, label="speech") == ()


def test_types_in_all_parts_of_a_data_set_are_fewer(library: Library) -> None:
    both = ("train", "evaluation")
    assert library.types_in_all(["jazz"], both, label="music", data_set="small") == ()
    assert library.types_in_all(["rain", "wind"], both[:1], label="noise", data_set="small") == (
        "rain",
    )
