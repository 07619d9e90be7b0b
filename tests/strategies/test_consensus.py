import numpy as np
import pytest

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.errors import SettingsError
from fedasc.made_up.server import small_server
from fedasc.strategies.consensus import Consensus
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.task import Task

PLACES_DB = np.array([-40, 40], np.float32)
MIXTURE = Mixture(
    np.full(2, 0.5, np.float32),
    np.repeat(PLACES_DB[:, None], 45, axis=1),
    np.ones((2, 45), np.float32),
)
X = np.repeat(MIXTURE.means, 4, axis=0)
POSTERIORS = np.array(
    [[0.9, 0.1, 0, 0], [0.8, 0.2, 0, 0], [0.4, 0.6, 0, 0], [0.5, 0.5, 0, 0]]
    + [[0, 0, 0.3, 0.7]] * 3
    + [[0.25, 0.25, 0.25, 0.25]]
)


def test_who_is_outvoted_by_those_nearby_is_bound_to_them() -> None:
    bound = Consensus(MIXTURE, power=1.0)(X, POSTERIORS)
    mean = POSTERIORS[:4].mean(axis=0)
    assert mean[:2] == pytest.approx([0.65, 0.35])
    expected = POSTERIORS[:4, :2] * mean[:2]
    assert bound[:4, :2] == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=2e-3)
    assert bound[2].argmax() == 0 != POSTERIORS[2].argmax()
    assert bound[7].argmax() == 3, "those elsewhere are of no account"
    assert bound.sum(axis=1) == pytest.approx(1)


def test_without_power_each_label_stands_by_itself_and_with_more_they_agree_more() -> None:
    assert Consensus(MIXTURE, power=0.0)(X, POSTERIORS) == pytest.approx(POSTERIORS)
    shares = [Consensus(MIXTURE, power=power)(X, POSTERIORS)[3, 0] for power in (0, 1, 4)]
    assert shares == sorted(shares)
    assert shares[0] == 0.5 < 0.9 < shares[2]


def test_mixtures_are_bound_and_what_was_heard_itself_is_not() -> None:
    server = small_server()
    bound, free = PersonalisedStrategy(consensus=1.0), PersonalisedStrategy(consensus=0.0)
    of_mixture = Task((0,), MIXTURE)
    assert bound.correction(server, of_mixture) == Consensus(MIXTURE, 1.0)
    assert free.correction(server, of_mixture) is None
    assert bound.correction(server, Task((0,), Features(X))) is None
    control = DistilledStrategy(consensus=1.0).correction(server, Task((0,), Features(X)))
    assert control == Consensus(server.everything, 1.0)


@pytest.mark.parametrize("power", [-0.1, 11.0, float("nan")])
def test_powers_that_make_no_sense_are_refused(power: float) -> None:
    with pytest.raises(SettingsError, match="consensus must be in"):
        PersonalisedStrategy(consensus=power)
