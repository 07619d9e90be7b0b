"""A teacher that doesn't mind the order of the five vectors: boosted trees and an SVM."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.errors import SettingsError
from fedasc.models.kernel_machine import KernelMachine
from fedasc.models.samples import TrainingSet
from fedasc.progress import Progress, quiet


@dataclass(frozen=True, kw_only=True)
class EnsembleSettings:
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
        if self.n_trees < 1 or self.n_leaves < 2 or self.tree_rate <= 0 or self.svm_penalty <= 0:
            raise SettingsError("ensemble: counts, rates and penalties must be positive")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "EnsembleTeacher":
        """Train both members; the validation samples are not used."""
        trees = HistGradientBoostingClassifier(
            max_iter=self.n_trees,
            learning_rate=self.tree_rate,
            max_leaf_nodes=self.n_leaves,
            l2_regularization=self.tree_regularisation,
            early_stopping=False,
            random_state=seed,
        )
        inputs = order_free(samples.training.x)
        machine = CalibratedClassifierCV(
            make_pipeline(
                StandardScaler(), KernelMachine(C=self.svm_penalty, gamma=1 / inputs.shape[1])
            ),
            ensemble=False,
        )
        with threadpool_limits(1):
            for n, member in enumerate((trees, machine), start=1):
                member.fit(inputs, samples.training.scene)
                progress("training the teacher", n, 2)
        return EnsembleTeacher((trees, machine))

    def load(self, path: Path) -> "EnsembleTeacher":
        """Read a teacher; the file is a pickle, so it must come from a source to trust."""
        if not path.is_file():
            raise SettingsError(f"{path}: no such teacher file")
        try:
            teacher = joblib.load(path)
        except Exception as error:  # whatever a pickle of something else may raise
            raise SettingsError(f"{path}: not a teacher written by fedasc") from error
        if not isinstance(teacher, EnsembleTeacher):
            raise SettingsError(f"{path}: not an ensemble teacher; see --teacher")
        return teacher


@dataclass(frozen=True)
class EnsembleTeacher:
    """Mean of its members' probabilities."""

    members: tuple[Any, ...]

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        inputs = order_free(x)
        mean: FloatArray = np.mean(
            [member.predict_proba(inputs) for member in self.members], axis=0
        )
        return mean

    def save(self, path: Path) -> None:
        joblib.dump(self, path)


def order_free(x: NDArray[Any]) -> FloatArray:
    """Statistics of the five vectors that don't depend on their order.

    Args:
        x: (n_samples, 5 · n_features)

    Returns:
        (n_samples, 7 · n_features): mean, standard deviation, and the five values in rising order.
    """
    z = x.reshape(len(x), VECTORS_PER_SEQUENCE, -1).astype(np.float64)
    ranked = np.sort(z, axis=1).reshape(len(x), -1)
    return np.concatenate([z.mean(axis=1), z.std(axis=1), ranked], axis=1)
