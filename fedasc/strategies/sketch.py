"""Sketches: mixtures as vectors whose distance is that between the mixtures."""

from collections.abc import Sequence

import numpy as np

from fedasc.aggregators.mixture import Mixture
from fedasc.arithmetic.functions import cos_sin, exp, in_order
from fedasc.arithmetic.product import panels, times_panels
from fedasc.audio import FloatArray

_N_FREQUENCIES = 1024


def sketches(
    mixtures: Sequence[Mixture], *, scale: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Characteristic functions of mixtures at random frequencies.

    With normally distributed frequencies, the squared distance between two sketches estimates the
    squared maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2012), whose features
    these are (Rahimi and Recht 2007); of a Gaussian mixture they are known without drawing from it
    (Keriven et al. 2018). The kernel is as wide as two independent sequences are apart.

    Args:
        scale: (n_features,) mean and standard deviation of each feature, by which they are
            standardised.

    Returns:
        (n_mixtures, 2 n_frequencies) real parts, then imaginary ones.
    """
    mean, deviation = scale
    frequencies = rng.standard_normal((len(mean), _N_FREQUENCIES)) / np.sqrt(len(mean))
    frequencies /= deviation[:, None]
    packed, packed_squares = panels(frequencies), panels(frequencies**2)
    rows = []
    for mixture in mixtures:
        covariances = mixture.covariances.astype(np.float64)
        if mixture.is_full:
            along = [in_order((frequencies * _times(each, packed)).T) for each in covariances]
            variances = np.array(along)
        else:
            variances = _times(covariances, packed_squares)
        # How a product of complex numbers is rounded depends on the processor.
        cosine, sine = cos_sin(_times(mixture.means - mean, packed))
        size = mixture.weights[:, None] * exp(-variances / 2)
        parts = [in_order((size * part).T) for part in (cosine, sine)]
        rows.append(np.concatenate(parts) / np.sqrt(_N_FREQUENCIES))
    return np.array(rows)


def _times(rows: FloatArray, packed: FloatArray) -> FloatArray:
    """Products of (n_rows, n_features) and a matrix from `panels`, (n_rows, n_frequencies).

    Frequencies fill whole panels.
    """
    return times_panels(np.ascontiguousarray(rows), packed, np.zeros(_N_FREQUENCIES))
