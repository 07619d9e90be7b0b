import json

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from fedasc.privacy.roc import FPR_GRID, Success, success


def halves(n: int) -> NDArray[np.bool_]:
    every_other: NDArray[np.bool_] = np.arange(n) % 2 == 0
    return every_other


def test_labels_that_mean_nothing_are_told_by_chance(rng: np.random.Generator) -> None:
    """At few false positives, too: a threshold that is taken from 1,000 windows allows for it."""
    drawn = [success(rng.normal(size=2000), rng.permutation(halves(2000))) for _ in range(200)]
    assert {(one.n_in, one.n_out) for one in drawn} == {(1000, 1000)}
    for one in drawn[:10]:
        assert one.auc == pytest.approx(0.5, abs=0.05)
    assert np.mean([one.auc for one in drawn]) == pytest.approx(0.5, abs=0.003)
    assert np.mean([one.tpr_1 for one in drawn]) == pytest.approx(0.01, rel=0.1)
    assert np.mean([one.tpr_01 for one in drawn]) == pytest.approx(0.001, rel=0.35)


@pytest.mark.parametrize("distance", [0.5, 2.0])
def test_two_gaussians_are_told_as_they_can_be(distance: float, rng: np.random.Generator) -> None:
    member = halves(200_000)
    told = success(rng.normal(size=len(member)) + distance * member, member)
    assert told.auc == pytest.approx(norm.cdf(distance / np.sqrt(2)), abs=0.003)
    expected = norm.cdf(norm.ppf(FPR_GRID) + distance)
    np.testing.assert_allclose(told.roc, expected, atol=0.02)
    assert (told.tpr_1, told.tpr_01) == pytest.approx((told.roc[20], told.roc[10]))


def test_equal_scores_are_drawn_among(rng: np.random.Generator) -> None:
    member = rng.random(3000) < 0.4
    few = rng.integers(3, size=3000) + member * rng.integers(2, size=3000)
    told = success(few, member)
    assert told.auc == pytest.approx(roc_auc_score(member, few))
    nothing = success(np.zeros(3000), member)
    assert (nothing.auc, nothing.tpr_1) == pytest.approx((0.5, 0.01))
    assert nothing.roc[10:] == pytest.approx(FPR_GRID[10:].tolist())


def test_what_too_few_can_tell_is_not_told() -> None:
    told = success(np.arange(198).reshape(2, 99), np.arange(198).reshape(2, 99) >= 99)
    assert (told.auc, told.n_in, told.n_out) == (1, 99, 99)
    assert np.isnan([told.tpr_1, told.tpr_01]).all()
    assert np.isnan(told.roc).tolist() == (FPR_GRID < 0.0101).tolist()
    assert success(np.arange(200), np.arange(200) >= 100).tpr_1 == 1
    nobody = success(np.arange(2000), np.zeros(2000, np.bool_))
    assert np.isnan([nobody.auc, nobody.tpr_1, *nobody.roc]).all()


def test_json_says_the_same() -> None:
    told = success(np.arange(500.0), halves(500))
    text = json.dumps(told.as_json(), allow_nan=False)
    assert repr(Success.of_json(json.loads(text))) == repr(told)
    assert "nan" in repr(told)
