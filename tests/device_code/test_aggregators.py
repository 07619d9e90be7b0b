from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.device import Device
from fedasc.device_code.library import DeviceLibrary
from fedasc.device_code.wire import summary_bytes
from fedasc.errors import SettingsError
from fedasc.release.release import Release
from tests.aggregators.days import PUBLIC, heard
from tests.device_code.codes import code
from tests.device_code.releases import FEW, check_release

CASES = (
    (StepwiseEmAggregator(), 32),
    (StepwiseEmAggregator(n_components=5, step_exponent=0.7, step_delay=2.0, n_merged=50), 16),
    (KMeansAggregator(n_components=20, batch_size=100), 32),
    (MomentsAggregator(), 16),
    (SceneGaussiansAggregator(n_components=2), 8),
)


@lru_cache
def compiled(aggregator: Aggregator, bits: int) -> DeviceLibrary:
    return DeviceLibrary(code(aggregator, bits=bits))


def in_c(library: DeviceLibrary, n_windows: int, *, seed: int) -> Summary:
    device = library.start(seed=seed)
    for x in heard(n_windows, seed=seed):
        device.hear(x)
    return device.summary()


def in_python(library: DeviceLibrary, n_windows: int, *, seed: int) -> Summary:
    code = library.code
    device = Device(
        aggregator=code.aggregator,
        release=code.release,
        classifier=code.classifier,
        public=PUBLIC,
    )
    return device.summarise(iter(heard(n_windows, seed=seed)), seed=seed)


def mixture_of(summary: Summary) -> Mixture:
    content = summary.content
    mixture = content.mixture if isinstance(content, SceneMixture) else content
    assert isinstance(mixture, Mixture)
    return mixture


@pytest.mark.parametrize("n_windows", [2, 4, 27, 333, 701])
@pytest.mark.parametrize(("aggregator", "bits"), CASES, ids=lambda case: getattr(case, "name", ""))
def test_summaries_are_those_of_python(aggregator: Aggregator, bits: int, n_windows: int) -> None:
    library = compiled(aggregator, bits)
    found = in_c(library, n_windows, seed=n_windows)
    expected = in_python(library, n_windows, seed=n_windows)
    ours, theirs = mixture_of(found), mixture_of(expected)
    assert found.n_windows == expected.n_windows
    assert {name: (a.dtype, a.shape) for name, a in found.arrays.items()} == {
        name: (a.dtype, a.shape) for name, a in expected.arrays.items()
    }
    if isinstance(found.content, SceneMixture):
        assert isinstance(expected.content, SceneMixture)
        np.testing.assert_array_equal(found.content.scene, expected.content.scene)
    # A number in the middle between two levels of an encoding may go either way.
    step = {32: 1e-5, 16: 2e-3, 8: 0.05}[bits]
    np.testing.assert_allclose(ours.weights, theirs.weights, rtol=step)
    np.testing.assert_allclose(ours.means, theirs.means, rtol=step / 10, atol=step)
    np.testing.assert_allclose(ours.covariances, theirs.covariances, rtol=step)


@pytest.mark.parametrize("bits", [16, 8])
@pytest.mark.parametrize("seed", range(8))
def test_fewer_bits_are_those_of_the_release_stage(bits: int, seed: int) -> None:
    """Byte for byte what Python encodes of the same content in full."""
    aggregator = StepwiseEmAggregator()
    full = in_c(compiled(aggregator, 32), 40 + 100 * seed, seed=seed)
    fewer = in_c(compiled(aggregator, bits), 40 + 100 * seed, seed=seed)
    expected = Summary.of(full.content, full.n_windows, encoding=Release(bits=bits).encoding)
    found, wanted = summary_bytes(fewer), summary_bytes(expected)
    assert len(found) == len(wanted)
    # The content in full was rounded on its way, its logarithms here weren't.
    differing = np.frombuffer(found, np.uint8) != np.frombuffer(wanted, np.uint8)
    assert differing.mean() < 0.002


def test_the_next_day_begins_anew() -> None:
    library = compiled(StepwiseEmAggregator(), 32)
    device = library.start(seed=1)
    first, second = heard(100, seed=1), heard(60, seed=2)
    for x in first:
        device.hear(x)
    device.summary_bytes()
    assert device.summary_bytes() == b"", "the day is over"
    for x in second:
        device.hear(x)
    assert device.n_windows == 60
    again = library.start(seed=1)
    for x in second:
        again.hear(x)
    assert device.summary_bytes() == again.summary_bytes() != b""


def test_nothing_leaves_before_anything_is_heard() -> None:
    device = compiled(StepwiseEmAggregator(), 32).start()
    assert device.summary_bytes() == b""
    with pytest.raises(SettingsError, match="of 0 windows no component"):
        device.summary()


def test_components_of_few_windows_stay() -> None:
    check_release(DeviceLibrary(FEW))


def test_of_light_components_the_heaviest_leaves() -> None:
    light = replace(FEW, release=Release(min_weight=1.0))
    device = DeviceLibrary(light).start()
    for x in heard(200):
        device.hear(x)
    assert mixture_of(device.summary()).n_components == 1


def test_seeds_are_numpys() -> None:
    """Other draws make other clusters."""
    library = compiled(KMeansAggregator(n_components=20, batch_size=100), 32)
    assert summary_bytes(in_c(library, 333, seed=1)) != summary_bytes(in_c(library, 333, seed=2))
