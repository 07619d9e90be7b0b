import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.device_code.declared import declared
from fedasc.device_code.library import DeviceLibrary
from fedasc.release.release import Release
from tests.device_code.codes import BANK, code, library

N_WINDOWS = 1000
STACK_BYTES = 1024


@pytest.mark.parametrize(
    "aggregator",
    [
        KMeansAggregator(),
        MomentsAggregator(),
        SceneGaussiansAggregator(n_components=4),
        StepwiseEmAggregator(),
    ],
    ids=lambda aggregator: aggregator.name,
)
def test_no_device_takes_more_memory_than_is_declared(aggregator: Aggregator) -> None:
    usual = aggregator == StepwiseEmAggregator()
    compiled = library("fixed") if usual else DeviceLibrary(code(aggregator, numbers="fixed"))
    budget = declared(aggregator, Release(), BANK, N_WINDOWS)
    assert compiled.n_state_bytes + STACK_BYTES <= budget.memory_bytes


def test_the_front_end_and_c1_are_in_it() -> None:
    aggregator = StepwiseEmAggregator()
    own, whole = aggregator.budget(10), declared(aggregator, Release(bits=8), BANK, 10)
    assert whole.n_bytes < own.n_bytes
    assert whole.memory_bytes > own.memory_bytes + 544 * 4
    assert whole.n_macs - own.n_macs > 10 * 10 * 16_000 * 3 * 4
