"""What holds for every aggregator."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.quantised import QuantisedAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from tests.aggregators.days import classifier, heard, stream

PLAIN: dict[str, Aggregator] = {
    "features": FeaturesAggregator(),
    "gmm": GmmAggregator(n_components=8),
    "gmm full": GmmAggregator(n_components=3, covariance="full"),
    "gmm tied": GmmAggregator(n_components=8, covariance="tied"),
    "kmeans": KMeansAggregator(n_components=8),
    "moments": MomentsAggregator(),
    "nothing": NothingAggregator(),
    "scene-gaussians": SceneGaussiansAggregator(),
    "scene-gaussians of many": SceneGaussiansAggregator(n_components=3),
    "self-trained": SelfTrainedAggregator(),
    "stepwise-em": StepwiseEmAggregator(n_components=8, n_merged=40),
}
ALL = PLAIN | {
    f"{name} in {bits} bits": QuantisedAggregator(aggregator=aggregator, bits=bits)
    for name, aggregator in PLAIN.items()
    for bits in (16, 8)
}
every = pytest.mark.parametrize("aggregator", ALL.values(), ids=ALL.keys())


def summarised(aggregator: Aggregator, x: np.ndarray, seed: int = 0) -> Content:
    return aggregator.summarise(stream(x), classifier=classifier(sharpness=30), seed=seed)


def written(content: Content) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {
        name: (array.dtype.str, array.shape, array.tobytes())
        for name, array in content.arrays().items()
    }


@every
@pytest.mark.parametrize("n_windows", [2, 7, 60, 400])
def test_sends_no_more_than_its_budget(aggregator: Aggregator, n_windows: int) -> None:
    content = summarised(aggregator, heard(n_windows))
    summary = Summary.of(content, n_windows, encoding=aggregator.encoding)
    assert summary.n_bytes <= aggregator.budget(n_windows).n_bytes


@every
def test_the_budget_grows_with_the_day(aggregator: Aggregator) -> None:
    short, long = aggregator.budget(100), aggregator.budget(1000)
    assert short.n_bytes <= long.n_bytes
    assert short.memory_bytes <= long.memory_bytes
    assert short.n_macs < long.n_macs or short.n_macs == 0


@every
def test_sends_the_kind_that_it_says(aggregator: Aggregator) -> None:
    assert type(summarised(aggregator, heard(200))) is aggregator.kind


@every
@pytest.mark.bits
def test_the_same_seed_is_bitwise_the_same_and_leaves_the_day_alone(aggregator: Aggregator) -> None:
    x = heard(200)
    before = x.copy()
    assert written(summarised(aggregator, x, 3)) == written(summarised(aggregator, x, 3))
    np.testing.assert_array_equal(x, before)


@every
def test_what_is_sent_arrives(aggregator: Aggregator) -> None:
    content = summarised(aggregator, heard(200))
    summary = Summary.of(content, 200, encoding=aggregator.encoding)
    arrived = Summary(
        aggregator.kind,
        {name: np.array(array) for name, array in summary.arrays.items()},
        200,
        pickle.loads(pickle.dumps(aggregator.encoding)),
    )
    assert arrived.content.arrays().keys() == content.arrays().keys()
    assert written(arrived.content) == written(summary.content)
    if aggregator in PLAIN.values():
        assert written(arrived.content) == written(content)


@every
def test_more_than_the_content_is_refused(aggregator: Aggregator) -> None:
    content = summarised(aggregator, heard(200))
    arrays = aggregator.encoding.encode(content)
    with pytest.raises(MessageError):
        Summary(aggregator.kind, {**arrays, "x": np.zeros(3)}, 200, aggregator.encoding)
    for missing in arrays:
        fewer = {name: array for name, array in arrays.items() if name != missing}
        with pytest.raises(MessageError):
            Summary(aggregator.kind, fewer, 200, aggregator.encoding)


@every
@pytest.mark.parametrize("n_windows", [10, 60, 400])
def test_no_window_can_be_read_from_what_is_private(aggregator: Aggregator, n_windows: int) -> None:
    """Nine numbers in a row, of which every one is a window's within a thousandth of a dB."""
    x = heard(n_windows)
    x[3] += 60
    content = summarised(aggregator, x)
    sent = Summary.of(content, n_windows, encoding=aggregator.encoding).content
    vectors = x.reshape(-1, 9)
    found = any(
        (np.abs(vectors - nine).max(axis=1) < 1e-3).any()
        for array in sent.arrays().values()
        if array.size >= 9
        for nine in np.lib.stride_tricks.sliding_window_view(array.ravel(), 9)
    )
    rounded = isinstance(aggregator, QuantisedAggregator)
    assert found == (not aggregator.is_private and not rounded)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", ["features", "moments", "self-trained", "gmm", "stepwise-em"])
def test_the_budget_in_fewer_bits_is_the_size_of_the_largest_content(name: str, bits: int) -> None:
    aggregator = QuantisedAggregator(aggregator=PLAIN[name], bits=bits)
    x = heard(400, n_sounds=8)
    summary = Summary.of(summarised(aggregator, x), 400, encoding=aggregator.encoding)
    assert summary.n_bytes == aggregator.budget(400).n_bytes


@every
def test_is_a_value(aggregator: Aggregator) -> None:
    copy = pickle.loads(pickle.dumps(aggregator))
    assert copy == aggregator
    assert (copy.kind, copy.is_private) == (aggregator.kind, aggregator.is_private)
    assert hash(copy) == hash(aggregator)


def test_devices_need_no_torch() -> None:
    modules = sorted({type(aggregator).__module__ for aggregator in ALL.values()})
    code = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
