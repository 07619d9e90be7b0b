"""What mechanisms give away that do what they say, and five that don't."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr

from fedasc.aggregators.gaussian_mechanism import epsilon_of, sigma_of
from fedasc.audio import FloatArray
from fedasc.privacy.gdp_audit import Audit, audit, audited_mu, counted_epsilon, projected

CLAIMS = (0.5, 1.0, 2.0, 4.0, 8.0)
DELTA = 1e-5
N_COMPONENTS, N_AXES, N_WINDOWS = 6, 3, 60
BEYOND = 3.0
"""How many times the clip canaries lie from their components."""

CENTRES = 40.0 * np.eye(45)[:N_COMPONENTS]
AXES = np.eye(45)[-N_AXES:]


@dataclass(frozen=True, kw_only=True)
class Noisy:
    """Counts of windows near public centres, and sums of clipped deviations along public axes.

    A window counts 1 in one component and adds at most a clip, which is the unit, to its sums; so
    who replaces one moves the vector by 2 at most.
    """

    epsilon: float = 1.0
    noise: float = 1.0
    clips: bool = True
    once: bool = False
    n_vectors: int = 1
    sends_count: bool = False

    def __call__(
        self, windows: NDArray[np.float32], n_releases: int, rng: np.random.Generator
    ) -> FloatArray:
        exact = np.tile(self.exact(windows), self.n_vectors)
        sigma = self.noise * sigma_of(self.epsilon, DELTA, 2.0)
        if self.once:
            noise = np.tile(rng.normal(size=exact.size), (n_releases, 1))
        else:
            noise = rng.normal(size=(n_releases, exact.size))
        released = exact + sigma * noise
        if not self.sends_count:
            return released
        return np.column_stack([released, np.full(n_releases, exact[1])])

    def exact(self, windows: NDArray[np.float32]) -> FloatArray:
        squares = ((windows[:, None] - CENTRES) ** 2).sum(axis=2)
        nearest = squares.argmin(axis=1)
        deviations = (windows - CENTRES[nearest]) @ AXES.T
        lengths = np.linalg.norm(deviations, axis=1, keepdims=True)
        if self.clips:
            deviations = deviations / np.maximum(lengths, 1.0)
        vectors = np.zeros((N_COMPONENTS, 1 + N_AXES))
        np.add.at(vectors, nearest, np.column_stack([np.ones(len(windows)), deviations]))
        return np.concatenate([vectors[:, 0], vectors[:, 1:].ravel()])


def days(beyond: float = BEYOND) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A day, and the same with a canary elsewhere in the place of its first window."""
    rng = np.random.default_rng(0)
    out = CENTRES[rng.integers(N_COMPONENTS, size=N_WINDOWS)] + rng.normal(size=(N_WINDOWS, 45))
    inside = out.copy()
    out[0], inside[0] = CENTRES[0] - beyond * AXES[0], CENTRES[1] + beyond * AXES[0]
    return out.astype(np.float32), inside.astype(np.float32)


@cache
def measured(mechanism: Noisy, *, beyond: float = BEYOND, n_releases: int = 100_000) -> Audit:
    rng = np.random.default_rng(1)
    return audit(mechanism, *days(beyond), n_releases=n_releases, delta=DELTA, rng=rng)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_sound_mechanism_is_measured_near_its_claim_and_never_above(claim: float) -> None:
    assert 0.7 * claim < measured(Noisy(epsilon=claim)).epsilon <= claim


BROKEN: dict[str, dict[str, Any]] = {
    "half the noise": {"noise": 0.5},
    "no clipping": {"clips": False},
    "noise drawn once": {"once": True},
    "a second release": {"n_vectors": 2},
    "the exact count beside": {"sends_count": True},
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_one_is_measured_above_its_claim(broken: str, claim: float) -> None:
    n_releases = 100_000 if broken == "a second release" else 20_000
    mechanism = replace(Noisy(epsilon=claim), **BROKEN[broken])
    assert measured(mechanism, n_releases=n_releases).epsilon > claim


def test_missing_clipping_passes_where_the_canary_lies_within_the_clip() -> None:
    near, far = (
        measured(Noisy(clips=False), beyond=beyond, n_releases=20_000) for beyond in (0.9, BEYOND)
    )
    assert near.epsilon < 1.0 < far.epsilon


def test_counted_errors_miss_what_mu_tells() -> None:
    seconds = {claim: measured(Noisy(epsilon=claim, n_vectors=2)) for claim in CLAIMS}
    assert sum(second.epsilon_counted > claim for claim, second in seconds.items()) <= 1


@pytest.mark.parametrize("mu", [0.0, 0.3, 1.7])
def test_bounds_hold_with_the_confidence_that_they_say(mu: float) -> None:
    rng = np.random.default_rng(3)
    bounds = np.array(
        [audited_mu(rng.normal(size=400), rng.normal(mu, size=400)) for _ in range(400)]
    )
    assert (bounds > mu).mean() <= 0.05
    assert bounds.mean() >= mu - 0.6


def test_the_bound_is_that_of_the_errors_of_one_threshold() -> None:
    """Errors that are known: 10 % of either kind, of so many that intervals vanish."""
    n = 100_000
    out, inside = (np.tile(np.r_[np.full(9, a), b], n) for a, b in ((0.0, 1.0), (1.0, 0.0)))
    assert audited_mu(out, inside) == pytest.approx(2 * 1.2816, abs=0.01)
    epsilon = counted_epsilon(out, inside, delta=0.0)
    assert epsilon == pytest.approx(np.log(9), abs=0.01)
    assert epsilon_of(1.0, ndtr(0.5) - ndtr(-0.5)) == pytest.approx(0.0, abs=1e-6)


def test_what_was_chosen_on_one_half_is_measured_on_the_other() -> None:
    """Thresholds that tell all of the first half, and nothing of the second."""
    rng = np.random.default_rng(4)
    out, inside = rng.normal(size=(2, 2000))
    inside[:1000] += 10
    assert audited_mu(out, inside) == counted_epsilon(out, inside, delta=DELTA) == 0
    assert audited_mu(out[:1000], inside[:1000]) > 4


def test_directions_are_learnt_from_the_half_that_is_not_measured() -> None:
    rng = np.random.default_rng(5)
    out, inside = rng.normal(size=(2, 2000, 2))
    inside[:1000, 1] += 10
    inside[1000:, 0] += 10
    told = [along[1000:].mean() / along[1000:].std() for along in projected(out, inside)]
    assert told == pytest.approx([0, 0], abs=0.1)


def test_numbers_that_say_nothing_do_not_hide_one_that_does() -> None:
    rng = np.random.default_rng(6)
    out, inside = rng.normal(size=(2, 4000, 300))
    inside[:, 7] += 0.3
    assert audited_mu(*projected(out, inside)) > 0.15


def test_a_number_without_noise_decides_alone_however_small_it_is() -> None:
    rng = np.random.default_rng(7)
    out, inside = (
        np.column_stack([rng.normal(size=(400, 9)), np.full(400, x)]) for x in (0, 2**-20)
    )
    assert audited_mu(*projected(out, inside)) > 3


def test_days_that_nothing_tells_apart_give_nothing_away() -> None:
    same = np.ones((100, 3))
    assert audited_mu(*projected(same, same)) == 0
