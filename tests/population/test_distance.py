import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from fedasc.corpus.library import EVERYTHING, Library, Surroundings
from fedasc.population.distance import distance

NOISE = ("fan", "dishes", "rain", "bus")
TYPES = (*(("noise", kind) for kind in NOISE), *(("music", genre) for genre in ("pop", "jazz")))
SHARES = (0.1, 0.2, 0.3, 0.4)
"""Of noise, music, speech, and speech in noise."""

KNOWN = Surroundings(noise_types=("fan", "dishes"), genres=("pop",))


def library_of(day: Sequence[tuple[str, str]] = TYPES, known: Sequence[str] = ()) -> Library:
    """A clip of each type for the day and for the baseline, and these noises for the latter too."""
    rows = [("aggregation", label, "", kind, ()) for label, kind in day]
    rows += [("train", label, "", kind, ()) for label, kind in TYPES]
    rows += [("train", "noise", "", kind, ()) for kind in known]
    return Library(*zip(*rows, strict=True))


def test_who_hears_just_what_the_baseline_knows_is_at_no_distance() -> None:
    assert distance(KNOWN, SHARES, KNOWN, library_of()) == 0
    weighted = Surroundings(
        noise_types=("dishes", "fan"),
        genres=("pop",),
        noise_weights=(2.0, 2.0),
        genre_weights=(7.0,),
    )
    assert distance(weighted, SHARES, KNOWN, library_of()) == 0


def test_who_hears_nothing_of_it_is_at_the_distance_of_all_but_clear_speech() -> None:
    elsewhere = Surroundings(noise_types=("rain", "bus"), genres=("jazz",))
    assert distance(elsewhere, SHARES, KNOWN, library_of()) == pytest.approx(1 - 0.3)


def test_distance_is_what_is_heard_more_often_than_known() -> None:
    """The fan is known at 1/2, and so are the dishes; all music known is pop."""
    mixed = Surroundings(
        noise_types=("fan", "dishes", "rain"),
        genres=("pop", "jazz"),
        noise_weights=(6.0, 1.0, 3.0),
        genre_weights=(1.0, 4.0),
    )
    noise = (0.6 - 0.5) + 0.3
    music = 0.8
    expected = (0.1 + 0.4) * noise + 0.2 * music
    assert distance(mixed, SHARES, KNOWN, library_of()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("shares", "expected"),
    [((1, 0, 0, 0), 0.5), ((0, 1, 0, 0), 0.5), ((0, 0, 1, 0), 0.0), ((0, 0, 0, 1), 0.5)],
)
def test_each_scene_counts_by_its_share(shares: Sequence[float], expected: float) -> None:
    assert distance(EVERYTHING, shares, KNOWN, library_of()) == expected


def test_distance_goes_by_recordings_where_there_are_no_weights() -> None:
    """The user's day has one of each of the four noises, the baseline set three rains more."""
    library = library_of(known=["rain"] * 3)
    apart = 4 / 7 - 1 / 4
    assert distance(EVERYTHING, (1, 0, 0, 0), EVERYTHING, library) == pytest.approx(apart)


def test_distance_goes_by_the_users_day_and_not_by_the_evaluation() -> None:
    day = [("noise", "fan"), ("music", "pop")]
    assert distance(EVERYTHING, SHARES, EVERYTHING, library_of(day)) == pytest.approx(
        0.5 * 0.75 + 0.2 * 0.5
    )


_OF_MANY = """
from fedasc.population.distance import distance
from fedasc.corpus.library import Library, Surroundings
kinds = [f"kind {n}" for n in range(60)]
rows = [(part, "noise", "", kind, ()) for part in ("aggregation", "train") for kind in kinds]
library = Library(*zip(*rows, strict=True))
hers, known = (
    Surroundings(noise_types=tuple(kinds), genres=(), noise_weights=tuple(weights))
    for weights in ([n * n % 61 + 0.1 for n in range(60)], [n * 7 % 59 + 0.3 for n in range(60)])
)
print(repr(distance(hers, (0.7, 0.0, 0.1, 0.2), known, library)))
"""


@pytest.mark.bits
def test_distance_is_the_same_to_the_last_bit_in_every_process() -> None:
    """Python puts the elements of sets in another order in every process."""
    found = {
        subprocess.run(
            [sys.executable, "-c", _OF_MANY],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(found) == 1
