from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.mixture import GaussianMixture
from sklearn.utils.estimator_checks import check_estimator

from fedasc.aggregators.stepwise_mixture import StepwiseGaussianMixture
from tests.aggregators.days import heard


def test_is_an_estimator_of_scikit_learn() -> None:
    check_estimator(StepwiseGaussianMixture(), on_skip=None)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_samples=st.integers(1, 60),
    n_merged=st.sampled_from([0, 1, 10, 100]),
)
def test_one_component_with_steps_of_one_in_t_has_the_moments(
    seed: int, n_samples: int, n_merged: int
) -> None:
    x = heard(n_samples, seed=seed)
    model = StepwiseGaussianMixture(1, n_merged=n_merged, variance_floor=0.5).fit(x)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(model.means_[0], exact.mean(axis=0))
    np.testing.assert_allclose(model.covariances_[0], exact.var(axis=0) + 0.5)
    assert model.heaviest_ == pytest.approx(1 / n_samples)


def test_one_component_forgets_as_its_steps_say() -> None:
    x = heard(50)
    model = StepwiseGaussianMixture(1, n_merged=0, step_exponent=0.7, step_delay=3).fit(x)
    steps = np.concatenate([[1.0], (np.arange(2, 51) + 3) ** -0.7])
    shares = steps * np.append(np.cumprod((1 - steps)[:0:-1])[::-1], 1)
    np.testing.assert_allclose(model.means_[0], shares @ x)
    assert model.heaviest_ == pytest.approx(shares.max())


def test_a_step_of_expectation_weighs_the_statistics_by_responsibilities() -> None:
    """The first step after merging against Cappé and Moulines' sums themselves."""
    x = heard(31, n_sounds=3).astype(np.float64)
    model = StepwiseGaussianMixture(3, n_merged=30, step_exponent=0.6).fit(x[:30])
    reference = GaussianMixture(3, covariance_type="diag")
    reference.weights_, reference.means_ = model.weights_, model.means_
    reference.precisions_cholesky_ = model.covariances_**-0.5
    shares = reference.predict_proba(x[30:])[0]
    before = model.statistics_
    squares = before.scatters + before.weights[:, None] * before.means**2
    step = 31**-0.6
    weights = (1 - step) * before.weights + step * shares
    sums = (1 - step) * before.weights[:, None] * before.means + step * shares[:, None] * x[30]
    squares = (1 - step) * squares + step * shares[:, None] * x[30] ** 2
    after = model.partial_fit(x[30:]).statistics_
    np.testing.assert_allclose(after.weights, weights)
    np.testing.assert_allclose(after.means, sums / weights[:, None])
    expected = squares - sums**2 / weights[:, None]
    np.testing.assert_allclose(after.scatters, expected, rtol=1e-6, atol=1e-8)


@given(cuts=st.lists(st.integers(1, 119), max_size=5, unique=True))
@settings(max_examples=20)
def test_pieces_of_any_length_are_as_the_whole(cuts: list[int]) -> None:
    x = heard(120)
    whole = StepwiseGaussianMixture(4, n_merged=30).fit(x)
    parts = StepwiseGaussianMixture(4, n_merged=30)
    for piece in np.split(x, sorted(cuts)):
        parts.partial_fit(piece)
    for name in ("weights", "means", "scatters"):
        one, other = getattr(whole.statistics_, name), getattr(parts.statistics_, name)
        assert one.tobytes() == other.tobytes()


def test_density_is_that_of_scikit_learn() -> None:
    x = heard(300).astype(np.float64)
    model = StepwiseGaussianMixture(6, n_merged=50).fit(x)
    reference = GaussianMixture(len(model.weights_), covariance_type="diag")
    reference.weights_, reference.means_ = model.weights_, model.means_
    reference.precisions_cholesky_ = model.covariances_**-0.5
    np.testing.assert_allclose(model.score_samples(x), reference.score_samples(x))
    assert model.score(x) == pytest.approx(reference.score(x))


def test_is_nearly_as_likely_as_a_mixture_of_many_passes() -> None:
    x = heard(1000, n_sounds=8).astype(np.float64)
    batch = GaussianMixture(8, covariance_type="diag", random_state=0).fit(x[:600])
    one = GaussianMixture(1, covariance_type="diag").fit(x[:600]).score(x[600:])
    online = StepwiseGaussianMixture(8, n_merged=100).fit(x[:600]).score(x[600:])
    assert online > one + 0.95 * (batch.score(x[600:]) - one)


def test_keeps_2_numbers_a_feature_and_1_more_for_each_component() -> None:
    model = StepwiseGaussianMixture(4).fit(heard(300))
    statistics = model.statistics_
    assert sum(getattr(statistics, name).size for name in ("weights", "means", "scatters")) == (
        4 * 91
    )


def test_has_no_more_components_than_samples_or_than_are_asked_for() -> None:
    model = StepwiseGaussianMixture(8)
    assert len(model.fit(heard(5)).weights_) == 5
    fewer = model.fit(heard(40)).of_at_most(3)
    assert (len(model.weights_), len(fewer.weights_)) == (8, 3)
    np.testing.assert_allclose(
        fewer.weights_ @ fewer.means_, model.weights_ @ model.means_, rtol=1e-12
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_components": 0},
        {"step_exponent": 0.5},
        {"step_exponent": 1.1},
        {"step_delay": -1.0},
        {"n_merged": -1},
        {"prior_samples": -1.0},
        {"variance_floor": 0.0},
    ],
)
def test_refuses_parameters_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        StepwiseGaussianMixture(**wrong).fit(heard(10))
