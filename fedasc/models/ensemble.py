"""A teacher that doesn't mind the order of the five vectors: boosted trees and an SVM."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.models.forest import Forest
from fedasc.models.labelling import (
    CPU,
    five_ranked,
    in_blocks,
    labelling,
    mean_in_order,
    usable,
)
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.support_vectors import SupportVectors
from fedasc.models.teacher import TeacherSettings, Training
from fedasc.models.teacher_training import in_turn
from fedasc.progress import Progress, quiet

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import HistGradientBoostingClassifier

_LABELLED_AT_ONCE = 1024
_FOREST, _MACHINE = "forest", "machine"


@dataclass(frozen=True, kw_only=True)
class EnsembleSettings(TeacherSettings):
    """Settings of the ensemble.

    Args:
        n_trees: Boosting iterations.
        tree_rate: Learning rate of the boosting.
        n_leaves: Leaves of each tree at most.
        tree_regularisation: L2 penalty on the leaves.
        svm_penalty: C of the support vector machine, with a radial kernel.
    """

    n_trees: int = 200
    tree_rate: float = 0.05
    n_leaves: int = 15
    tree_regularisation: float = 1.0
    svm_penalty: float = 3.0

    def __post_init__(self) -> None:
        check_finite(self, section="ensemble")
        if self.n_trees < 1 or self.n_leaves < 2 or self.tree_rate <= 0 or self.svm_penalty <= 0:
            raise SettingsError("ensemble: counts, rates and penalties must be positive")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "EnsembleTeacher":
        """Train both members; the validation samples are not used."""
        teacher: EnsembleTeacher = in_turn(self.training(samples, seed=seed), progress)
        return teacher

    def training(self, samples: TrainingSet, *, seed: int) -> Training:
        """A part for each member."""
        return Training(
            [
                partial(self.fit_trees, samples.training, seed=seed),
                partial(self.fit_machine, samples.training),
            ],
            lambda fitted: EnsembleTeacher(Forest.of(fitted[0]), SupportVectors.of(fitted[1])),
        )

    def fit_trees(self, samples: Samples, *, seed: int) -> "HistGradientBoostingClassifier":
        """One member as scikit-learn's own model, for the `order_free` of x."""
        from sklearn.ensemble import HistGradientBoostingClassifier  # who labels needs none

        trees = HistGradientBoostingClassifier(
            max_iter=self.n_trees,
            learning_rate=self.tree_rate,
            max_leaf_nodes=self.n_leaves,
            l2_regularization=self.tree_regularisation,
            early_stopping=False,
            random_state=seed,
        )
        with threadpool_limits(1):
            return trees.fit(np.ascontiguousarray(order_free(samples.x)), samples.scene)

    def fit_machine(self, samples: Samples) -> "CalibratedClassifierCV":
        """The other one, likewise."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        from fedasc.models.kernel_machine import KernelMachine

        inputs = np.ascontiguousarray(order_free(samples.x))
        machine = CalibratedClassifierCV(
            make_pipeline(
                StandardScaler(), KernelMachine(C=self.svm_penalty, gamma=1 / inputs.shape[1])
            ),
            ensemble=False,
        )
        with threadpool_limits(1):
            return machine.fit(inputs, samples.scene)

    def load(self, path: Path) -> "EnsembleTeacher":
        """Read a teacher's arrays; nothing in the file is run as code."""
        if not path.is_file():
            raise SettingsError(f"{path}: no such teacher file")
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                return EnsembleTeacher(
                    Forest(**_of_part(content, _FOREST)),
                    SupportVectors(**_of_part(content, _MACHINE)),
                )
        except Exception as error:  # whatever reading something else may raise
            raise SettingsError(
                f"{path}: not an ensemble teacher written by this version of fedasc; see --teacher"
            ) from error


@dataclass(frozen=True)
class EnsembleTeacher:
    """Mean of its members' probabilities.

    They differ from those of scikit-learn's models by less than 1e-4; see `Forest` and
    `SupportVectors`. A sample's are the same to the last bit whatever it is labelled together with.
    The trees stay on the CPU wherever the machine is.
    """

    forest: Forest
    machine: SupportVectors

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        if self.machine.device == CPU:
            return in_blocks(self._label, x, _LABELLED_AT_ONCE, filled=False)
        with labelling():
            return in_blocks(self._label, x, _LABELLED_AT_ONCE)

    def _label(self, x: NDArray[Any]) -> FloatArray:
        inputs = order_free(x)
        mean: FloatArray = (
            self.forest.probabilities(inputs) + self.machine.probabilities(inputs)
        ) / 2
        return mean

    def on(self, device: str) -> "EnsembleTeacher":
        return replace(self, machine=self.machine.on(usable(device)))

    def save(self, path: Path) -> None:
        parts: dict[str, Forest | SupportVectors] = {
            _FOREST: self.forest,
            _MACHINE: self.machine,
        }
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                **{
                    f"{name}.{field.name}": getattr(part, field.name)
                    for name, part in parts.items()
                    for field in fields(part)
                    if field.name != "device"
                },
            )


def _of_part(content: Mapping[str, NDArray[Any]], part: str) -> dict[str, Any]:
    """The arrays of a part in a file, and its numbers as numbers."""
    arrays = {name: content[name] for name in content if name.startswith(f"{part}.")}
    return {
        name.removeprefix(f"{part}."): array if array.ndim else array.item()
        for name, array in arrays.items()
    }


def order_free(x: NDArray[Any]) -> FloatArray:
    """Statistics of the five vectors that don't depend on their order.

    Args:
        x: (n_samples, 5 · n_features)

    Returns:
        (n_samples, 7 · n_features): mean, standard deviation, and the five values in rising order;
        stored by column.
    """
    n_features = x.shape[1] // VECTORS_PER_SEQUENCE
    values = np.ascontiguousarray(x.T, np.float64).reshape(VECTORS_PER_SEQUENCE, n_features, -1)
    statistics = np.empty(((2 + VECTORS_PER_SEQUENCE) * n_features, len(x)))
    mean, deviation = statistics[:n_features], statistics[n_features : 2 * n_features]
    mean[:] = mean_in_order(values)
    np.sqrt(mean_in_order(np.square(values - mean)), out=deviation)
    ranked = five_ranked(values, np.minimum, np.maximum)
    np.concatenate(ranked, out=statistics[2 * n_features :])
    return statistics.T
