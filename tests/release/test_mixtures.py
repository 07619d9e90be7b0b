import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.draft import Draft
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.device import Device
from fedasc.errors import SettingsError
from fedasc.release.mixtures import with_noise
from fedasc.release.release import Release
from fedasc.settings import Settings
from tests.aggregators.days import PUBLIC, classifier, heard
from tests.aggregators.test_mixture import MAKERS, random_full_mixture, random_mixture

GMM = GmmAggregator()


def left(made: Draft[Any], release: Release, *, seed: int | None = None) -> Any:
    n_windows = round(made.n_effective.sum())
    return release.summary(made, n_windows, aggregator=GMM, seed=seed).content


@pytest.mark.parametrize("ratio", [0.0, 0.5, 2.0])
def test_matrices_of_few_windows_leave_as_variances(
    ratio: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Of 6 features a matrix has 21 numbers."""
    mixture = random_full_mixture(2, 6)
    made = Draft(mixture, np.array([90.0, 20.0]))
    with caplog.at_level(logging.WARNING):
        content = left(made, Release(min_windows_per_number=ratio))
    if ratio < 1:
        assert content.covariances.tobytes() == mixture.covariances.tobytes()
        assert not caplog.messages
    else:
        np.testing.assert_array_equal(content.covariances, mixture.variances)
        assert not content.is_full
        (told,) = caplog.messages
        assert "of 21 numbers is made of 20 windows" in told
        assert "\n" not in told


def test_those_that_stay_do_not_count() -> None:
    made = Draft(random_full_mixture(2, 6), np.array([90.0, 4.0]))
    assert left(made, Release(min_windows_per_number=2)).is_full


def test_a_matrix_that_all_share_has_all_windows() -> None:
    tied = next(make for make in MAKERS if len(make(3, 6, seed=0).covariances) == 1)
    made = Draft(tied(3, 6, seed=0), np.array([30.0, 30.0, 30.0]))
    assert left(made, Release(min_windows_per_number=90 / 21)).is_full
    assert not left(made, Release(min_windows_per_number=91 / 21)).is_full


def test_by_default_a_matrix_stands_for_more_windows_than_there_are_features() -> None:
    for n_windows, is_full in ((45, False), (46, True)):
        made = Draft(random_full_mixture(1, 45), np.array([float(n_windows)]))
        assert left(made, Release()).is_full == is_full


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("noise", [0.25, 1.0])
def test_means_move_by_so_much_of_their_spread_and_nothing_else_does(
    make: Any, noise: float
) -> None:
    mixture: Mixture = make(64, 40, seed=1)
    content = left(Draft(mixture, np.full(64, 100.0)), Release(noise=noise), seed=3)
    moved = (content.means - mixture.means) / np.sqrt(mixture.variances)
    assert moved.std() == pytest.approx(noise, rel=0.05)
    assert moved.mean() == pytest.approx(0, abs=0.05 * noise)
    for name in ("weights", "covariances"):
        assert content.arrays()[name].tobytes() == mixture.arrays()[name].tobytes()


def test_noise_is_another_each_day_and_not_that_of_the_fit() -> None:
    made = Draft(random_mixture(2), np.array([50.0, 50.0]))
    one, again, other = (left(made, Release(noise=0.5), seed=seed).means for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).all()
    with pytest.raises(SettingsError, match="needs a seed"):
        left(made, Release(noise=0.5))


def test_a_device_gives_the_seed_of_its_day() -> None:
    device = Device(
        aggregator=GMM, release=Release(noise=0.5), classifier=classifier(), public=PUBLIC
    )
    first, second = (
        device.summarise(iter(heard(100)), seed=seed).content.arrays()["means"] for seed in (1, 2)
    )
    assert first.tobytes() != second.tobytes()


def test_scenes_stay_with_their_moved_components() -> None:
    content = SceneMixture(random_mixture(2), np.array([3, 1], np.int8))
    moved = left(Draft(content, np.array([9.0, 9.0])), Release(noise=0.1), seed=0)
    assert moved.scene.tolist() == [3, 1]
    assert (moved.mixture.means != content.mixture.means).all()


def test_means_that_are_not_known_are_not_moved() -> None:
    with pytest.raises(SettingsError, match=r"noise in .release. must be 0"):
        with_noise(NotAMixture(), 0.5, rng=np.random.default_rng(0))


class NotAMixture(SceneMixture.__base__):  # type: ignore[misc, name-defined]
    kind = "other components"
    n_components = 1

    def of_components(self, some: Any) -> Any:
        return self


class WithGuarantee(GmmAggregator):
    epsilon = 1.0


def test_noise_is_not_added_to_a_guarantee() -> None:
    settings = Settings()
    replace(settings, aggregator=WithGuarantee())
    with pytest.raises(SettingsError, match=r"noise in .release. must be 0"):
        replace(settings, aggregator=WithGuarantee(), release=Release(noise=0.1))
