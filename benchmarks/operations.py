"""Floating-point operations that work can't do without, counted from what it computes.

They say how far a stage is from what the machine can do. Exponentials, comparisons and what is
computed more than once in some way of doing it are left out.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from fedasc.audio.bank import FilterBank
from fedasc.models.embedded import N_HIDDEN, N_INPUTS
from fedasc.models.training import EmbeddedSettings
from fedasc.scenes import N_SCENES

_PER_WEIGHT = 6
"""A multiplication and an addition forwards, and for the gradients of weights and inputs each."""

_PER_SECTION = 9
"""Five multiplications and four additions of a filter of second order for a sample."""

_PER_FEATURE = 8
"""Of a component and a window: squared distance of EM's first half, both moments of its second."""


def training_flops(settings: EmbeddedSettings, n_samples: int) -> float:
    """Training of a C1 with so many samples."""
    weights = N_INPUTS * N_HIDDEN + N_HIDDEN * N_SCENES
    return float(_PER_WEIGHT * weights * settings.n_epochs * settings.n_restarts * n_samples)


def filter_flops(bank: FilterBank, seconds: float) -> float:
    """Carriers' filters of fourth order, and the mean of what they let through, rectified."""
    n_samples = seconds * bank.sample_rate_hz
    return n_samples * bank.n_carriers * (2 * _PER_SECTION + 2)


def mixture_flops(model: GaussianMixture, x: NDArray[Any]) -> float:
    """As many steps of expectation maximisation as scikit-learn needs; its start is left out.

    Args:
        model: Fitted to the windows x (n_windows, n_features).
    """
    return float(_PER_FEATURE * model.n_iter_ * model.n_components * np.size(x))


def layer_flops(shapes: list[tuple[int, ...]], n_samples: int) -> float:
    """Products of dense layers with so many samples.

    Args:
        shapes: Of the layers' weights.
    """
    return float(2 * n_samples * sum(int(np.prod(shape)) for shape in shapes))
