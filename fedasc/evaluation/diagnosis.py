"""Why a personal classifier is good or not: what only a simulation can know of a device.

None of it travels in a message. Distances are between standardised features, so that no feature
counts for more than another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fedasc.audio import FloatArray
from fedasc.evaluation.distances import Cloud
from fedasc.scenes import SCENE_NAMES

LEAST_SHARE = 0.05
"""A scene with a smaller share of the kept samples has collapsed."""

_N_FOLDS = 5


def energy_distance(x: Cloud, y: Cloud) -> float:
    """How far two samples' distributions lie apart: 0 if they are the same one.

    2·E|X−Y| − E|X−X'| − E|Y−Y'| (Székely and Rizzo 2013), each mean over pairs of different
    samples. So estimated it doesn't depend on the sizes, and may come out slightly below zero.

    Args:
        x, y: Seen from the same origin.

    Returns:
        NaN if either has fewer than two samples.
    """
    if min(len(x), len(y)) < 2:
        return float("nan")
    return 2 * x.to(y) - (x.within + y.within)


@dataclass(frozen=True)
class TwoSampleTest:
    """How well a classifier tells two samples apart: 0.5 if it can't, 1 if it always can.

    Args:
        accuracy: Share of held-out samples that it assigns rightly.
        auc: Area under the receiver's operating curve, which no threshold spoils.
    """

    accuracy: float
    auc: float


def two_sample_test(x: NDArray[Any], y: NDArray[Any], *, seed: int) -> TwoSampleTest:
    """Classifier two-sample test (Lopez-Paz and Oquab 2017), with boosted trees and five folds.

    Sequences of one recording may lie in several folds; that makes it easier for the classifier.

    Args:
        x: (n_x, n_features)
        y: (n_y, n_features)
        seed: Of the folds.

    Returns:
        NaN if either has fewer than five samples.
    """
    # Hardly anybody asks for it, and these take a second.
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    if min(len(x), len(y)) < _N_FOLDS:
        return TwoSampleTest(float("nan"), float("nan"))
    inputs = np.concatenate([x, y])
    is_y = np.repeat([0, 1], [len(x), len(y)])
    with threadpool_limits(1):
        probability = cross_val_predict(
            HistGradientBoostingClassifier(max_iter=50, early_stopping=False, random_state=seed),
            inputs,
            is_y,
            cv=StratifiedKFold(_N_FOLDS, shuffle=True, random_state=seed),
            method="predict_proba",
        )[:, 1]
    right = (probability > 0.5) == is_y
    # Samples of unequal size count alike.
    accuracy = (right[is_y == 0].mean() + right[is_y == 1].mean()) / 2
    return TwoSampleTest(float(accuracy), float(roc_auc_score(is_y, probability)))


def label_shift(artificial: Sequence[int], real: Sequence[int]) -> float:
    """Total variation distance between the shares of scenes, from 0 to 1; NaN without samples.

    Args:
        artificial: (4,) kept samples by the teacher's scene.
        real: (4,) heard windows by their true scene.
    """
    if not sum(artificial) or not sum(real):
        return float("nan")
    one, other = (np.asarray(counts) / sum(counts) for counts in (artificial, real))
    return float(np.abs(one - other).sum() / 2)


def collapsed(kept: Sequence[int]) -> tuple[str, ...]:
    """Scenes that hardly any of the kept samples belong to.

    Args:
        kept: (4,) kept samples by scene.
    """
    least = LEAST_SHARE * sum(kept)
    return tuple(name for name, n in zip(SCENE_NAMES, kept, strict=True) if n < least or not n)


@dataclass(frozen=True)
class Certain:
    """A teacher on real windows whose truth is known.

    Args:
        share: Of the windows, those that it is certain enough of.
        error: Of those, the ones that it gets wrong; NaN if there are none.
    """

    share: float
    error: float


def where_certain(
    probabilities: FloatArray, scene: NDArray[np.int64], *, certainty: float
) -> Certain:
    """How a teacher does on the windows that it is certain of.

    Args:
        probabilities: (n_windows, 4)
        scene: (n_windows,) the truth.
        certainty: Probability that it must give.
    """
    certain = probabilities.max(axis=1) >= certainty
    wrong = probabilities.argmax(axis=1)[certain] != scene[certain]
    return Certain(float(certain.mean()), float(wrong.mean()) if len(wrong) else float("nan"))
