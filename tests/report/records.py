"""Records of devices whose numbers can be told by hand."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from fedasc.evaluation.calibration import NO_WINDOWS, Reliability
from fedasc.evaluation.scores import CLASSIFIERS, Confusion
from fedasc.experiments.record import DeviceRecord
from fedasc.strategies.round_result import Tally

N_WINDOWS = 1000
"""Of music, and of noise if there is any."""

RELIABILITY = Reliability(np.array([4, 4]), np.array([1, 3]), np.array([1.0, 3.8]))


def a_record(
    profile: str = "U1",
    *,
    before: float = 0.5,
    after: float = 0.5,
    comprehensive: float = 0.5,
    teacher: float = 0.5,
    noise: Mapping[str, float] | None = None,
    n_windows: int = 30,
    bytes_up: int = 100,
    bytes_down: int = 0,
    tally: Tally | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
    night: int = 0,
    device: int = 0,
    took_part: str = "in time",
    reliability: Reliability = RELIABILITY,
) -> DeviceRecord:
    """A device of which all that isn't given is 0.5, and nobody hears noise.

    Args:
        before, after, comprehensive, teacher: Accuracies with the classifier that was shipped, with
            the user's, and with what needs no device's help.
        noise: Shares of noise that are right, by classifier.
    """
    accuracy = dict(zip(CLASSIFIERS, (before, after, comprehensive, teacher), strict=True))
    return DeviceRecord(
        night=night,
        device=device,
        profile=profile,
        surroundings={"distance": 0.25},
        took_part=took_part,
        n_windows=0 if took_part == "missing" else n_windows,
        bytes_up=0 if took_part == "missing" else bytes_up,
        bytes_down=bytes_down,
        tally=tally,
        scores={
            name: _confusion(share, noise.get(name, 0.5) if noise else None)
            for name, share in accuracy.items()
        },
        reliability=reliability,
        facts=facts,
    )


def a_lost_one(profile: str = "U1", *, night: int = 0, device: int = 0) -> DeviceRecord:
    """A device that was lost before it sent anything."""
    return replace(
        a_record(profile, night=night, device=device, took_part="lost", n_windows=0, bytes_up=0),
        scores={},
        reliability=NO_WINDOWS,
        lost="no microphone",
    )


def _confusion(music: float, noise: float | None) -> Confusion:
    counts = np.zeros((4, 4), np.int64)
    for scene, other, share in ((1, 0, music), (0, 1, noise)):
        if share is not None:
            n_right = round(share * N_WINDOWS)
            counts[scene, scene], counts[scene, other] = n_right, N_WINDOWS - n_right
    return Confusion(counts)
