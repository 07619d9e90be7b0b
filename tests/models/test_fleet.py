from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import nn

from fedasc.errors import SettingsError
from fedasc.models import fleet_torch, rows
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.fleet import Job, train_fleet
from fedasc.models.inputs import Inputs, inputs_of
from fedasc.models.passes import Rehearsed
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings, Keep, train
from tests.models.test_training import blobs, once, task
from tests.worlds import same_classifier

BATCHED = "cpu:0"
TOLERANCE = 1e-4
"""What PyTorch's batches are held to, after a few epochs."""
N_SEEDS = 40

KNOWN = blobs(60, seed=50)

Accuracies = NDArray[np.float64]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full blocks take a CPU seconds."""
    monkeypatch.setattr(fleet_torch, "N_TOGETHER", 4)
    monkeypatch.setattr(fleet_torch, "_N_JUDGED", 16)


def job(n_samples: int, seed: int, *, start: EmbeddedClassifier | None = None) -> Job:
    samples = TrainingSet(blobs(n_samples, seed=seed), blobs(40 + seed, seed=100 + seed))
    return Job(samples, np.random.SeedSequence(seed), start)


def jobs(inputs: Inputs = "sequence") -> list[Job]:
    """Whole batches of 16, a smaller last one, one sample too many, less than a batch, one step."""
    started = train(once(n_epochs=1, inputs=inputs), task(), seed=np.random.SeedSequence(9))
    return [
        *(job(n, seed) for seed, n in enumerate((64, 40, 33, 9, 2))),
        job(50, 5, start=started),
        *(replace(job(n, 6 + n), rehearsed=Rehearsed(KNOWN, 0.4)) for n in (30, 1, 0)),
        replace(job(20, 7), rehearsed=Rehearsed(KNOWN)),
    ]


def assert_alike(
    found: Sequence[EmbeddedClassifier],
    expected: Sequence[EmbeddedClassifier],
    tolerance: float,
) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        for name, array in one.arrays().items():
            np.testing.assert_allclose(
                array, other.arrays()[name], rtol=tolerance, atol=tolerance, err_msg=name
            )


@pytest.mark.bits
def test_on_a_cpu_every_job_is_trained_as_if_alone() -> None:
    settings = once(n_epochs=3, batch_size=16)
    expected = [
        train(settings, j.samples, seed=j.seed, start=j.start, rehearsed=j.rehearsed)
        for j in jobs()
    ]
    for found, alone in zip(train_fleet(settings, jobs()), expected, strict=True):
        assert same_classifier(found, alone)


@pytest.mark.parametrize(("device", "module"), [("cpu", rows), (BATCHED, fleet_torch)])
def test_what_all_rehearse_is_laid_out_once(
    device: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[int] = []

    def noted(x: NDArray[np.float32], inputs: Inputs) -> NDArray[np.float32]:
        laid_out.append(len(x))
        return inputs_of(x, inputs)

    monkeypatch.setattr(module, "inputs_of", noted)
    some = [replace(job(20 + n, n), rehearsed=Rehearsed(KNOWN, 0.4)) for n in range(4)]
    train_fleet(once(n_epochs=1, batch_size=16), some, device=device)
    assert sorted(laid_out) == [20, 21, 22, 23, len(KNOWN)]


@pytest.mark.parametrize(
    "settings",
    [
        once(n_epochs=1, batch_size=16, keep="last", dropout=0.0),
        once(n_epochs=5, batch_size=16, keep="last", dropout=0.3),
        once(n_epochs=5, batch_size=16, keep="mean", n_averaged=3),
        once(n_epochs=5, batch_size=16, keep="mean", n_averaged=9),
        once(n_epochs=8, batch_size=16, keep="best", learning_rate=0.05),
        once(n_epochs=3, batch_size=16, standardisation="exact"),
        once(n_epochs=3, batch_size=16, n_restarts=3),
        once(n_epochs=8, batch_size=16, keep="best", learning_rate=0.05, inputs="statistics"),
        once(n_epochs=3, batch_size=16, standardisation="exact", inputs="statistics"),
    ],
    ids=[
        *("plain", "dropout", "mean", "mean of all", "best", "exact", "restarts"),
        *("best by statistics", "exact statistics"),
    ],
)
def test_batched_training_agrees_with_the_compiled_loops(settings: EmbeddedSettings) -> None:
    fleet = jobs(settings.inputs)
    batched = train_fleet(settings, fleet, device=BATCHED)
    assert_alike(batched, train_fleet(settings, fleet), TOLERANCE)


def test_batched_training_counts_samples_by_their_weights() -> None:
    rng = np.random.default_rng(0)
    plain = blobs(50, seed=1)
    beliefs = rng.dirichlet(np.ones(4), size=50).astype(np.float32)
    samples = Samples(plain.x, plain.scene, beliefs).weighted(rng.uniform(0, 3, size=50))
    weighted = [Job(TrainingSet(samples, plain), np.random.SeedSequence(0))]
    settings = once(n_epochs=5, batch_size=16)
    batched = train_fleet(settings, weighted, device=BATCHED)
    assert_alike(batched, train_fleet(settings, weighted), TOLERANCE)


@pytest.mark.parametrize("batch_size", [16, 256])
@pytest.mark.parametrize("keep", ["best", "mean"])
def test_batched_training_is_the_same_up_to_rounding_whoever_trains_along(
    keep: Keep, batch_size: int
) -> None:
    fleet = jobs()
    settings = once(n_epochs=4, keep=keep, batch_size=batch_size, n_restarts=2)
    together = train_fleet(settings, fleet, device=BATCHED)
    backwards = train_fleet(settings, fleet[::-1], device=BATCHED)[::-1]
    alone = [train_fleet(settings, [each], device=BATCHED)[0] for each in fleet]
    assert_alike(together, backwards, TOLERANCE)
    assert_alike(together, alone, TOLERANCE)


@pytest.mark.parametrize("device", ["cpu", BATCHED])
def test_leaves_seeds_and_starts_as_they_are(device: str) -> None:
    settings = once(n_epochs=1, batch_size=16, n_restarts=2)
    fleet = jobs()
    once_more = [train_fleet(settings, fleet, device=device) for _ in range(2)]
    assert all(map(same_classifier, *once_more))


@pytest.mark.parametrize("device", ["cpu", BATCHED])
def test_no_jobs_are_soon_done(device: str) -> None:
    assert train_fleet(once(), [], device=device) == []


@pytest.mark.parametrize("device", ["meat", "cuda:99"])
def test_refuses_a_device_that_isnt_there(device: str) -> None:
    with pytest.raises(SettingsError, match="device"):
        train_fleet(once(), jobs(), device=device)


def accuracies_of_pytorch(settings: EmbeddedSettings, samples: TrainingSet) -> Accuracies:
    """Of one module after another, everything by PyTorch itself, with its own draws."""
    x, scene = (torch.from_numpy(a) for a in (samples.training.x, samples.training.scene))
    found = []
    for seed in range(N_SEEDS):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = nn.Sequential(
                nn.BatchNorm1d(45),
                nn.Linear(45, 9),
                nn.ReLU(),
                nn.Dropout(settings.dropout),
                nn.Linear(9, 4),
            )
            optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
            for _ in range(settings.n_epochs):
                for rows in torch.split(torch.randperm(len(x)), settings.batch_size):
                    optimiser.zero_grad()
                    loss = nn.functional.cross_entropy(network(x[rows]), scene[rows])
                    torch.autograd.backward(loss)
                    optimiser.step()
        with torch.inference_mode():
            scores = network.eval()(torch.from_numpy(samples.validation.x))
        found.append(samples.validation.accuracy(scores.argmax(dim=1).numpy()))
    return np.array(found)


def accuracies(settings: EmbeddedSettings, samples: TrainingSet, device: str) -> Accuracies:
    fleet = [Job(samples, np.random.SeedSequence(seed)) for seed in range(N_SEEDS)]
    return np.array(
        [
            samples.validation.accuracy(each.predict(samples.validation.x))
            for each in train_fleet(settings, fleet, device=device)
        ]
    )


@pytest.fixture(scope="module")
def hard_task() -> TrainingSet:
    return TrainingSet(blobs(320, seed=1, distance=1.2), blobs(4000, seed=2, distance=1.2))


SCHEDULE = once(n_epochs=20, batch_size=32, keep="last", dropout=0.2)
LEVEL = 0.05


@pytest.fixture(scope="module")
def by_pytorch(hard_task: TrainingSet) -> Accuracies:
    return accuracies_of_pytorch(SCHEDULE, hard_task)


def p_value(one: Accuracies, other: Accuracies) -> float:
    """That differences like these come by chance (Kolmogorov and Smirnov)."""
    return float(stats.ks_2samp(one, other).pvalue)


@pytest.mark.parametrize("device", ["cpu", BATCHED])
def test_accuracies_are_distributed_as_those_of_pytorch_modules_trained_alone(
    device: str, hard_task: TrainingSet, by_pytorch: Accuracies
) -> None:
    assert 0.4 < by_pytorch.mean() < 0.7, "the task must be neither hopeless nor solved"
    assert p_value(accuracies(SCHEDULE, hard_task, device), by_pytorch) > LEVEL


@pytest.mark.parametrize(
    "other",
    [{"learning_rate": 0.004}, {"dropout": 0.0}, {"n_epochs": 13}, {"batch_size": 128}],
    ids=str,
)
def test_that_comparison_tells_other_schedules_apart(
    other: dict[str, Any], hard_task: TrainingSet, by_pytorch: Accuracies
) -> None:
    changed = EmbeddedSettings(**{**vars(SCHEDULE), **other})
    assert p_value(accuracies(changed, hard_task, "cpu"), by_pytorch) < LEVEL
