import numpy as np

from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.models.self_training import SelfTraining
from tests.aggregators.days import PUBLIC, classifier, heard, stream


def test_sends_what_self_training_makes_of_the_classifier() -> None:
    x = heard(200)
    training = SelfTraining(certainty=0.5, n_epochs=2)
    start = classifier(sharpness=30)
    found = SelfTrainedAggregator(training=training).summarise(
        stream(x), classifier=start, public=PUBLIC, seed=4
    )
    expected = training.train(start, x, seed=4).arrays()
    for name, array in found.arrays().items():
        np.testing.assert_array_equal(array, expected[name])
    assert not np.array_equal(found.hidden_weights, start.hidden_weights)


def test_costs_three_inferences_for_each_window_and_epoch() -> None:
    budget = SelfTrainedAggregator(training=SelfTraining(n_epochs=7)).budget(1000)
    assert budget.n_bytes == 4 * 634
    assert budget.n_macs == 1000 * (9 * 11 + 45 + 45 * 9 + 9 * 4) * (1 + 3 * 7)
    assert budget.memory_bytes > 4 * (1000 * 45 + 634 + 2 * 544)
