"""What C1 makes of a sequence before its first layer: 45 inputs, whichever they are.

Never imports torch.
"""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
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
    wide = np.ascontiguousarray(x)
    described = np.empty_like(wide)
    _describe(wide, described)
    return described


@compiled
def _describe(x: NDArray[np.float32], described: NDArray[np.float32]) -> None:
    """Write the statistics (n_samples, 5 · n_features) of x."""
    n_features = x.shape[1] // VECTORS_PER_SEQUENCE
    share, quarter = np.float32(1 / VECTORS_PER_SEQUENCE), np.float32(1 / 4)
    for row in range(len(x)):
        z, of_row = x[row], described[row]
        for i in range(n_features):
            a, b, c = z[i], z[n_features + i], z[2 * n_features + i]
            d, e = z[3 * n_features + i], z[4 * n_features + i]
            mean = (a + b + c + d + e) * share
            squares = (a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2
            squares = squares + (d - mean) ** 2 + (e - mean) ** 2
            steps = abs(b - a) + abs(c - b) + abs(d - c) + abs(e - d)
            of_row[i] = mean
            of_row[n_features + i] = np.sqrt(squares * share)
            of_row[2 * n_features + i] = min(min(min(min(a, b), c), d), e)
            of_row[3 * n_features + i] = max(max(max(max(a, b), c), d), e)
            of_row[4 * n_features + i] = steps * quarter
