from dataclasses import replace

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.models.samples import Samples
from fedasc.seeds import Purpose
from fedasc.strategies.class_mixtures import ClassMixturesStrategy
from fedasc.strategies.task import Task
from tests.aggregators.test_mixture import random_tied_mixture
from tests.strategies.contents import around, by_scene
from tests.strategies.servers import N_WANTED, PAPER, SERVER, STREAMS, WatchedTeacher, served

STRATEGY = ClassMixturesStrategy(**PAPER)
SCENES = {0.0: 3, 30.0: 0, 60.0: 3, 90.0: 1}
"""Scene of what lies around each place; nothing is the scene 2."""
WEIGHTS = (0.4, 0.3, 0.1, 0.2)
CONTENT = by_scene(around(*SCENES, weights=WEIGHTS), *SCENES.values())


def drawn(content: SceneMixture, n_wanted: int, *, seed: int = 3) -> Samples:
    rngs = [np.random.default_rng(seed)]
    (found,) = STRATEGY.labelled(SERVER, [Task((0,), content)], n_wanted, rngs=rngs)
    assert found.n_drawn == found.n_wanted == len(found.samples) == n_wanted
    return found.samples


def test_a_sample_has_the_scene_whose_mixture_it_comes_from() -> None:
    samples = drawn(CONTENT, 500)
    places = 30 * np.rint(samples.x.mean(axis=1) / 30)
    assert samples.scene.tolist() == [SCENES[place] for place in places]


def test_scenes_come_as_often_as_they_were_heard_in_random_order() -> None:
    samples = drawn(CONTENT, 20_000)
    counts = np.bincount(samples.scene, minlength=4) / len(samples)
    np.testing.assert_allclose(counts, [0.3, 0.2, 0, 0.5], atol=0.02)
    half = np.bincount(samples.scene[:10_000], minlength=4) / 10_000
    np.testing.assert_allclose(half, counts, atol=0.02)


def test_within_a_scene_components_have_their_weights() -> None:
    samples = drawn(CONTENT, 20_000)
    own = samples.x[samples.scene == 3].mean(axis=1)
    assert np.mean(own < 30) == pytest.approx(0.8, abs=0.02)


def test_one_scene_alone_is_all_there_is() -> None:
    assert set(drawn(by_scene(around(5.0), 2), 7).scene) == {2}


def test_components_that_share_a_covariance_can_be_drawn_from() -> None:
    content = by_scene(random_tied_mixture(3), 1, 2, 1)
    assert set(drawn(content, 200).scene) == {1, 2}


def test_no_teacher_is_asked() -> None:
    teacher = WatchedTeacher(SERVER.teacher)
    server = replace(SERVER, teacher=teacher)
    found = served(STRATEGY, {4: Summary.of(CONTENT, 30)}, server=server)[4]
    assert not teacher.n_labelled
    rng = STREAMS.generator(Purpose.SAMPLING, 0, 4)
    (expected,) = STRATEGY.labelled(SERVER, [Task((4,), CONTENT)], N_WANTED, rngs=[rng])
    assert found.tally
    assert found.tally.kept == tuple(np.bincount(expected.samples.scene, minlength=4))
    assert found.classifier is not SERVER.baseline


def test_a_mixture_without_scenes_will_not_do() -> None:
    assert STRATEGY.accepts == (SceneMixture,)
    assert not issubclass(Mixture, STRATEGY.accepts)
