import numpy as np
import pytest

from fedasc.aggregators.nothing import Nothing
from fedasc.strategies.drawing import drawing, mixture_of
from tests.aggregators.test_mixture import random_mixture
from tests.strategies.contents import around, by_scene, numbers, rows


def test_features_are_taken_once_each_in_random_order() -> None:
    draw = drawing(rows(20), None, rng=np.random.default_rng(1))
    assert draw.n_most == 20
    taken = [numbers(draw(n)) for n in (3, 10, 10, 5)]
    assert [len(some) for some in taken] == [3, 10, 7, 0]
    found = [number for some in taken for number in some]
    assert found != sorted(found)
    assert sorted(found) == list(range(20))


def test_features_come_in_the_order_that_the_seed_says() -> None:
    orders = [
        numbers(drawing(rows(20), None, rng=np.random.default_rng(seed))(20)) for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]


def test_a_mixture_has_no_end_and_is_sampled() -> None:
    mixture = random_mixture(3)
    draw = drawing(mixture, None, rng=np.random.default_rng(1))
    assert draw.n_most is None
    found = np.concatenate([draw(4), draw(5)])
    rng = np.random.default_rng(1)
    expected = np.concatenate([mixture.sample(n, rng=rng) for n in (4, 5)])
    np.testing.assert_array_equal(found, expected)


def test_the_servers_deviations_reach_the_mixture() -> None:
    deviations = np.full((1, 45), 3, np.float32)
    found = drawing(around(10.0), deviations, rng=np.random.default_rng(1))(2)
    np.testing.assert_allclose(found, 13)


def test_a_mixture_by_scenes_is_sampled_as_a_whole() -> None:
    plain = around(0.0, 10.0)
    content = by_scene(plain, 0, 1)
    assert mixture_of(content) is plain
    found, expected = (drawing(its, None, rng=np.random.default_rng(1)) for its in (content, plain))
    np.testing.assert_array_equal(found(9), expected(9))


def test_what_has_no_mixture_can_not_be_drawn_from() -> None:
    with pytest.raises(TypeError, match="nothing has no mixture"):
        drawing(Nothing(), None, rng=np.random.default_rng(1))
