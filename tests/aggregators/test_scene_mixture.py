from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.errors import MessageError
from fedasc.scenes import Scene
from tests.aggregators.test_mixture import MAKERS, random_mixture


@given(
    make=st.sampled_from(MAKERS),
    scenes=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    seed=st.integers(0, 2**32 - 1),
)
def test_scenes_together_are_the_mixture(make: Any, scenes: list[int], seed: int) -> None:
    mixture: Mixture = make(len(scenes), 5, seed=seed)
    found = SceneMixture(mixture, np.array(scenes, np.int8))
    shares = found.shares()
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    x = mixture.sample(20, rng=np.random.default_rng(0))
    density = np.zeros(20)
    for scene in Scene:
        own = found.of_scene(scene)
        assert (own is None) == (scene not in scenes) == (shares[scene] == 0)
        if own is not None:
            density += shares[scene] * np.exp(own.log_density(x))
    np.testing.assert_allclose(np.log(density), mixture.log_density(x), rtol=1e-4, atol=1e-4)


def test_scenes_stay_when_parameters_are_rounded() -> None:
    content = SceneMixture(random_mixture(4), np.array([2, 0, 0, 3], np.int8))
    found = SceneMixture.of_parameters(content.parameters())
    assert found.scene.tolist() == [2, 0, 0, 3]
    np.testing.assert_allclose(found.mixture.means, content.mixture.means)
    assert content.parameters()["scene"].dtype == np.int8


@pytest.mark.parametrize(
    "scene",
    [
        np.array([0, 1, 2], np.int8),
        np.array([0, 1, 2, 4], np.int8),
        np.array([0, 1, 2, -1], np.int8),
        np.array([0, 1, 2, 3], np.int64),
        np.array([[0, 1, 2, 3]], np.int8),
    ],
)
def test_refuses_what_are_no_scenes(scene: np.ndarray) -> None:
    with pytest.raises(MessageError, match="scene mixture"):
        SceneMixture(random_mixture(4), scene)
