"""Calibration by other releases, on scores whose distributions are known."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from fedasc.audio import FloatArray
from fedasc.privacy.lira import calibrated
from fedasc.privacy.roc import success

KINDS = pytest.mark.parametrize("online", [False, True], ids=["offline", "online"])


def drawn(
    rng: np.random.Generator, n_releases: int, n_units: int, *, effect: float = 0.0
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Scores about means that differ far more between units than being in makes them differ."""
    member = rng.random((n_releases, n_units)) < 0.5
    means = 10 * rng.normal(size=n_units)
    return means + rng.normal(size=member.shape) + effect * member, member


@KINDS
def test_labels_that_mean_nothing_are_told_by_chance(
    online: bool, rng: np.random.Generator
) -> None:
    scores, member = drawn(rng, 12, 3000)
    told = success(calibrated(scores, member, online=online), member)
    assert told.n_out > 10_000
    assert told.auc == pytest.approx(0.5, abs=0.01)
    assert told.tpr_1 == pytest.approx(0.01, abs=0.003)


@KINDS
def test_a_release_is_not_its_own_shadow(online: bool, rng: np.random.Generator) -> None:
    """What it says of each unit is the same whether the unit was in it or not."""
    scores, member = drawn(rng, 12, 500)
    flipped = member.copy()
    flipped[3] = ~member[3]
    one, other = (calibrated(scores, some, online=online) for some in (member, flipped))
    np.testing.assert_allclose(one[3], other[3])
    assert not np.allclose(one[4], other[4])


def test_with_itself_among_its_shadows_chance_would_look_like_success(
    rng: np.random.Generator,
) -> None:
    scores, member = drawn(rng, 12, 3000)
    inside, outside = (
        (scores * some).sum(axis=0) / np.maximum(some.sum(axis=0), 1) for some in (member, ~member)
    )
    assert success((scores - outside) ** 2 - (scores - inside) ** 2, member).auc > 0.6
    assert success(scores - outside, member).tpr_1 > 0.015


@pytest.mark.parametrize(("n_releases", "n_units"), [(13, 2000), (200, 100)])
def test_two_gaussians_are_told_as_they_can_be_with_so_many_shadows(
    n_releases: int, n_units: int, rng: np.random.Generator
) -> None:
    """A mean of n shadows makes the variance 1 + 1 / n; many of them give each unit its own."""
    scores, member = drawn(rng, n_releases, n_units, effect=2.0)
    scores *= np.exp(rng.normal(size=n_units)) if n_releases > 100 else 1.0
    told = success(calibrated(scores, member, online=False), member)
    apart = 2 / np.sqrt(1 + 2 / n_releases)
    assert told.auc == pytest.approx(norm.cdf(apart / np.sqrt(2)), abs=0.01)
    assert told.tpr_1 == pytest.approx(norm.cdf(norm.ppf(0.01) + apart), abs=0.05)


@KINDS
def test_a_unit_without_shadows_says_nothing(online: bool, rng: np.random.Generator) -> None:
    scores, member = drawn(rng, 4, 200)
    member[:, 0] = True
    told = calibrated(scores, member, online=online)
    assert np.isfinite(told).all()
    assert not told[:, 0].any()
    assert told[:, 1:].any()
    assert not calibrated(np.ones_like(scores), member, online=online).any()
