"""Sketches: summaries as vectors whose distance is that between what they describe."""

from collections.abc import Sequence

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.arithmetic.functions import cos_sin, exp, in_order
from fedasc.arithmetic.product import panels, times_panels
from fedasc.audio import FloatArray
from fedasc.strategies.drawing import mixture_of

_N_FREQUENCIES = 1024


def sketches(
    contents: Sequence[Content], *, scale: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Characteristic functions of mixtures and of features at random frequencies.

    With normally distributed frequencies, the squared distance between two sketches estimates the
    squared maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2012), whose features
    these are (Rahimi and Recht 2007); of a Gaussian mixture they are known without drawing from it
    (Keriven et al. 2018), and features are a mixture of points. The kernel is as wide as two
    independent sequences are apart.

    Args:
        contents: Mixtures, with or without scenes, or features.
        scale: (n_features,) mean and standard deviation of each feature, by which they are
            standardised.

    Returns:
        (n_contents, 2 n_frequencies) real parts, then imaginary ones.
    """
    mean, deviation = scale
    frequencies = rng.standard_normal((len(mean), _N_FREQUENCIES)) / np.sqrt(len(mean))
    frequencies /= deviation[:, None]
    packed, packed_squares = panels(frequencies), panels(frequencies**2)
    rows = []
    for content in contents:
        if isinstance(content, Features):
            size, means = np.full((len(content.x), 1), 1 / len(content.x)), content.x
        else:
            mixture = mixture_of(content)
            covariances = mixture.covariances.astype(np.float64)
            if mixture.is_full:
                along = [in_order((frequencies * _times(each, packed)).T) for each in covariances]
                variances = np.array(along)
            else:
                variances = _times(covariances, packed_squares)
            size, means = mixture.weights[:, None] * exp(-variances / 2), mixture.means
        # How a product of complex numbers is rounded depends on the processor.
        cosine, sine = cos_sin(_times(means - mean, packed))
        parts = [in_order((size * part).T) for part in (cosine, sine)]
        rows.append(np.concatenate(parts) / np.sqrt(_N_FREQUENCIES))
    return np.array(rows)


def _times(rows: FloatArray, packed: FloatArray) -> FloatArray:
    """Products of (n_rows, n_features) and a matrix from `panels`, (n_rows, n_frequencies).

    Frequencies fill whole panels.
    """
    return times_panels(np.ascontiguousarray(rows), packed, np.zeros(_N_FREQUENCIES))
