import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fedasc.errors import SettingsError
from fedasc.experiments.preset import read_preset
from fedasc.models.dropout import draw_key, draws, epoch_words, threshold
from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.models.inputs import statistics
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings, train
from tests.models.test_embedded import in_torch
from tests.worlds import same_classifier


def once(**settings: Any) -> EmbeddedSettings:
    return EmbeddedSettings(**{"inputs": "sequence", "n_restarts": 1, **settings})


def blobs(n_samples: int, *, seed: int, distance: float = 1.0) -> Samples:
    """Four clouds around the corners of a simplex, far from the origin as features in dB are."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(4, size=n_samples)
    x = rng.normal(-20, 5, size=(n_samples, 45))
    x[np.arange(n_samples), scene] += 5 * distance
    return Samples(x.astype(np.float32), scene)


def task(n_samples: int = 200, *, distance: float = 1.0) -> TrainingSet:
    return TrainingSet(
        blobs(n_samples, seed=1, distance=distance), blobs(100, seed=2, distance=distance)
    )


def trained(settings: EmbeddedSettings, samples: TrainingSet, seed: int = 0) -> EmbeddedClassifier:
    return train(settings, samples, seed=np.random.SeedSequence(seed))


def trained_in_torch(settings: EmbeddedSettings, samples: TrainingSet) -> nn.Sequential:
    """The same schedule by PyTorch's layers, gradients and Adam, with the same draws."""
    rng = np.random.default_rng(np.random.SeedSequence(0))
    network = in_torch(initial(rng)).train()
    first, output = network[:3], network[3]
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    x, scene = torch.from_numpy(samples.training.x), torch.from_numpy(samples.training.scene)
    key = draw_key(rng)
    for epoch in range(settings.n_epochs):
        order = torch.from_numpy(rng.permutation(len(x)))
        places = torch.arange(len(x))
        drawn = draws(epoch_words(key, epoch), places[:, None], torch.arange(9))
        kept = drawn >= threshold(settings.dropout)
        for at in torch.split(places, settings.batch_size):
            if len(at) == 1:
                continue
            rows = order[at]
            hidden = first(x[rows]) * kept[at] / (1 - settings.dropout)
            optimiser.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(output(hidden), scene[rows]))
            optimiser.step()
    return network.eval()


@pytest.mark.parametrize("dropout", [0.0, 0.05, 0.5])
@pytest.mark.parametrize(
    "n_samples",
    [
        pytest.param(128, id="whole batches"),
        pytest.param(100, id="a smaller last batch"),
        pytest.param(97, id="a last sample left out"),
    ],
)
def test_trains_as_pytorch_does(n_samples: int, dropout: float) -> None:
    settings = once(n_epochs=20, batch_size=32, dropout=dropout, keep="last")
    samples = task(n_samples)
    found, expected = trained(settings, samples), trained_in_torch(settings, samples)
    norm = expected[0]
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    np.testing.assert_allclose(found.mean, norm.running_mean.numpy(), rtol=1e-5)
    np.testing.assert_allclose(found.variance, norm.running_var.numpy(), rtol=1e-4)
    with torch.inference_mode():
        logits = expected(torch.from_numpy(samples.validation.x)).numpy()
    np.testing.assert_allclose(found.logits(samples.validation.x), logits, atol=1e-3)


def test_learns_what_can_be_told_apart() -> None:
    samples = task(600, distance=5)
    found = trained(once(n_epochs=40), samples)
    assert samples.validation.accuracy(found.predict(samples.validation.x)) > 0.95


def test_keeps_the_epoch_that_is_best_on_the_validation_samples() -> None:
    samples, n_epochs = task(60), 15
    settings = once(n_epochs=n_epochs, batch_size=16, learning_rate=0.05, keep="best")
    epochs = [
        trained(replace(settings, n_epochs=n, keep="last"), samples) for n in range(1, n_epochs + 1)
    ]
    accuracies = [samples.validation.accuracy(c.predict(samples.validation.x)) for c in epochs]
    best = max(range(n_epochs), key=lambda epoch: (accuracies[epoch], epoch))
    assert best < n_epochs - 1, "the task must not be best at its end"
    assert same_classifier(trained(settings, samples), epochs[best])


def test_keeps_the_mean_of_the_last_epochs() -> None:
    samples = task(60)
    settings = once(n_epochs=6, batch_size=16, keep="mean", n_averaged=3)
    last = [trained(replace(settings, n_epochs=n, keep="last"), samples) for n in (4, 5, 6)]
    found = trained(settings, samples)
    for name, array in found.arrays().items():
        mean = np.mean([classifier.arrays()[name] for classifier in last], axis=0)
        np.testing.assert_allclose(array, mean, rtol=1e-5, atol=1e-7)
    every = trained(replace(settings, n_averaged=100), samples)
    assert not same_classifier(every, found)


def test_exact_standardisation_is_that_of_the_training_samples() -> None:
    samples = task(97)
    settings = once(n_epochs=3, batch_size=16)
    running, exact = (
        trained(replace(settings, standardisation=kind), samples) for kind in ("running", "exact")
    )
    np.testing.assert_allclose(exact.mean, samples.training.x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(exact.variance, samples.training.x.var(axis=0), rtol=1e-4)
    assert not np.allclose(running.mean, exact.mean, rtol=1e-4)
    np.testing.assert_array_equal(exact.hidden_weights, running.hidden_weights)


def test_restarts_keep_the_one_that_is_best_on_the_validation_samples() -> None:
    samples = task(60)
    settings = once(n_epochs=2, batch_size=16, n_restarts=4)
    found = trained(settings, samples)
    children = [np.random.SeedSequence(0, spawn_key=(n,)) for n in range(4)]
    tries = [train(replace(settings, n_restarts=1), samples, seed=child) for child in children]
    accuracies = [samples.validation.accuracy(c.predict(samples.validation.x)) for c in tries]
    assert len(set(accuracies)) > 1
    assert same_classifier(found, tries[int(np.argmax(accuracies))])


def test_goes_on_from_a_classifier() -> None:
    settings = once(n_epochs=1, batch_size=50, keep="last", learning_rate=1e-9)
    samples = task(100)
    start = trained(once(n_epochs=5), samples, seed=3)
    found = train(settings, samples, seed=np.random.SeedSequence(0), start=start)
    np.testing.assert_allclose(found.hidden_weights, start.hidden_weights, atol=1e-6)
    fresh = train(settings, samples, seed=np.random.SeedSequence(0))
    assert (found.mean < start.mean).all(), "the statistics go on towards the samples' -20 dB"
    assert (found.mean < fresh.mean).all()


def test_learns_from_statistics_what_it_would_from_such_inputs() -> None:
    samples = task(100)
    given = TrainingSet(
        *(replace(some, x=statistics(some.x)) for some in (samples.training, samples.validation))
    )
    for how in ({"keep": "best"}, {"standardisation": "exact"}):
        settings = once(n_epochs=4, batch_size=16, inputs="statistics", **how)
        found = trained(settings, samples)
        expected = trained(replace(settings, inputs="sequence"), given)
        assert same_classifier(found, expected)
        assert (found.inputs, expected.inputs) == ("statistics", "sequence")


def test_goes_on_from_no_classifier_of_other_inputs() -> None:
    start = trained(once(n_epochs=1), task())
    with pytest.raises(ValueError, match="a start with statistics as inputs, got sequence"):
        train(
            once(n_epochs=1, inputs="statistics"),
            task(),
            seed=np.random.SeedSequence(0),
            start=start,
        )


PAPERS = "a70ad20fb8e1d963"
"""Of the numbers that `test_the_papers_training_never_changes` had before there were statistics."""


@pytest.mark.bits
def test_the_papers_training_never_changes() -> None:
    def quiet(n_samples: int, seed: int) -> Samples:
        x = np.random.default_rng(seed).integers(-400, 0, (n_samples, 45)).astype(
            np.float32
        ) * np.float32(1 / 8)
        scene = np.arange(n_samples) % 4
        x[np.arange(n_samples), scene] += 25
        return Samples(x, scene)

    settings = replace(read_preset("method")[0].embedded, n_epochs=20)
    found = trained(settings, TrainingSet(quiet(300, 1), quiet(60, 2)), seed=3)
    numbers = b"".join(array.tobytes() for array in found.arrays().values())
    assert blake2b(numbers, digest_size=8).hexdigest() == PAPERS


def test_a_sample_counts_by_its_weight_and_for_every_scene_that_it_may_be() -> None:
    """Twice the weight is what the same sample does when it is there twice."""
    settings = once(n_epochs=1, batch_size=100, keep="last", dropout=0.0)
    samples = task(100)
    plain = trained(settings, samples)
    halves = Samples(
        samples.training.x, samples.training.scene, samples.training.targets() / np.float32(2)
    )
    doubled = TrainingSet(halves.weighted(2.0), samples.validation)
    assert same_classifier(trained(settings, doubled), plain)
    undecided = np.full((100, 4), 0.25, np.float32)
    blurred = TrainingSet(
        Samples(samples.training.x, samples.training.scene, undecided), samples.validation
    )
    long = replace(settings, n_epochs=200, learning_rate=0.01)
    spread = np.ptp(trained(long, blurred).logits(samples.training.x), axis=1)
    assert (
        spread.max() < 0.5 < np.ptp(trained(long, samples).logits(samples.training.x), axis=1).max()
    )


@pytest.mark.bits
def test_same_seed_is_bitwise_the_same_also_in_threads_side_by_side() -> None:
    settings, samples = once(n_epochs=30), task()
    alone = [trained(settings, samples, seed) for seed in range(4)]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda seed: trained(settings, samples, seed), range(4)))
    assert all(map(same_classifier, alone, together))


IN_ANOTHER_PROCESS = """
import sys
from tests.models.test_training import once, task, trained
classifier = trained(once(n_epochs=20, batch_size=50), task())
sys.stdout.write(b"".join(array.tobytes() for array in classifier.arrays().values()).hex())
"""


def test_is_bitwise_the_same_on_a_machine_with_the_least_of_instructions(tmp_path: Path) -> None:
    """Without wide vectors, and without fused multiplications and additions."""
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    found = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **plain},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    here = trained(once(n_epochs=20, batch_size=50), task())
    assert found == b"".join(array.tobytes() for array in here.arrays().values()).hex()


@pytest.mark.parametrize("dropout", [0.0, 0.05])
def test_another_seed_gives_another_classifier(dropout: float) -> None:
    settings, samples = once(n_epochs=2, dropout=dropout), task()
    assert not same_classifier(trained(settings, samples, 0), trained(settings, samples, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_epochs": 0},
        {"batch_size": 1},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"learning_rate": 0.0},
        {"n_averaged": 0},
        {"n_restarts": 0},
        {"keep": "x"},
        {"inputs": "x"},
        {"standardisation": "x"},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, float | str]) -> None:
    with pytest.raises(SettingsError, match="embedded"):
        EmbeddedSettings(**wrong)  # type: ignore[arg-type]
