"""Signals on the device: files, levels, mixing and the AMS features. Never imports torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Signal = NDArray[np.floating[Any]]
"""(n_samples,) or (n_streams, n_samples), full scale 1.0."""

FULL_SCALE = 32768
Stored = NDArray[np.int16]
"""The same with the full scale `FULL_SCALE`."""
