from dataclasses import replace

import numpy as np
import pytest

from fedasc.models.samples import Samples, TrainingSet
from fedasc.strategies.rehearsal import nearest, rehearsed
from tests.models.test_training import blobs
from tests.strategies.servers import SERVER


def shifted(samples: Samples, by_db: float) -> Samples:
    return Samples(samples.x + np.float32(by_db), samples.scene)


HERE, THERE = blobs(300, seed=1), shifted(blobs(300, seed=2), 10.0)
USER = shifted(blobs(200, seed=3), 8.0)


def weights_of(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    found: np.ndarray[tuple[int], np.dtype[np.float32]] = samples.targets().sum(axis=1)
    return found


def test_what_is_rehearsed_is_what_its_classifier_learnt() -> None:
    taught = TrainingSet(blobs(30, seed=8), blobs(10, seed=9))
    server = replace(SERVER, comprehensive_transfer_set=taught)
    known, start = rehearsed(server, "comprehensive", USER, tempering=0.5)
    assert known is taught
    assert start is server.comprehensive
    known, _ = rehearsed(server, "nearest", USER, tempering=0.5)
    np.testing.assert_array_equal(known.training.x, taught.training.x)
    server = replace(SERVER, baseline_transfer_set=taught)
    assert rehearsed(server, "baseline", USER, tempering=0.5) == (taught, server.baseline)


def test_samples_like_the_users_weigh_more() -> None:
    found = nearest(HERE + THERE, USER, tempering=0.5)
    weights = weights_of(found)
    assert weights[300:].mean() > 3 * weights[:300].mean()
    assert weights.mean() == pytest.approx(1, rel=1e-5)
    np.testing.assert_array_equal(found.x, (HERE + THERE).x)
    np.testing.assert_array_equal(found.targets().argmax(axis=1), found.scene)


def test_weights_follow_the_ratio_of_densities() -> None:
    """Two Gaussians in one feature whose ratio is known: log p_user/p_all = x - 1/2."""
    rng = np.random.default_rng(4)
    x, own = (rng.normal(size=(4000, 45)).astype(np.float32) for _ in range(2))
    own[:, 0] += 1
    everyone = Samples(x, np.zeros(4000, np.int64))
    weights = weights_of(nearest(everyone, Samples(own, np.zeros(4000, np.int64)), tempering=1.0))
    slope = np.polyfit(x[:, 0], np.log(weights), 1)[0]
    assert slope == pytest.approx(1, abs=0.15)


def test_without_tempering_all_weigh_the_same() -> None:
    np.testing.assert_allclose(weights_of(nearest(HERE + THERE, USER, tempering=0.0)), 1, rtol=1e-6)


def test_without_artificial_samples_nothing_is_weighted() -> None:
    assert nearest(HERE, USER[:0], tempering=0.5) is HERE
