from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings, train
from tests.models.test_embedded import in_torch
from tests.worlds import same_classifier


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
    for _ in range(settings.n_epochs):
        order = torch.from_numpy(rng.permutation(len(x)))
        for rows in torch.split(order, settings.batch_size):
            if len(rows) == 1:
                continue
            hidden = first(x[rows])
            if settings.dropout:
                kept = settings.dropout <= rng.random((9, len(rows))).T
                hidden = hidden * torch.tensor(kept) / (1 - settings.dropout)
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
    settings = EmbeddedSettings(n_epochs=20, batch_size=32, dropout=dropout, keep="last")
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
    found = trained(EmbeddedSettings(n_epochs=40), samples)
    assert samples.validation.accuracy(found.predict(samples.validation.x)) > 0.95


def test_keeps_the_epoch_that_is_best_on_the_validation_samples() -> None:
    samples, n_epochs = task(60), 15
    settings = EmbeddedSettings(
        n_epochs=n_epochs, batch_size=16, learning_rate=0.05, keep="best"
    )
    epochs = [
        trained(replace(settings, n_epochs=n, keep="last"), samples)
        for n in range(1, n_epochs + 1)
    ]
    accuracies = [samples.validation.accuracy(c.predict(samples.validation.x)) for c in epochs]
    best = max(range(n_epochs), key=lambda epoch: (accuracies[epoch], epoch))
    assert best < n_epochs - 1, "the task must not be best at its end"
    assert same_classifier(trained(settings, samples), epochs[best])


def test_same_seed_is_bitwise_the_same_also_in_threads_side_by_side() -> None:
    settings, samples = EmbeddedSettings(n_epochs=30), task()
    alone = [trained(settings, samples, seed) for seed in range(4)]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda seed: trained(settings, samples, seed), range(4)))
    assert all(map(same_classifier, alone, together))


@pytest.mark.parametrize("dropout", [0.0, 0.05])
def test_another_seed_gives_another_classifier(dropout: float) -> None:
    settings, samples = EmbeddedSettings(n_epochs=2, dropout=dropout), task()
    assert not same_classifier(trained(settings, samples, 0), trained(settings, samples, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_epochs": 0},
        {"batch_size": 1},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"learning_rate": 0.0},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="embedded"):
        EmbeddedSettings(**wrong)  # type: ignore[arg-type]
