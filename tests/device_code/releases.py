"""A day in which some components stand for too few windows."""

from dataclasses import replace

import numpy as np

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.device_code.library import DeviceLibrary
from fedasc.release.release import Release
from tests.aggregators.days import heard
from tests.device_code.codes import code

FEW = replace(code(StepwiseEmAggregator(min_windows=1)), release=Release(min_windows=5))
"""The fit keeps components of single windows, and so the release rule alone holds them back."""


def check_release(compiled: DeviceLibrary) -> None:
    """Hold that what stands for fewer than five windows stays on the device."""
    x = heard(60, n_sounds=2)
    x[10] += 200
    x[20:24] = x[20] - 200
    x[30:35] = x[30] + 400
    device = compiled.start()
    for window in x:
        device.hear(window)
    mixture = device.summary().content
    assert isinstance(mixture, Mixture)
    means = mixture.means.mean(axis=1)
    assert np.abs(means - x[10].mean()).min() > 50
    assert np.abs(means - x[20:24].mean()).min() > 50
    assert np.abs(means - x[30:35].mean()).min() < 1
    assert abs(mixture.weights.sum() - 1) < 1e-6
