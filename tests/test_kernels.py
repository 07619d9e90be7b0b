"""What decides a number is the same to the last bit whichever kernels libraries choose."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.audio import FloatArray
from fedasc.evaluation.diagnosis import energy_distance, two_sample_test
from fedasc.evaluation.distances import Cloud
from fedasc.models.calibration import calibrated
from fedasc.models.distillation import distilled
from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.student import Student
from fedasc.models.student_settings import StudentSettings
from fedasc.seeds import Streams
from fedasc.server import Server
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.fedavg import FedAvgStrategy, Robust
from fedasc.strategies.memory import Memory
from fedasc.strategies.plausible import _Near
from fedasc.strategies.regression import log_odds
from fedasc.strategies.rehearsal import nearest
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.sketch import sketches
from tests.kernels import environments, printed

N_FEATURES = 45
TONIGHT = RoundContext(streams=Streams(7))

# What quantities are computed from is made by sums, products and roots of single numbers, or by
# NumPy's generators, none of which minds kernels.


def samples(n: int, *, seed: int, centre: float = 0.0) -> Samples:
    """Features that vary together."""
    rng = np.random.default_rng(seed)
    x = centre + rng.standard_normal((n, N_FEATURES)) + rng.standard_normal((n, 1))
    return Samples((5 * x).astype(np.float32), rng.integers(4, size=n))


def mixture(seed: int, *, kind: str) -> Mixture:
    """One whose covariances are diagonal, full, or one for all components (tied)."""
    rng = np.random.default_rng(seed)
    means = 5 * rng.standard_normal((4, N_FEATURES)).astype(np.float32)
    variances = rng.uniform(1, 9, size=(4, N_FEATURES)).astype(np.float32)
    direction = rng.standard_normal((4, N_FEATURES)).astype(np.float32)
    full = direction[:, :, None] * direction[:, None, :] + variances[:, :, None] * np.eye(
        N_FEATURES, dtype=np.float32
    )
    covariances = {"diagonal": variances, "full": full, "tied": full[:1]}[kind]
    return Mixture(np.full(4, 0.25, np.float32), means, covariances)


def classifier(seed: int, *, size: float = 1.0) -> EmbeddedClassifier:
    rng = np.random.default_rng(seed)
    shapes = {name: array.shape for name, array in initial(rng).arrays().items()}
    arrays = {
        name: np.float32(size) * rng.standard_normal(shape, np.float32)
        for name, shape in shapes.items()
    }
    arrays["variance"] = np.square(arrays["variance"])
    return EmbeddedClassifier(**arrays, inputs="statistics")


@dataclass(frozen=True)
class Told:
    """A teacher who was told the probabilities: positive numbers, by their sum."""

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        odds = np.square(x[:, :4].astype(np.float64)) ** 2
        shares: FloatArray = odds / (odds[:, :1] + odds[:, 1:2] + odds[:, 2:3] + odds[:, 3:])
        return shares

    def on(self, device: str) -> "Told":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


def server() -> Server:
    """What a strategy needs of one here: the data, and a teacher who is right mostly."""
    validation = samples(2000, seed=2)
    likeliest = Told().probabilities(validation.x).argmax(axis=1)
    scene = np.where(np.arange(2000) % 4 == 0, validation.scene, likeliest)
    data = TrainingSet(samples(500, seed=1), Samples(validation.x, scene))
    nothing = cast(Any, None)
    return Server(
        baseline_set=data,
        comprehensive_set=data,
        baseline_transfer_set=data,
        comprehensive_transfer_set=data,
        teacher=Told(),
        baseline=classifier(0),
        comprehensive=classifier(1),
        embedded=nothing,
        everything=mixture(99, kind="diagonal"),
        deviations=samples(400, seed=9).x,
    )


def groups(server: Server) -> list[tuple[int, ...]]:
    mixtures = [mixture(seed, kind="diagonal") for seed in range(12)]
    summaries = {device: Summary.of(its, 50) for device, its in enumerate(mixtures)}
    memory = Memory().told(summaries, retention=0)
    tasks = ClusteredStrategy(n_clusters=4, tolerance=1e6).tasks(server, summaries, memory, TONIGHT)
    return [task.devices for task in tasks]


def averaged(server: Server, robust: Robust) -> EmbeddedClassifier:
    """Of large weights that nearly cancel out, so that the order of sums shows when rounded."""
    sizes = [1.0] + [1e9] * 8 + [-1e9] * 8
    trained = [classifier(n % 8, size=size) for n, size in enumerate(sizes)]
    summaries = {n: Summary.of(Weights.of(its), 50 + n % 8) for n, its in enumerate(trained)}
    served = FedAvgStrategy(robust=robust).serve(server, summaries, None, TONIGHT)
    return served.personal[0].classifier


def student(here: Server) -> Student:
    lessons = samples(2000, seed=11)
    beliefs = here.teacher.probabilities(lessons.x).astype(np.float32)
    settings = StudentSettings(hidden=(40, 20), n_steps=30, batch_size=100)
    told = Samples(lessons.x, lessons.scene, beliefs)
    return distilled(settings, told, seed=np.random.SeedSequence(12))


def quantities() -> Mapping[str, Any]:
    here = server()
    x, y = (here.standardised(samples(300, seed=seed).x) for seed in (3, 4))
    many = samples(20_000, seed=6).x
    kinds = ("diagonal", "full", "tied")
    rehearsed = nearest(
        here.comprehensive_set.training, samples(400, seed=5, centre=0.3), tempering=0.5
    )
    test = two_sample_test(x, 1.1 * y, seed=1)
    corrected = {
        f"probabilities by {method}": calibrated(
            here.teacher, method, here.comprehensive_set.validation
        ).probabilities(many)
        for method in ("temperature", "isotonic")
    }
    return {
        "scale": here.scale,
        "axes that devices are told": here.public.axes,
        "scores of a classifier": here.baseline.logits(samples(300, seed=8).x),
        "energy distance": energy_distance(*(Cloud.around(x[0], some) for some in (x, y))),
        "two-sample test": (test.accuracy, test.auc),
        "sketches": sketches(
            [mixture(1, kind=kind) for kind in kinds],
            scale=here.scale,
            rng=np.random.default_rng(1),
        ),
        "groups": [str(group) for group in groups(here)],
        "odds of a regression": log_odds(
            np.concatenate([x, y]), np.arange(len(x) + len(y)) >= len(x), strength=0.1
        ),
        "weights of the nearest": rehearsed.targets(),
        **{
            f"averaged weights, {robust}": np.concatenate(
                [array.ravel() for array in averaged(here, robust).arrays().values()]
            )
            for robust in get_args(Robust)
        },
        "distances from what is near": _Near.of(here, 1.0).distances(many),
        **{f"{name} of a student": its for name, its in student(here).arrays().items()},
        "what a student says": student(here).probabilities(many),
        **corrected,
    }


def digests() -> dict[str, str]:
    return {
        name: blake2b(np.asarray(quantity).tobytes(), digest_size=8).hexdigest()
        for name, quantity in quantities().items()
    }


@cache
def digests_here() -> dict[str, str]:
    return digests()


_CODE = "import json\nfrom tests.test_kernels import digests\nprint(json.dumps(digests()))"


@pytest.mark.parametrize("choice", environments())
def test_no_kernel_decides_a_bit(choice: str) -> None:
    """Every bit of every quantity, here and with other kernels."""
    assert json.loads(printed(_CODE, environments()[choice])) == digests_here()
