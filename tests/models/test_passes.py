from itertools import islice

import numpy as np
import pytest

from fedasc.models.passes import Passes, Rehearsed
from tests.models.test_training import blobs

MANY = Passes(n_known=1500, n_new=600, share=0.5, batch_size=64)


def orders(passes: Passes, n: int, seed: int = 0) -> list[np.ndarray]:
    return list(islice(passes.orders(np.random.default_rng(seed)), n))


@pytest.mark.parametrize("n_known", [0, 30])
def test_all_are_shuffled_anew_for_each_pass(n_known: int) -> None:
    passes = Passes(n_known, 70, 1.0 if n_known else 0.5, 16)
    first, second = orders(passes, 2)
    assert sorted(first) == sorted(second) == list(range(n_known + 70))
    assert (first != second).any()
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(first, rng.permutation(n_known + 70))
    assert passes.weight == 1


@pytest.mark.parametrize(
    ("n_new", "n_batches"), [(64, 4), (65, 4), (66, 5), (1, 0), (2, 1), (0, 0)]
)
def test_a_batch_of_one_sample_is_none(n_new: int, n_batches: int) -> None:
    assert Passes(0, n_new, 1.0, 16).n_batches == n_batches


def test_every_batch_has_as_many_of_each_kind() -> None:
    assert MANY.n_new_of_batch == round(64 * 600 / (600 + 750))
    for order in orders(MANY, 3):
        assert len(order) == MANY.n_samples == MANY.n_batches * MANY.batch_size
        is_new = order.reshape(-1, MANY.batch_size) >= MANY.n_known
        assert (is_new.sum(axis=1) == MANY.n_new_of_batch).all()


def test_samples_are_taken_in_turn_so_none_more_than_once_more_than_another() -> None:
    counts = np.bincount(np.concatenate(orders(MANY, 7)), minlength=2100)
    known, new = counts[:1500], counts[1500:]
    assert np.ptp(known) <= 1
    assert np.ptp(new) <= 1
    assert known.mean() == pytest.approx(7 / 2, rel=0.03)
    assert new.mean() == pytest.approx(7, rel=0.03)


def test_others_come_together_in_each_pass() -> None:
    first, second = (
        {frozenset(batch) for batch in order.reshape(-1, 64)} for order in orders(MANY, 2)
    )
    assert not first & second


@pytest.mark.parametrize("n_new", [1, 3, 100, 600, 50_000])
@pytest.mark.parametrize("share", [0.01, 0.25, 0.5])
def test_new_and_known_ones_weigh_as_if_all_were_taken(n_new: int, share: float) -> None:
    """However few or many there are, so that a batch can't have their part of it."""
    passes = Passes(1500, n_new, share, 64)
    is_new = orders(passes, 1)[0] >= passes.n_known
    ratio = passes.weight * is_new.sum() / (~is_new).sum()
    assert ratio == pytest.approx(n_new / 1500)


def test_rehearsed_samples_are_equal_if_they_are_the_same_object() -> None:
    samples, alike = blobs(10, seed=1), blobs(10, seed=1)
    assert Rehearsed(samples, 0.5) == Rehearsed(samples, 0.5)
    assert Rehearsed(samples, 0.5) != Rehearsed(alike, 0.5)
    assert Rehearsed(samples, 0.5) != Rehearsed(samples, 0.4)
