from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.round_context import RoundContext
from tests.models.test_embedded import random_classifier
from tests.strategies.servers import SERVER, STREAMS, served
from tests.worlds import same_classifier

N_WINDOWS = {3: 10, 8: 50, 5: 40}
TRAINED = {device: random_classifier(device) for device in N_WINDOWS}
SUMMARIES = {n: Summary.of(Weights.of(TRAINED[n]), N_WINDOWS[n]) for n in N_WINDOWS}


def test_everyone_gets_the_mean_by_windows_heard() -> None:
    found = served(FedAvgStrategy(), SUMMARIES)
    assert list(found) == [3, 5, 8]
    for personal in found.values():
        assert personal.tally is None
        for name, array in personal.classifier.arrays().items():
            a, b, c = (TRAINED[n].arrays()[name].astype(np.float64) for n in (3, 5, 8))
            assert array.dtype == np.float32
            np.testing.assert_allclose(array, 0.1 * a + 0.4 * b + 0.5 * c, rtol=1e-6)


@pytest.mark.bits
def test_the_order_of_devices_changes_no_bit() -> None:
    found = [
        served(FedAvgStrategy(), {n: SUMMARIES[n] for n in order})[3].classifier
        for order in permutations(SUMMARIES)
    ]
    assert all(same_classifier(found[0], other) for other in found)


def test_a_device_alone_keeps_its_classifier() -> None:
    found = served(FedAvgStrategy(), {5: SUMMARIES[5]})
    assert same_classifier(found[5].classifier, TRAINED[5])


@pytest.mark.parametrize("fine_tuned", [False, True])
def test_devices_train_the_mean_only_if_it_is_to_be_fine_tuned(fine_tuned: bool) -> None:
    training = SelfTraining(certainty=0.7)
    found = FedAvgStrategy(fine_tuned=fine_tuned, training=training).device_training()
    assert found == (training if fine_tuned else None)


def test_the_server_keeps_nothing_for_another_night() -> None:
    served_of = FedAvgStrategy().serve(SERVER, SUMMARIES, None, RoundContext(streams=STREAMS))
    assert served_of.memory is None


ROBUST = ("clip", "trimmed-mean", "median", "krum")
N_HONEST = 12


def learnt(device: int) -> EmbeddedClassifier:
    """What an honest device makes of the baseline classifier."""
    rng = np.random.default_rng(device)
    return moved(lambda name, array: array * (1 + 0.01 * rng.normal(size=array.shape)))


def moved(by: Callable[[str, FloatArray], FloatArray]) -> EmbeddedClassifier:
    arrays = SERVER.baseline.arrays()
    return EmbeddedClassifier(
        **{n: by(n, a.astype(float)).astype(np.float32) for n, a in arrays.items()},
        inputs=SERVER.baseline.inputs,
    )


def averaged(
    strategy: FedAvgStrategy, *liars: EmbeddedClassifier, n_windows: int = 50
) -> EmbeddedClassifier:
    """Of honest devices and liars, who come first."""
    sent = [Summary.of(Weights.of(one), n_windows) for one in liars]
    sent += [Summary.of(Weights.of(learnt(n)), 50) for n in range(N_HONEST)]
    return served(strategy, dict(enumerate(sent)))[0].classifier


def apart(one: EmbeddedClassifier, other: EmbeddedClassifier) -> float:
    """Of all arrays, by how many times as much as honest devices usually learn, at most."""
    usual, mine, others, shipped = (
        {name: array.astype(float) for name, array in some.arrays().items()}
        for some in (learnt(0), one, other, SERVER.baseline)
    )
    return max(
        float(np.linalg.norm(mine[n] - others[n]) / np.linalg.norm(usual[n] - shipped[n]))
        for n in mine
    )


LIES: Mapping[str, EmbeddedClassifier] = {
    "huge": moved(lambda _, array: np.full_like(array, 1e37)),
    "scaled": moved(lambda _, array: 0.4 * array),
    "one array": moved(lambda name, array: -50 * array if name == "output_weights" else array),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("robust", ROBUST)
def test_two_of_fourteen_that_lie_move_no_robust_mean_far(robust: Any, lie: str) -> None:
    strategy = FedAvgStrategy(robust=robust)
    honest = averaged(FedAvgStrategy(robust="none"))
    assert apart(averaged(strategy, *2 * [LIES[lie]]), honest) < 1
    assert apart(averaged(FedAvgStrategy(robust="none"), *2 * [LIES[lie]]), honest) > 5


def test_by_default_liars_are_clipped_and_without_them_no_bit_is_changed() -> None:
    honest = averaged(FedAvgStrategy(robust="none"))
    assert same_classifier(averaged(FedAvgStrategy()), honest)
    assert same_classifier(
        averaged(FedAvgStrategy(clip=1e6), LIES["scaled"]),
        averaged(FedAvgStrategy(robust="none"), LIES["scaled"]),
    )
    assert apart(averaged(FedAvgStrategy(), LIES["huge"]), honest) < 0.5


@pytest.mark.parametrize("robust", ["clip", "krum"])
def test_a_claim_to_have_heard_more_than_anyone_is_not_believed(robust: Any) -> None:
    liar = moved(lambda _, array: array * 1.01)
    one = averaged(FedAvgStrategy(robust=robust, tolerated=0.0), liar, n_windows=100)
    other = averaged(FedAvgStrategy(robust=robust, tolerated=0.0), liar, n_windows=2**62)
    assert same_classifier(one, other)


@pytest.mark.parametrize("robust", ["clip", "krum"])
def test_where_most_have_learnt_nothing_the_others_have_no_say(robust: Any) -> None:
    liar = moved(lambda name, array: array + 3 if name == "shift" else array)
    idle = {n: Summary.of(Weights.of(SERVER.baseline), 50) for n in range(1, 6)}
    sent = {0: Summary.of(Weights.of(liar), 50), **idle}
    made = served(FedAvgStrategy(robust=robust, tolerated=0.0), sent)[0].classifier
    assert same_classifier(made, SERVER.baseline)


@pytest.mark.parametrize(
    "wrong",
    [
        {"robust": "mode"},
        {"tolerated": 0.5},
        {"tolerated": -0.1},
        {"clip": 0.0},
        {"clip": float("nan")},
    ],
)
def test_defences_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="fedavg: "):
        FedAvgStrategy(**wrong)
