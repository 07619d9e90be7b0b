"""What C1 makes of a sequence before its first layer: 45 inputs, whichever they are.

Never imports torch.
"""

from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.bank import VECTORS_PER_SEQUENCE

Inputs = Literal["sequence", "statistics"]

KINDS: tuple[Inputs, ...] = get_args(Inputs)
"""In the order of the numbers by which they are sent: never reorder."""


def inputs_of(x: NDArray[np.floating[Any]], inputs: Inputs) -> NDArray[np.float32]:
    """What the first layer is given.

    Args:
        x: (n_samples, 45) AMS sequences in dB: five vectors z, one after the other.
        inputs: sequence, which is x itself (paper, Table 2), or statistics (see `statistics`).

    Returns:
        (n_samples, 45); x itself where it is what is wanted.
    """
    single = x.astype(np.float32, copy=False)
    return single if inputs == "sequence" else statistics(single)


def statistics(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """How each feature behaves over the five vectors, at whatever of them a sound sets in.

    Sums run in one order, so a sample's statistics are the same to the last bit on every machine,
    whatever comes with it.

    Args:
        x: (n_samples, 5 · n_features) in dB.

    Returns:
        (n_samples, 5 · n_features) in dB: of all features the mean, then the standard deviation,
        the least value, the largest, and the mean absolute difference of neighbours.
    """
    n_features = x.shape[1] // VECTORS_PER_SEQUENCE
    z = [x[:, n_features * i : n_features * (i + 1)] for i in range(VECTORS_PER_SEQUENCE)]
    share = np.float32(1 / VECTORS_PER_SEQUENCE)
    mean = (z[0] + z[1] + z[2] + z[3] + z[4]) * share
    a, b, c, d, e = (np.square(vector - mean) for vector in z)
    deviation = np.sqrt((a + b + c + d + e) * share)
    least = np.minimum.reduce(z)
    most = np.maximum.reduce(z)
    steps = [np.abs(later - earlier) for earlier, later in pairwise(z)]
    step = (steps[0] + steps[1] + steps[2] + steps[3]) * np.float32(1 / 4)
    return np.concatenate([mean, deviation, least, most, step], axis=1)
