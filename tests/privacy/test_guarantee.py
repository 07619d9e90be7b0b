"""The guarantee of `dp-mixture`, held against games that know nothing of how it is made."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.public_sums import SENSITIVITY
from fedasc.privacy.game import GameSettings
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.membership import window_game
from fedasc.privacy.roc import FPR_GRID, Success
from fedasc.release.release import Release
from tests.privacy.recordings import heard_as_drawn, scenario
from tests.worlds import tiny_world

N_HEARD = 100
SETTINGS = GameSettings(n_releases=24, n_canaries=0, n_heard=N_HEARD)
STRICT = DpMixtureAggregator(epsilon=0.1, n_axes=20, relevance=0, min_windows=1, clip=20)


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard_as_drawn(monkeypatch)


def attacked(aggregator: DpMixtureAggregator) -> list[Success]:
    """By every attack on windows."""
    server = tiny_world().server
    mechanism = Mechanism(
        aggregator=aggregator,
        release=Release(min_windows=1),
        classifier=server.baseline,
        public=server.public,
    )
    return list(window_game(scenario(), server, mechanism, 0, settings=SETTINGS).values())[::2]


def test_windows_are_told_no_better_than_the_noise_allows() -> None:
    """TPR <= Φ(Φ⁻¹(FPR) + 1 / sigma) of every attack (Dong, Roth and Su 2022), and so the AUC.

    Without noise it is more, so the games would see it if there were none.
    """
    mu = SENSITIVITY / STRICT.std(N_HEARD)
    rates = FPR_GRID[20:]
    bound = norm.cdf(norm.ppf(rates) + mu)
    for success in attacked(STRICT):
        error = 4 * np.sqrt(0.25 / success.n_out) + 4 * np.sqrt(bound * (1 - bound) / success.n_in)
        assert (np.array(success.roc[20:]) <= bound + error).all()
        assert success.auc <= norm.cdf(mu / np.sqrt(2)) + 0.02
    exact = attacked(replace(STRICT, epsilon=float("inf"), spread=1e6, concentration=1e6))

    assert max(success.auc for success in exact) > norm.cdf(mu / np.sqrt(2)) + 0.03
