"""Days that nobody heard: sequences such as AMS features give, with the scenes they are of."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.embedded import N_INPUTS
from fedasc.models.samples import Samples
from fedasc.scenes import N_SCENES

Day = NDArray[np.float32]
"""(n_windows, 45) in dB."""

N_WINDOWS = (2, 7, 60, 500)
"""Of the days of which there are many sounds."""

_N_SOUNDS = 12
_N_FEATURES = N_INPUTS // VECTORS_PER_SEQUENCE


def sounds(n_windows: int, *, seed: int = 0) -> Samples:
    """Windows of a dozen sounds in random order, three of each scene.

    Args:
        seed: Of the sounds and of the windows; scenes are alike with every seed.
    """
    of_scene = np.random.default_rng(0).normal(-20, 8, (N_SCENES, _N_FEATURES))
    rng = np.random.default_rng(seed)
    number = rng.permutation(np.arange(n_windows) % _N_SOUNDS)
    of_sound = np.tile(of_scene, (_N_SOUNDS // N_SCENES, 1))
    of_sound += rng.normal(0, 4, of_sound.shape)
    z = rng.normal(0, 2, (n_windows, VECTORS_PER_SEQUENCE, _N_FEATURES))
    z += of_sound[number][:, None]
    return Samples(z.reshape(n_windows, N_INPUTS).astype(np.float32), number % N_SCENES)


def days() -> Mapping[str, Day]:
    """Days that may come: usual ones, and those on which numbers are hardest to keep finite."""
    shape, turns = (60, N_INPUTS), np.arange(60)[:, None] % 2
    return {
        **{f"{n} windows": sounds(n).x for n in N_WINDOWS},
        "silence": np.full(shape, -30, np.float32),
        "one window again and again": np.repeat(sounds(1).x, len(turns), axis=0),
        "-120 and 120 dB in turn": np.broadcast_to(240 * turns - 120, shape).astype(np.float32),
    }


class Once:
    """A stream that minds being asked again.

    Args:
        x: What passes.
    """

    def __init__(self, x: Day) -> None:
        self._windows: Iterator[Day] = iter(x)
        self._ended = False

    def __iter__(self) -> Iterator[Day]:
        return self

    def __next__(self) -> Day:
        if self._ended:
            raise RuntimeError("the stream was asked again after its end")
        window = next(self._windows, None)
        if window is None:
            self._ended = True
            raise StopIteration
        return window
