"""Labelling: the teacher as fedasc asks it, and its members as their own libraries ask them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.svm import SVC

from benchmarks.operations import layer_flops
from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Way, whole
from benchmarks.timed_world import timed_settings, timed_world
from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.errors import SettingsError
from fedasc.models.committee import CommitteeTeacher, member_of
from fedasc.models.deep_sets import DeepSetsTeacher
from fedasc.models.ensemble import EnsembleSettings, EnsembleTeacher, order_free
from fedasc.models.teacher import TeacherSettings
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose
from fedasc.world import World

_TOLERANCE = 1e-3


def stages(sizes: Sizes, *, progress: Progress = quiet) -> Iterator[Stage]:
    """Samples of several devices, drawn from what the server knows."""
    world = timed_world(sizes, progress=progress)
    server = world.server
    plain = PlainTeacher.of(world, timed_settings(sizes).teacher)
    rng = np.random.default_rng(1)
    n_devices = sizes.n_labelling
    flops = layer_flops(plain.layers(), n_devices * sizes.n_labelled)
    x = server.everything.sample(n_devices * sizes.n_labelled, rng=rng)

    def asked_one_device_at_a_time() -> NDArray[np.int64]:
        each = np.split(x, n_devices)
        return np.concatenate([plain.probabilities(one).argmax(axis=1) for one in each])

    yield Stage(
        name="labelling",
        work=(
            f"{sizes.n_labelled:,} samples of each of {n_devices} devices by the committee, "
            f"learnt from {4 * sizes.training_sets.comprehensive:,}"
        ),
        unit="samples",
        ways=(
            Way(
                name="fedasc",
                amount=len(x),
                run=whole(lambda: server.teacher.probabilities(x).argmax(axis=1)),
                flops=flops,
            ),
            Way(
                name="scikit-learn+torch",
                amount=len(x),
                run=whole(asked_one_device_at_a_time),
                flops=flops,
            ),
        ),
        agreement=Agreement(
            deviation=lambda ours, others: float(np.mean(ours != others)),
            tolerance=_TOLERANCE,
            measure="share of other labels",
        ),
        per_device=sizes.n_labelled,
    )


@dataclass(frozen=True)
class PlainTeacher:
    """A teacher whose members are asked through scikit-learn and PyTorch themselves.

    Args:
        trees: scikit-learn's boosted trees.
        machine: scikit-learn's support vector machine, scaled and calibrated.
        networks: PyTorch modules.
    """

    trees: Any
    machine: Any
    networks: tuple[Any, ...]

    @classmethod
    def of(cls, world: World, settings: TeacherSettings) -> "PlainTeacher":
        """The members of a world's committee of an ensemble and of Deep Sets.

        Args:
            settings: Of the committee; the ensemble's models are fitted once more as they were.

        Raises:
            SettingsError: If the world's teacher is another one.
        """
        teacher = world.server.teacher
        members = list(teacher.members.values()) if isinstance(teacher, CommitteeTeacher) else []
        ensemble = member_of(settings, EnsembleSettings)
        has_ensemble = any(isinstance(one, EnsembleTeacher) for one in members)
        deep_sets = next((one for one in members if isinstance(one, DeepSetsTeacher)), None)
        if not (ensemble and has_ensemble and deep_sets):
            raise SettingsError("labelling: expected a committee of an ensemble and of deep_sets")
        samples = world.server.comprehensive_set.training
        seed = world.scenario.streams.integer(Purpose.TEACHER_TRAINING)
        trees, machine = ensemble.fit_trees(samples, seed=seed), ensemble.fit_machine(samples)
        for fitted in machine.calibrated_classifiers_:
            fitted.estimator[-1].__class__ = SVC  # whose decision function is libsvm's
        networks = tuple(weights.network() for weights in deep_sets.networks)
        return cls(trees, machine, networks)

    def layers(self) -> list[tuple[int, ...]]:
        """Shapes of the networks' weights, of the layers for each vector one for each of them."""
        return [
            tuple(weight.shape)
            for network in self.networks
            for layers, n_times in ((network.each, VECTORS_PER_SEQUENCE), (network.all, 1))
            for weight in n_times * list(layers.parameters())
            if weight.ndim == 2
        ]

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        """(n_samples, 4) mean over both kinds of teachers."""
        inputs = order_free(x)
        ensemble = (self.trees.predict_proba(inputs) + self.machine.predict_proba(inputs)) / 2
        with torch.inference_mode():
            features = torch.from_numpy(np.ascontiguousarray(x, np.float32))
            logits = [network(features).double() for network in self.networks]
            deep_sets = torch.stack(logits).softmax(dim=2).mean(dim=0).numpy()
        mean: FloatArray = (ensemble + deep_sets) / 2
        return mean

    def on(self, device: str) -> "PlainTeacher":
        """Where it is."""
        return self

    def save(self, path: Path) -> None:
        """Nobody keeps it."""
        raise NotImplementedError
