"""What leaves a device, whatever made it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.aggregator import Aggregator, Budget
from fedasc.aggregators.content import Components, Content
from fedasc.aggregators.draft import ALMOST, Draft
from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.features import Features
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.weights import Weights
from fedasc.errors import SettingsError
from fedasc.models.embedded import initial
from fedasc.release.quantisation import EightBits, HalfPrecision
from fedasc.release.release import Release
from simulations.plugins.histograms import Histograms
from tests.aggregators.days import PUBLIC, classifier, heard, stream
from tests.aggregators.test_mixture import MAKERS, random_full_mixture, random_mixture

AGGREGATOR, USUAL = MomentsAggregator(), Release()


def bits_of(content: Content) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in content.arrays().items()}


def left(made: Content | Draft[Components], n_windows: int, release: Release = USUAL) -> Content:
    return release.summary(made, n_windows, aggregator=AGGREGATOR).content


def of(mixture: Mixture, *n_behind: float) -> Draft[Mixture]:
    return Draft(mixture, np.array(n_behind))


@pytest.mark.bits
@given(make=st.sampled_from(MAKERS), n=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_components_of_enough_windows_leave_to_the_last_bit(make: Any, n: int, seed: int) -> None:
    mixture: Mixture = make(n, 6, seed=seed)
    n_behind = np.random.default_rng(seed).uniform(5, 50, n)
    draft = Draft(mixture, n_behind)
    assert bits_of(left(draft, 250)) == bits_of(mixture)


@pytest.mark.parametrize("make", MAKERS)
def test_the_others_stay_and_weights_add_to_one_again(make: Any) -> None:
    mixture: Mixture = make(4, 6)
    found = left(of(mixture, 30, 4.9, 5, 0.1), 40)
    assert isinstance(found, Mixture)
    np.testing.assert_array_equal(found.means, mixture.means[[0, 2]])
    weights = mixture.weights[[0, 2]]
    np.testing.assert_allclose(found.weights, weights / weights.sum(), rtol=1e-6)
    is_tied = len(mixture.covariances) == 1
    kept = mixture.covariances if is_tied else mixture.covariances[[0, 2]]
    np.testing.assert_array_equal(found.covariances, kept)


def test_scenes_leave_with_their_components() -> None:
    content = SceneMixture(random_mixture(3), np.array([3, 1, 0], np.int8))
    found = left(Draft(content, np.array([5.0, 2.0, 9.0])), 16)
    assert isinstance(found, SceneMixture)
    assert found.scene.tolist() == [3, 0]
    assert found.n_components == 2


@pytest.mark.parametrize(
    ("n_behind", "n_windows", "min_windows", "leaves"),
    [
        (5 * ALMOST, 9, 5, True),
        (4.99, 9, 5, False),
        (4.99, 9, 4, True),
        (3.0, 3, 5, True),
        (2.9, 3, 5, False),
        (1.0, 1, 5, True),
        (1.0, 400, 1, True),
        (0.9, 400, 1, False),
    ],
)
def test_all_of_a_short_day_is_enough(
    n_behind: float, n_windows: int, min_windows: int, leaves: bool
) -> None:
    draft, release = of(random_mixture(1), n_behind), Release(min_windows=min_windows)
    if leaves:
        assert isinstance(left(draft, n_windows, release), Mixture)
    else:
        with pytest.raises(SettingsError, match="nothing may leave the device"):
            left(draft, n_windows, release)


def test_where_nothing_may_leave_the_aggregator_and_the_cures_are_named() -> None:
    with pytest.raises(SettingsError) as refused:
        left(of(random_mixture(3), 1, 3.456, 2), 60)
    assert str(refused.value) == (
        "aggregator 'moments': none of 3 component(s) stands for 5 windows (the most is 3.46), so "
        "nothing may leave the device; let it make fewer components or weigh windows more evenly, "
        "have users hear more (n_heard in [listening]), or lower min_windows in [release]"
    )


@pytest.mark.parametrize(
    "content",
    [
        random_mixture(2),
        random_full_mixture(2),
        SceneMixture(random_mixture(2), np.array([3, 1], np.int8)),
    ],
)
@pytest.mark.parametrize("min_windows", [1, 5])
def test_components_without_their_windows_are_refused(
    content: Components, min_windows: int
) -> None:
    with pytest.raises(SettingsError, match=r"must return .*Draft\(content, n_effective\)") as told:
        left(content, 300, Release(min_windows=min_windows))
    assert "\n" not in str(told.value)


class Derived(Mixture):
    """A plug-in's kind that is a mixture too."""


def test_kinds_that_derive_from_those_with_components_are_judged_too() -> None:
    mixture = random_mixture(2)
    derived = Derived(mixture.weights, mixture.means, mixture.covariances)
    with pytest.raises(SettingsError, match="must return"):
        left(derived, 300)
    found = left(Draft(derived, np.array([290.0, 3.0])), 300)
    assert type(found) is Derived
    assert found.n_components == 1


def test_more_windows_than_were_heard_are_not_believed() -> None:
    """As if windows had been counted for each component that they have a share in."""
    left(of(random_mixture(2), 20, 10.0 / ALMOST**0.5), 30)
    with pytest.raises(SettingsError, match="can't stand for 40 windows together where 30 were"):
        left(of(random_mixture(2), 20, 20), 30)


CONTENTS: dict[str, Callable[[], Content]] = {
    "features": lambda: Features(heard(3)),
    "weights": lambda: Weights.of(initial(np.random.default_rng(0))),
    "nothing": Nothing,
    "histograms": lambda: Histograms().summarise(
        stream(heard(9)), classifier=classifier(), public=PUBLIC, seed=0
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_has_no_components_passes(name: str) -> None:
    content = CONTENTS[name]()
    assert bits_of(left(content, 3)) == bits_of(content)


@pytest.mark.parametrize(
    "aggregator",
    [
        GmmAggregator(n_components=30, min_windows=1),
        SceneGaussiansAggregator(n_components=30, min_windows=1),
    ],
    ids=lambda its: its.name,
)
def test_a_fit_of_fewer_windows_is_held_at_the_boundary(aggregator: Aggregator) -> None:
    x = heard(60)
    made = aggregator.summarise(
        stream(x), classifier=classifier(sharpness=30), public=PUBLIC, seed=0
    )
    assert isinstance(made, Draft)
    n_enough = int((made.n_effective >= 5 * ALMOST).sum())
    assert 0 < n_enough < made.content.n_components
    found = Release().summary(made, len(x), aggregator=aggregator).content
    assert isinstance(found, Components)
    assert found.n_components == n_enough


@pytest.mark.parametrize(
    ("bits", "encoding"), [(32, PLAIN), (16, HalfPrecision()), (8, EightBits())]
)
def test_bits_choose_the_encoding(bits: int, encoding: object) -> None:
    release = Release(bits=bits)
    assert release.encoding == encoding
    summary = release.summary(of(random_mixture(2), 20, 10), 30, aggregator=AGGREGATOR)
    assert summary.encoding == encoding


@pytest.mark.parametrize(("bits", "n_bytes"), [(32, 1000), (16, 520), (8, 304)])
def test_the_budget_in_fewer_bits_is_a_part_of_it_and_both_ends_of_every_array(
    bits: int, n_bytes: int
) -> None:
    plain = Budget(n_bytes=1000, memory_bytes=7, n_macs=8, n_rounded=3, n_exact_bytes=40)
    budget = Release(bits=bits).budget(plain)
    assert budget.n_bytes == n_bytes
    assert (budget.memory_bytes, budget.n_macs) == (7, 8)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        *(({"bits": bits}, f"bits must be 32, 16 or 8, got {bits}") for bits in (0, 4, 64)),
        ({"min_windows": 0}, "min_windows must be at least 1, got 0"),
        ({"min_weight": 1.1}, "min_weight must be in \\[0, 1\\], got 1.1"),
        ({"min_weight": -0.1}, "min_weight must be in \\[0, 1\\], got -0.1"),
        ({"min_stretches": 0}, "min_stretches must be at least 1, got 0"),
        ({"noise": -0.1}, "min_windows_per_number and noise must not be negative"),
        ({"min_windows_per_number": -1.0}, "min_windows_per_number and noise must not be"),
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=f"release: {said}"):
        Release(**wrong)


@pytest.mark.parametrize(
    ("min_windows", "n_windows", "most"),
    [(5, 60, 12), (5, 59, 11), (5, 4, 1), (1, 7, 7), (3, 1, 1)],
)
def test_so_many_components_may_leave(min_windows: int, n_windows: int, most: int) -> None:
    release = Release(min_windows=min_windows)
    assert release.most_components(n_windows) == most
    share = n_windows / most
    draft = of(random_mixture(most), *[share] * most)
    assert len(left(draft, n_windows, release).arrays()["weights"]) == most
