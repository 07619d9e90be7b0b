"""What a server lets in, and what it doesn't, whatever way it came."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.admission import MARGIN_DB, Admission, admission_for, refusals_of
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.audio.microphone import Microphone
from fedasc.audio.response import Response
from fedasc.errors import MessageError
from fedasc.models.inputs import statistics
from fedasc.release.release import Release
from fedasc.seeds import Purpose
from fedasc.simulated import SimulatedDevices, hear
from simulations.plugins.histograms import EDGES_DB, Counts, Histograms
from tests.aggregators.test_aggregators import PLAIN, summarised
from tests.aggregators.test_mixture import random_full_mixture, random_mixture
from tests.models.test_embedded import random_classifier
from tests.testing.test_aggregators import Anything, Careless
from tests.worlds import AGGREGATOR, N_HEARD, N_USERS, RELEASE, tiny_world

GMM = GmmAggregator(n_components=4)
WINDOWS = np.random.default_rng(0).normal(-20, 5, (60, 45)).astype(np.float32)
MEANS = random_mixture(4).means


def admission_of(aggregator: Aggregator, *, bits: int = 32) -> Admission:
    return Admission(
        aggregator=aggregator,
        release=Release(bits=bits),
        n_heard=60,
        low=np.full(45, -80.0),
        high=np.full(45, 40.0),
    )


@pytest.mark.parametrize("bits", [32, 16, 8])
@pytest.mark.parametrize("name", PLAIN)
def test_what_aggregators_send_is_let_in(name: str, bits: int) -> None:
    aggregator = PLAIN[name]
    summary = summarised(aggregator, WINDOWS, release=Release(bits=bits))
    admission_of(aggregator, bits=bits).check(3, summary)


@pytest.mark.parametrize("bits", [32, 8])
@pytest.mark.parametrize("aggregator", [AGGREGATOR, FeaturesAggregator(), SelfTrainedAggregator()])
def test_what_devices_of_a_world_send_is_let_in(aggregator: Aggregator, bits: int) -> None:
    world, release = tiny_world(), replace(RELEASE, bits=bits)
    devices = SimulatedDevices(
        scenario=world.scenario, aggregator=aggregator, release=release, public=world.server.public
    )
    admission = admission_for(world.scenario, world.server, aggregator, release)
    for device in range(N_USERS):
        summary = devices.summarise(device, world.server.baseline)
        assert summary is not None
        admission.check(device, summary)


def test_windows_may_lie_farther_apart_than_those_of_the_server() -> None:
    world = tiny_world()
    admission = admission_for(world.scenario, world.server, AGGREGATOR, RELEASE)
    x = world.server.comprehensive_set.training.x
    assert admission.n_heard == N_HEARD
    np.testing.assert_allclose(admission.low, x.min(axis=0) - MARGIN_DB, atol=1e-4)
    np.testing.assert_allclose(admission.high, x.max(axis=0) + MARGIN_DB, atol=1e-4)


def test_inputs_of_classifiers_may_lie_farther_apart_than_the_servers() -> None:
    world = tiny_world()
    admission = admission_for(world.scenario, world.server, SelfTrainedAggregator(), RELEASE)
    inputs = statistics(world.server.comprehensive_set.training.x)
    np.testing.assert_allclose(admission.low, inputs.min(axis=0) - MARGIN_DB, atol=1e-4)
    np.testing.assert_allclose(admission.high, inputs.max(axis=0) + MARGIN_DB, atol=1e-4)


@pytest.mark.parametrize(
    "microphone",
    [
        {"gain_db": 45, "tilt_db": 12},
        {"gain_db": -45, "tilt_db": -12},
        {"tilt_db": 12},
        {"tilt_db": -12},
        {"self_noise_db_spl": 80},
        {"clipping_db_spl": 60},
        {"response": Response(name="low", hz=(180, 350), db=(23, 0))},
        {"response": Response(name="high", hz=(180, 350), db=(-23, 0))},
    ],
)
def test_no_microphone_takes_windows_half_as_far_as_is_allowed(microphone: dict[str, Any]) -> None:
    world = tiny_world()
    odd = replace(world.scenario.users[1], microphone=Microphone(**microphone))
    scenario = replace(world.scenario, users=(world.scenario.users[0], odd))
    admission = admission_for(scenario, world.server, AGGREGATOR, RELEASE)
    heard = hear(scenario, 1, Purpose.HEARD).x
    assert (heard >= admission.low + MARGIN_DB / 2).all()
    assert (heard <= admission.high - MARGIN_DB / 2).all()


def histograms(n_windows: int) -> Counts:
    counts = np.zeros((45, len(EDGES_DB) - 1), np.int32)
    counts[:, 3] = n_windows
    return Counts(counts)


def mixture(**arrays: Any) -> Mixture:
    return replace(random_mixture(4), **arrays)


def farther(x: Any, by: float) -> Any:
    """One number of so many lies elsewhere."""
    moved = x.copy()
    moved[-1, 7] = by
    return moved


SUMS = PooledSumsAggregator(n_components=4, n_axes=2)


def share(*shape: int, terms: Any = SUMS.terms) -> SumShare:
    return SumShare(np.full(shape, 2**62), terms)


REFUSED: dict[str, tuple[Aggregator, Content, int, str]] = {
    "no such day": (GMM, random_mixture(4), 61, "one of 1 to 60 windows"),
    "another kind": (GMM, Features(WINDOWS[:1]), 60, "expected mixtures, got features"),
    "too many bytes": (GMM, random_mixture(5), 60, "1820 bytes, but aggregator 'gmm' .* 1456 at"),
    "too many components": (
        GmmAggregator(n_components=3, covariance="full"),
        random_mixture(4),
        60,
        "4 components, but aggregator 'gmm' declares 3 at most",
    ),
    "components of less than is let out": (
        GMM,
        random_mixture(4),
        19,
        "4 components can't each stand for 5 of 19 windows",
    ),
    "fewer features": (GMM, random_mixture(4, 44), 60, r"points of mixtures .* \(4, 44\)"),
    "a mean too high": (GMM, mixture(means=farther(MEANS, 40.1)), 60, "windows may lie, from -80 "),
    "a mean too low": (GMM, mixture(means=farther(MEANS, -80.1)), 60, "windows may lie, from -80 "),
    "a variance too high": (
        GMM,
        mixture(covariances=farther(random_mixture(4).covariances, 60.1**2)),
        60,
        "no wider than windows may lie apart, up to 60 dB",
    ),
    "a full covariance too high": (
        GmmAggregator(n_components=4, covariance="full"),
        replace(random_full_mixture(4), covariances=30 * random_full_mixture(4).covariances),
        60,
        "no wider than windows",
    ),
    "a scene's mean too high": (
        SceneGaussiansAggregator(),
        SceneMixture(mixture(means=farther(MEANS, 41)), np.arange(4, dtype=np.int8)),
        60,
        "scene mixtures where windows may lie",
    ),
    "a window too far": (FeaturesAggregator(), Features(farther(WINDOWS, -81)), 60, "may lie"),
    "fewer windows than it says": (FeaturesAggregator(), Features(WINDOWS[1:]), 60, "got 59"),
    "statistics from elsewhere": (
        SelfTrainedAggregator(),
        replace(Weights.of(random_classifier(1)), mean=np.full(45, 41, np.float32)),
        60,
        "weights where windows may lie",
    ),
    "statistics too wide": (
        SelfTrainedAggregator(),
        replace(Weights.of(random_classifier(1)), variance=np.full(45, 3700, np.float32)),
        60,
        "weights no wider",
    ),
    "more windows counted than it says": (Histograms(), histograms(61), 60, "of 60 .* got 61"),
    "infinite numbers of others' kinds": (
        Careless(),
        Anything(np.full(45, np.inf, np.float32)),
        60,
        "finite numbers in 'numbers'",
    ),
    "a share of another sum": (SUMS, share(3, 3), 60, "the sum that was asked for"),
    "a share for fewer devices": (
        SUMS,
        share(4, 3, terms=replace(SUMS, n_pooled=2).terms),
        60,
        "the sum that was asked for",
    ),
    "texts of others' kinds": (Careless(), Anything(np.array(["x"])), 60, "numbers in 'numbers'"),
}


def test_whatever_a_share_says_is_let_in() -> None:
    """A server that reads the sum alone can't tell, so none does here."""
    admission_of(SUMS).check(3, Summary.of(share(4, 3), 60))


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_not_asked_for_is_refused(name: str) -> None:
    aggregator, content, n_windows, told = REFUSED[name]
    with pytest.raises(MessageError, match=rf"\Adevice 3: summary: .*{told}.*\Z"):
        admission_of(aggregator).check(3, Summary.of(content, n_windows))


@pytest.mark.parametrize("n_windows", [True, 30.0, np.int64(30)])
def test_a_count_that_is_none_is_refused(n_windows: Any) -> None:
    with pytest.raises(MessageError, match="one of 1 to 60 windows"):
        admission_of(NothingAggregator()).check(3, Summary.of(Nothing(), n_windows))


def test_numbers_in_more_bits_than_were_asked_for_are_refused() -> None:
    summary = Summary.of(random_mixture(2), 60)
    with pytest.raises(MessageError, match="device 3: summary: expected numbers in 16 bits"):
        admission_of(GMM, bits=16).check(3, summary)


@pytest.mark.parametrize("error", [ValueError("a\nb"), KeyError(), MemoryError(), RecursionError()])
def test_whatever_content_raises_is_a_refusal(error: Exception) -> None:
    kind = type(error).__name__
    told = rf"\Adevice 3: what it sent can't be read \({kind} at tests/test_admission.py:\d+\)\Z"
    with pytest.raises(MessageError, match=told), refusals_of(3):
        raise error


def test_what_refused_content_says_is_told_in_a_short_line() -> None:
    with pytest.raises(MessageError) as told, refusals_of(3):
        raise MessageError("two\nlines\x00 " + "x" * 10**6)
    assert str(told.value) == "device 3: two lines " + "x" * 290
