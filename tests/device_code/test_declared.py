import subprocess
from pathlib import Path

import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.device_code.compiler import compiled
from fedasc.device_code.declared import declared
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.files import library_files
from fedasc.release.release import Release
from tests.device_code.codes import BANK, code

N_WINDOWS = 1000
STACK_BYTES = 1024


SIZE = """
#include "fedasc_device.h"
#include <stdio.h>
int main(void) { return printf("%lu", (unsigned long)sizeof(fedasc_state)) < 0; }
"""


def n_state_bytes(made: DeviceCode, folder: Path) -> int:
    headers = {name: text for name, text in library_files(made).items() if name.endswith(".h")}
    compiled({**headers, "size.c": SIZE}, folder / "size")
    return int(subprocess.run([folder / "size"], capture_output=True, check=True).stdout)


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
def test_no_device_takes_more_memory_than_is_declared(
    aggregator: Aggregator, tmp_path: Path
) -> None:
    budget = declared(aggregator, Release(), BANK, N_WINDOWS)
    size = n_state_bytes(code(aggregator, numbers="fixed"), tmp_path)
    assert 0 < size <= budget.memory_bytes - STACK_BYTES


def test_the_front_end_and_c1_are_in_it() -> None:
    aggregator = StepwiseEmAggregator()
    own, whole = aggregator.budget(10), declared(aggregator, Release(bits=8), BANK, 10)
    assert whole.n_bytes < own.n_bytes
    assert whole.memory_bytes > own.memory_bytes + 544 * 4
    assert whole.n_macs - own.n_macs > 10 * 10 * 16_000 * 3 * 4
