"""How features vary together around what they have in common: what diagonal covariances lack."""

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture


def deviations(mixture: Mixture, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Deviations of samples from the mean of the component that each most likely belongs to.

    The five vectors of a window belong to the same sound, and its bands rise and fall together. A
    component with a diagonal covariance knows nothing of that, and what is drawn from it is heard
    nowhere. Samples that a mixture was fitted to tell how those deviate that are alike.

    Args:
        mixture: Fitted to x.
        x: (n_samples, n_features) in dB.

    Returns:
        (n_samples, n_features) in standard deviations of the component; every column has the
        variance 1.
    """
    component = mixture.component_of(x)
    # Row by row, or else sums over samples would be in another order.
    rows = np.ascontiguousarray(x)
    standardised = (rows - mixture.means[component]) / np.sqrt(mixture.variances[component])
    deviation: NDArray[np.float32] = (standardised / standardised.std(axis=0)).astype(np.float32)
    return deviation
