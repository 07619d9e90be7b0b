import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.stretches import MAX_GAP, n_stretches
from tests.aggregators.days import PUBLIC, classifier, heard, stream


@pytest.mark.parametrize(
    ("assigned", "counts"),
    [
        ([0] * 9, [1, 0]),
        ([0] * 4 + [1] * 5, [1, 1]),
        ([0] + [1] * MAX_GAP + [0], [1, 1]),
        ([0] + [1] * (MAX_GAP + 1) + [0], [2, 1]),
        ([1] + [0] * 20 + [1] + [0] * 20 + [1], [1, 3]),
    ],
)
def test_short_gaps_do_not_end_a_stretch(assigned: list[int], counts: list[int]) -> None:
    assert n_stretches(np.array(assigned), 2).tolist() == counts


@given(st.lists(st.integers(0, 3), max_size=80))
def test_stretches_are_as_many_as_a_walk_through_the_day_meets(assigned: list[int]) -> None:
    counts, last = [0] * 4, [-1000] * 4
    for moment, component in enumerate(assigned):
        counts[component] += moment - last[component] - 1 > MAX_GAP
        last[component] = moment
    assert n_stretches(np.array(assigned, np.int64), 4).tolist() == counts


def test_a_mixture_knows_a_place_of_the_day_from_a_sound_heard_all_day_long() -> None:
    x = heard(120)
    x[46:60] += 80  # one place
    x[::15] -= 80  # a sound heard now and then
    gmm = GmmAggregator(n_components=3)
    draft = gmm.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=0)
    assert draft.n_stretches is not None
    order = draft.content.means.mean(axis=1).argsort()
    assert draft.n_stretches[order].tolist() == [8, 2, 1]
    shuffled = x[np.random.default_rng(0).permutation(len(x))]
    mixed = gmm.summarise(stream(shuffled), classifier=classifier(), public=PUBLIC, seed=0)
    assert mixed.n_stretches is not None
    assert mixed.n_stretches.max() > 4
