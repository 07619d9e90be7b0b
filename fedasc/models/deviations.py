"""How features vary together around what they have in common: what a diagonal covariance lacks."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

_N_COMPONENTS = 64
_N_ITERATIONS = 60
_VARIANCE_FLOOR_DB2 = 0.01


def deviations(x: NDArray[np.float32], *, seed: int) -> NDArray[np.float32]:
    """Deviations of samples from the mean of their component in a mixture fitted to them.

    The five vectors of a window belong to the same sound, and its bands rise and fall together. A
    component with a diagonal covariance knows nothing of that, and what is drawn from it is heard
    nowhere. The server's own recordings tell how windows deviate that are alike.

    Args:
        x: (n_samples, n_features) in dB.
        seed: Of the first assignment to components.

    Returns:
        (n_samples, n_features) in standard deviations of the component; every column has the
        variance 1.
    """
    model = GaussianMixture(
        min(_N_COMPONENTS, len(x) // 2),
        covariance_type="diag",
        reg_covar=_VARIANCE_FLOOR_DB2,
        max_iter=_N_ITERATIONS,
        random_state=seed,
    )
    # One thread: sums over threads would end in another order on another machine.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        component = model.fit_predict(x.astype(np.float64))
    found = (x - model.means_[component]) / np.sqrt(model.covariances_[component])
    deviation: NDArray[np.float32] = (found / found.std(axis=0)).astype(np.float32)
    return deviation
