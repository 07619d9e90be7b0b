"""PyTorch's C1 is fedasc's, and all of them learn the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from benchmarks import averaging, mixtures, training
from benchmarks.module import in_index_batches, make_module, set_weights, with_a_data_loader
from benchmarks.sizes import QUICK, Sizes
from benchmarks.timing import measure
from benchmarks.training import overlapping_scenes, training_set
from fedasc.errors import RunError, SettingsError
from fedasc.models.samples import Samples
from fedasc.models.training import EmbeddedSettings, train

SETTINGS = EmbeddedSettings(inputs="sequence", n_epochs=6, keep="last", n_restarts=1)
SMALL = replace(
    QUICK, n_samples=1500, n_epochs=6, averaging=(2,), n_windows=300, n_mixtures=2, n_rounds=1
)


def test_the_module_has_the_parameters_of_c1() -> None:
    assert sum(weights.numel() for weights in make_module(0.05).parameters()) == 544


def test_a_module_with_a_classifiers_weights_scores_like_it() -> None:
    samples = training_set(600)
    classifier = train(SETTINGS, samples, seed=np.random.SeedSequence(1))
    module = make_module(0.5)
    set_weights(module, classifier)
    x = samples.validation.x
    scores = module.eval()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(scores, classifier.logits(x), rtol=1e-4, atol=1e-4)


def test_both_ways_with_a_module_learn_what_fedasc_learns() -> None:
    samples = training_set(1500)
    classifier = train(SETTINGS, samples, seed=np.random.SeedSequence(1))
    ours = samples.validation.accuracy(classifier.predict(samples.validation.x))
    assert ours > 0.6
    assert abs(in_index_batches(SETTINGS, samples) - ours) < 0.05
    assert abs(with_a_data_loader(SETTINGS, samples) - ours) < 0.05


def test_beliefs_are_learnt_like_scenes() -> None:
    samples = training_set(1500)
    same = replace(samples, training=samples.training.weighted(1.0))
    assert in_index_batches(SETTINGS, same) == in_index_batches(SETTINGS, samples)


def test_a_rival_that_learns_something_else_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    (stage,) = training.stages(SMALL)
    monkeypatch.setattr(training, "in_index_batches", lambda settings, samples: 0.25)
    with pytest.raises(RunError, match="PyTorch module and fedasc did other work"):
        measure(stage, n_rounds=1)


def test_mixtures_agree_and_a_script_with_another_seed_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (stage,) = mixtures.stages(SMALL)
    _, rival = measure(stage, n_rounds=1)
    assert 0 < rival.deviation < 1e-3
    monkeypatch.setattr(
        "benchmarks.mixtures.GaussianMixture",
        lambda *sizes, **how: GaussianMixture(*sizes, **{**how, "random_state": 7}),
    )
    with pytest.raises(RunError, match="scikit-learn and fedasc did other work"):
        measure(stage, n_rounds=1)


def test_pfl_learns_what_fedasc_learns() -> None:
    pytest.importorskip("pfl")
    (stage,) = averaging.stages(SMALL)
    ours, rival = measure(stage, n_rounds=1)
    assert (ours.way, rival.way) == ("fedasc", "pfl-research")
    assert ours.amount == rival.amount == 2


def test_without_pfl_it_is_left_out_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(averaging, "find_spec", lambda name: None)
    (stage,) = averaging.stages(SMALL)
    assert [way.name for way in stage.ways] == ["fedasc"]
    assert "pip install" in stage.left_out["pfl-research"]


def test_scenes_are_the_same_places_for_every_seed() -> None:
    def mean(samples: Samples) -> NDArray[np.float32]:
        centre: NDArray[np.float32] = samples.x[samples.scene == 0].mean(axis=0)
        return centre

    one, other = overlapping_scenes(4000, seed=1), overlapping_scenes(4000, seed=2)
    assert not np.array_equal(one.x, other.x)
    assert np.abs(mean(one) - mean(other)).max() < 2


@pytest.mark.parametrize("wrong", [{"n_rounds": 0}, {"nights": ()}, {"messages": (3, 0)}])
def test_sizes_are_positive(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=f"{next(iter(wrong))} must be at least 1"):
        replace(QUICK, **wrong)  # type: ignore[arg-type]


def test_many_devices_are_timed_once() -> None:
    sizes = Sizes(n_rounds=9, n_night_rounds=4, many=100)
    assert [sizes.rounds_of(n) for n in (None, 99, 100)] == [9, 4, 1]
