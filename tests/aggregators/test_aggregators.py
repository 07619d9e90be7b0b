"""What holds for every aggregator."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from fedasc.release.release import Release
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
every = pytest.mark.parametrize("aggregator", PLAIN.values(), ids=PLAIN.keys())
USUAL = Release()
released = pytest.mark.parametrize("release", [USUAL, Release(bits=16), Release(bits=8)])


def summarised(
    aggregator: Aggregator, x: np.ndarray, seed: int = 0, *, release: Release = USUAL
) -> Summary:
    """What leaves a device."""
    made = aggregator.summarise(stream(x), classifier=classifier(sharpness=30), seed=seed)
    return release.summary(made, len(x), aggregator=aggregator)


def written(content: Content) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {
        name: (array.dtype.str, array.shape, array.tobytes())
        for name, array in content.arrays().items()
    }


@every
@released
@pytest.mark.parametrize("n_windows", [2, 7, 60, 400])
def test_sends_no_more_than_its_budget(
    aggregator: Aggregator, release: Release, n_windows: int
) -> None:
    summary = summarised(aggregator, heard(n_windows), release=release)
    assert summary.n_bytes <= release.budget(aggregator.budget(n_windows)).n_bytes


@every
def test_the_budget_grows_with_the_day(aggregator: Aggregator) -> None:
    short, long = aggregator.budget(100), aggregator.budget(1000)
    assert short.n_bytes <= long.n_bytes
    assert short.memory_bytes <= long.memory_bytes
    assert short.n_macs < long.n_macs or short.n_macs == 0


@every
def test_sends_the_kind_that_it_says(aggregator: Aggregator) -> None:
    assert type(summarised(aggregator, heard(200)).content) is aggregator.kind


@every
@pytest.mark.bits
def test_the_same_seed_is_bitwise_the_same_and_leaves_the_day_alone(aggregator: Aggregator) -> None:
    x = heard(200)
    before = x.copy()
    one, other = (summarised(aggregator, x, 3).content for _ in range(2))
    assert written(one) == written(other)
    np.testing.assert_array_equal(x, before)


@every
@released
def test_what_is_sent_arrives(aggregator: Aggregator, release: Release) -> None:
    summary = summarised(aggregator, heard(200), release=release)
    arrived = Summary(
        aggregator.kind,
        {name: np.array(array) for name, array in summary.arrays.items()},
        200,
        pickle.loads(pickle.dumps(release.encoding)),
    )
    assert written(arrived.content) == written(summary.content)
    plain = summarised(aggregator, heard(200)).content
    assert arrived.content.arrays().keys() == plain.arrays().keys()
    if release.bits == 32:
        assert written(arrived.content) == written(plain)


@every
@released
def test_more_than_the_content_is_refused(aggregator: Aggregator, release: Release) -> None:
    arrays = summarised(aggregator, heard(200), release=release).arrays
    with pytest.raises(MessageError):
        Summary(aggregator.kind, {**arrays, "x": np.zeros(3)}, 200, release.encoding)
    for missing in arrays:
        fewer = {name: array for name, array in arrays.items() if name != missing}
        with pytest.raises(MessageError):
            Summary(aggregator.kind, fewer, 200, release.encoding)


@every
@released
@pytest.mark.parametrize("n_windows", [10, 60, 400])
def test_no_window_can_be_read_from_what_is_sent_unless_it_says_so(
    aggregator: Aggregator, release: Release, n_windows: int
) -> None:
    """Nine numbers in a row, of which every one is a window's within a thousandth of a dB."""
    x = heard(n_windows)
    x[3] += 60
    sent = summarised(aggregator, x, release=release).content
    vectors = x.reshape(-1, 9)
    seen = any(
        (np.abs(vectors - nine).max(axis=1) < 1e-3).any()
        for array in sent.arrays().values()
        if array.size >= 9
        for nine in np.lib.stride_tricks.sliding_window_view(array.ravel(), 9)
    )
    assert seen == (aggregator.sends_raw and release.bits == 32)


@every
def test_aggregators_keep_to_the_usual_number_of_windows_themselves(
    aggregator: Aggregator,
) -> None:
    """So that their fit is what leaves."""
    for n_windows in (2, 7, 60, 400):
        x = heard(n_windows)
        made = aggregator.summarise(stream(x), classifier=classifier(sharpness=30), seed=0)
        content = made.content if isinstance(made, Draft) else made
        assert written(summarised(aggregator, x).content) == written(content)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", ["features", "moments", "self-trained", "gmm", "stepwise-em"])
def test_the_budget_in_fewer_bits_is_the_size_of_the_largest_content(name: str, bits: int) -> None:
    release, aggregator = Release(bits=bits), PLAIN[name]
    summary = summarised(aggregator, heard(400, n_sounds=8), release=release)
    assert summary.n_bytes == release.budget(aggregator.budget(400)).n_bytes


@every
def test_is_a_value(aggregator: Aggregator) -> None:
    copy = pickle.loads(pickle.dumps(aggregator))
    assert copy == aggregator
    assert (copy.kind, copy.sends_raw) == (aggregator.kind, aggregator.sends_raw)
    assert hash(copy) == hash(aggregator)


def test_devices_need_no_torch() -> None:
    modules = sorted({type(aggregator).__module__ for aggregator in PLAIN.values()})
    modules.append(Release.__module__)
    code = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
