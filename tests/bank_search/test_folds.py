from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from fedasc.bank_search.folds import folds_of
from fedasc.corpus.division import Division
from fedasc.corpus.windows import Windows
from fedasc.errors import CorpusError
from fedasc.seeds import Streams
from tests.worlds import tiny_world


@cache
def division() -> Division:
    scenario = tiny_world().scenario
    parts = scenario.library.parts
    return Division(tiny_world().pool, parts, scenario.streams, scenario.name)


def clips_of(windows: Windows) -> set[int]:
    return {*windows.clip.tolist(), *windows.noise.tolist()} - {-1}


@pytest.mark.parametrize("n_folds", [2, 3])
def test_folds_are_of_the_training_part_and_share_no_group(n_folds: int) -> None:
    folds = folds_of(division(), n_folds, 240)
    assert [len(windows) for windows in folds] == [240 // n_folds] * n_folds
    for windows in folds:
        assert {division().parts[clip] for clip in clips_of(windows)} == {"train"}
        assert set(windows.scene.tolist()) == {0, 1, 2, 3}
    groups = [
        {division().recordings[clip].group for clip in clips_of(windows)} for windows in folds
    ]
    assert all(one.isdisjoint(other) for one, other in combinations(groups, 2))


def test_a_split_that_the_corpus_dictates_does_not_keep_a_group_in_one_fold() -> None:
    recordings = tuple(
        replace(recording, split="train" if part == "train" else "evaluation")
        for recording, part in zip(division().recordings, division().parts, strict=True)
    )
    dictated = replace(division(), pool=replace(division().pool, recordings=recordings))
    both = folds_of(dictated, 2, 100), folds_of(division(), 2, 100)
    for one, other in zip(*both, strict=True):
        np.testing.assert_array_equal(one.clip, other.clip)


def test_folds_are_the_same_for_the_same_seed_and_differ_by_seed() -> None:
    one, again = (folds_of(division(), 2, 100) for _ in range(2))
    other = folds_of(replace(division(), streams=Streams(99)), 2, 100)
    np.testing.assert_array_equal(one[0].clip, again[0].clip)
    assert not np.array_equal(one[0].clip, other[0].clip)


def test_a_training_part_with_too_few_groups_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"can't be divided into 30 folds .* fewer folds"):
        folds_of(division(), 30, 900)
