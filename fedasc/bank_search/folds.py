"""Folds of the training part, on which banks are tried."""

from dataclasses import replace

from fedasc.corpus.division import Division
from fedasc.corpus.library import catalogue
from fedasc.corpus.splits import split_by_group
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.errors import CorpusError
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose

_TRAINING = "train"

FOLDS, WINDOWS, TRAINING, TRIES = range(4)
"""Addresses of a search's streams."""


def folds_of(division: Division, n_folds: int, n_windows: int) -> tuple[Windows, ...]:
    """Windows from the training part, such that folds share no group of recordings.

    Args:
        n_windows: Of all folds together, the four scenes about equally often.

    Raises:
        CorpusError: If the training part holds too few groups.
    """
    inside = [i for i, part in enumerate(division.parts) if part == _TRAINING]
    names = [f"fold {number}" for number in range(n_folds)]
    placed = split_by_group(
        [replace(division.recordings[i], split="") for i in inside],
        rng=division.streams.generator(Purpose.BANK_SEARCH, FOLDS),
        shares=dict.fromkeys(names, 1 / n_folds),
    )
    parts = list(division.parts)
    for i, name in zip(inside, placed, strict=True):
        parts[i] = name
    library = catalogue(division.recordings, parts)
    try:
        return tuple(
            draw_windows(
                library.material(name),
                n_windows // n_folds,
                shares=[1 / N_SCENES] * N_SCENES,
                rng=division.streams.generator(Purpose.BANK_SEARCH, WINDOWS, number),
            )
            for number, name in enumerate(names)
        )
    except CorpusError as error:
        raise CorpusError(
            f"the training part can't be divided into {n_folds} folds that share no group "
            f"({error}); take fewer folds or a larger corpus"
        ) from None
