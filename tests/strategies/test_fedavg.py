from itertools import permutations

import numpy as np
import pytest

from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
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
