"""Training C1: fedasc, and one PyTorch module after another."""

from collections.abc import Iterator

import numpy as np

from benchmarks.module import in_index_batches, with_a_data_loader
from benchmarks.operations import training_flops
from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Way, whole
from fedasc.models.embedded import N_INPUTS
from fedasc.models.fleet import Job, train_fleet
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings
from fedasc.scenes import N_SCENES

_TOLERANCE = 0.03
_SPREAD_DB = 10.0
_APART_DB = 3.0


def stages(sizes: Sizes) -> Iterator[Stage]:
    """Classifiers of so many epochs on the same samples; the last epoch's weights count."""
    settings = EmbeddedSettings(
        inputs="sequence", n_epochs=sizes.n_epochs, keep="last", n_restarts=1
    )
    samples = training_set(sizes.n_samples)
    n_trained = sizes.n_trained
    flops = training_flops(settings, sizes.n_samples)

    def by_fedasc() -> float:
        seeds = np.random.SeedSequence(1).spawn(n_trained)
        trained = train_fleet(settings, [Job(samples, seed) for seed in seeds])
        validation = samples.validation
        predicted = [classifier.predict(validation.x) for classifier in trained]
        return float(np.mean([validation.accuracy(scenes) for scenes in predicted]))

    yield Stage(
        name="training",
        work=(
            f"{sizes.n_epochs} epochs on {sizes.n_samples:,} samples in batches of "
            f"{settings.batch_size}"
        ),
        unit="devices",
        ways=(
            Way(
                name="fedasc",
                amount=n_trained,
                run=whole(by_fedasc),
                flops=n_trained * flops,
            ),
            Way(
                name="PyTorch module",
                amount=1,
                run=whole(lambda: in_index_batches(settings, samples)),
                flops=flops,
            ),
            Way(
                name="PyTorch DataLoader",
                amount=1,
                run=whole(lambda: with_a_data_loader(settings, samples)),
                flops=flops,
            ),
        ),
        agreement=accuracies_agree(_TOLERANCE),
        per_device=1,
    )


def accuracies_agree(tolerance: float) -> Agreement:
    """Results are accuracies on the same validation samples."""
    return Agreement(
        deviation=lambda ours, others: abs(ours - others),
        tolerance=tolerance,
        measure="difference of the accuracies",
    )


def training_set(n_samples: int, *, seed: int = 1) -> TrainingSet:
    """So many samples to learn from, and a third as many to validate with."""
    samples = overlapping_scenes(n_samples + n_samples // 3, seed=seed)
    return TrainingSet(samples[:n_samples], samples[n_samples:])


def overlapping_scenes(n_samples: int, *, seed: int) -> Samples:
    """Scenes that can be told apart most of the time; centres are the same for every seed."""
    centres = np.random.default_rng(0).normal(-20, _APART_DB, size=(N_SCENES, N_INPUTS))
    rng = np.random.default_rng(seed)
    scene = rng.integers(N_SCENES, size=n_samples)
    x = rng.normal(centres[scene], _SPREAD_DB).astype(np.float32)
    return Samples(x, scene)
