from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from fedasc.bank_search.ground import Ground, open_ground
from fedasc.corpus.windows import Windows
from fedasc.errors import CorpusError
from fedasc.seeds import Streams
from tests.worlds import TinyCorpus, tiny_world


@cache
def ground() -> Ground:
    world = tiny_world()
    return Ground(
        clips=world.pool.clips,
        recordings=world.pool.recordings,
        parts=world.scenario.library.parts,
        streams=world.scenario.streams,
        name=world.scenario.name,
    )


def clips_of(windows: Windows) -> set[int]:
    return {*windows.clip.tolist(), *windows.noise.tolist()} - {-1}


@pytest.mark.parametrize("n_folds", [2, 3])
def test_folds_are_of_the_training_part_and_share_no_group(n_folds: int) -> None:
    folds = ground().folds(n_folds, 240)
    assert [len(windows) for windows in folds] == [240 // n_folds] * n_folds
    for windows in folds:
        assert {ground().parts[clip] for clip in clips_of(windows)} == {"train"}
        assert set(windows.scene.tolist()) == {0, 1, 2, 3}
    groups = [{ground().recordings[clip].group for clip in clips_of(windows)} for windows in folds]
    assert all(one.isdisjoint(other) for one, other in combinations(groups, 2))


def test_a_split_that_the_corpus_dictates_does_not_keep_a_group_in_one_fold() -> None:
    dictated = replace(
        ground(),
        recordings=tuple(
            replace(recording, split="train" if part == "train" else "evaluation")
            for recording, part in zip(ground().recordings, ground().parts, strict=True)
        ),
    )
    for one, other in zip(dictated.folds(2, 100), ground().folds(2, 100), strict=True):
        np.testing.assert_array_equal(one.clip, other.clip)


def test_folds_are_the_same_for_the_same_seed_and_differ_by_seed() -> None:
    one, again = ground().folds(2, 100), ground().folds(2, 100)
    other = replace(ground(), streams=Streams(99)).folds(2, 100)
    np.testing.assert_array_equal(one[0].clip, again[0].clip)
    assert not np.array_equal(one[0].clip, other[0].clip)


def test_a_training_part_with_too_few_groups_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"can't be divided into 30 folds .* fewer folds"):
        ground().folds(30, 900)


def test_the_split_is_that_of_a_run_with_the_same_seed() -> None:
    opened = open_ground([TinyCorpus()], seed=1)
    assert opened.parts == tiny_world().scenario.library.parts
    assert opened.name == tiny_world().scenario.name
    assert open_ground([TinyCorpus()], seed=2).parts != opened.parts


def test_a_nested_ground_leaves_the_users_recordings_alone() -> None:
    opened = open_ground([TinyCorpus()], seed=1, nested=True)
    outer = open_ground([TinyCorpus()], seed=1)
    assert opened.name != outer.name
    for inner, part in zip(opened.parts, outer.parts, strict=True):
        assert (inner == "unused") == (part in ("aggregation", "evaluation"))
