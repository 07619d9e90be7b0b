"""Scores of classes from margins between two of them at a time."""

import numpy as np

from fedasc.audio import FloatArray


def votes(margins: FloatArray, n_classes: int) -> FloatArray:
    """Scores of the classes from a margin for each pair, positive where the first class wins.

    Each class counts the pairs that it wins; its summed margins, squeezed between -1/3 and 1/3,
    decide between equal counts.

    Args:
        margins: (n_samples, n_pairs); pairs in the order of `np.triu_indices`.

    Returns:
        (n_samples, n_classes)
    """
    first, second = np.triu_indices(n_classes, k=1)
    wins = np.zeros((len(margins), n_classes))
    confidences = np.zeros((len(margins), n_classes))
    for margin, one, other in zip(margins.T, first, second, strict=True):
        won = margin >= 0
        wins[:, one] += won
        wins[:, other] += ~won
        confidences[:, one] += margin
        confidences[:, other] -= margin
    scores: FloatArray = wins + confidences / (3 * (np.abs(confidences) + 1))
    return scores
