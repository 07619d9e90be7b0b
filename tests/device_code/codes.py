"""Device code to compile, sounds to listen to, and what is held of what came out."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.audio import Stored
from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import FilterBank
from fedasc.device_code.design import DeviceCode, Numbers
from fedasc.device_code.library import DeviceLibrary
from fedasc.release.release import Release
from tests.aggregators.days import classifier

BANK = FilterBank()
N_SAMPLES = 160_000
TOLERANCE_DB = {"single": 0.01, "fixed": 0.25}


def code(
    aggregator: Aggregator | None = None, *, bits: int = 32, numbers: Numbers = "single"
) -> DeviceCode:
    return DeviceCode(
        bank=BANK,
        aggregator=aggregator or StepwiseEmAggregator(),
        release=Release(bits=bits),
        classifier=classifier(),
        numbers=numbers,
    )


@lru_cache
def library(numbers: Numbers) -> DeviceLibrary:
    """The usual one, compiled once."""
    return DeviceLibrary(code(numbers=numbers))


@lru_cache
def sounds() -> Stored:
    """(n_sounds, n_samples) that fluctuate, at several levels, one of which ends in silence."""
    rng, t = np.random.default_rng(3), np.arange(N_SAMPLES) / 16_000
    noise = rng.normal(size=(4, N_SAMPLES))
    signals = np.stack(
        [
            8000 * noise[0] * (1 + np.sin(2 * np.pi * 3 * t)),
            300 * noise[1] * (1 + np.sin(2 * np.pi * 9 * t)),
            9000 * np.sin(2 * np.pi * 440 * t) * (1 + np.sin(2 * np.pi * 1.3 * t)) + noise[2],
            np.where(t < 5.3, 4000 * noise[3], 0),
        ]
    )
    stored: Stored = np.clip(np.rint(signals), -32768, 32767).astype(np.int16)
    return stored


def features(compiled: DeviceLibrary, signals: Stored) -> NDArray[np.float32]:
    """(n_signals, 45) what C makes of each signal alone."""
    found = []
    for signal in signals:
        device = compiled.start()
        assert device.push(signal) == 1
        found.append(device.features)
    return np.stack(found)


def expected(signals: Stored) -> NDArray[np.float64]:
    """(n_signals, 45) what Python makes of them."""
    return sequences(ams_vectors(BANK, signals))[:, 0]


def check_features(compiled: DeviceLibrary) -> None:
    """Hold that features are Python's, within what their number format promises."""
    np.testing.assert_allclose(
        features(compiled, sounds()),
        expected(sounds()),
        rtol=0,
        atol=TOLERANCE_DB[compiled.code.numbers],
    )
