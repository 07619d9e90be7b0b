"""Sketches: mixtures as vectors whose distance is that between the mixtures."""

from collections.abc import Sequence

import numpy as np

from fedasc.aggregators.mixture import Mixture
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
        (n_mixtures, 2 n_frequencies)
    """
    mean, deviation = scale
    frequencies = rng.standard_normal((len(mean), _N_FREQUENCIES)) / np.sqrt(len(mean))
    own = frequencies / deviation[:, None]
    found = []
    for its in mixtures:
        if its.is_full:
            spread = np.einsum("fk,nfg,gk->nk", own, its.covariances, own, optimize=True)
        else:
            spread = its.covariances @ own**2
        values = its.weights @ np.exp(1j * ((its.means - mean) @ own) - spread / 2)
        found.append(np.concatenate([values.real, values.imag]) / np.sqrt(_N_FREQUENCIES))
    return np.array(found)
