"""Features of windows: from the pool through the microphone to the sequences x."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import Signal
from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import VECTORS_PER_SEQUENCE, FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.corpus.clips import CLIP_SAMPLES, Clips
from fedasc.corpus.windows import Windows, render
from fedasc.progress import Progress, quiet

_WINDOWS_PER_CALL = 32  # as many as the front end filters side by side
_PERFECT = Microphone()


@dataclass(frozen=True, kw_only=True)
class Pickup:
    """How sound gets into the front end of one device.

    Args:
        microphone: What it comes through; ideal unless the device's is given.
        full_scale_db_spl: (n_clips,) level of full scale of each clip of the pool, None where it
            isn't known; empty if it is of none.
        noise: The generator of the self-noise in a window, by its number; needed if the microphone
            has any.
    """

    microphone: Microphone = _PERFECT
    full_scale_db_spl: Sequence[float | None] = ()
    noise: Callable[[int], np.random.Generator] | None = None

    def hear(self, signal: Signal, *, clip: int, number: int) -> Signal:
        """What gets in of a window.

        Args:
            signal: (n_samples,) full scale 1.0.
            clip: The clip that gives the window its level.
            number: Of the window.
        """
        if not self.microphone.has_levels:
            return self.microphone.hear(signal)
        return self.microphone.hear(
            signal,
            full_scale_db_spl=self.full_scale_db_spl[clip] if self.full_scale_db_spl else None,
            noise=self.noise(number) if self.noise else None,
        )


IDEAL = Pickup()


def listen(
    bank: FilterBank,
    clips: Clips,
    windows: Windows,
    *,
    pickup: Pickup = IDEAL,
    progress: Progress = quiet,
) -> NDArray[np.float32]:
    """What the front end makes of windows.

    Args:
        pickup: How the sound gets there.

    Returns:
        (n_windows, 45) in dB, one sequence x per window.
    """
    clips.bring({*windows.clip.tolist(), *windows.noise.tolist()} - {-1})
    x = np.empty((len(windows), VECTORS_PER_SEQUENCE * bank.n_features), np.float32)
    heard = np.empty((min(_WINDOWS_PER_CALL, len(windows)), CLIP_SAMPLES), np.float32)
    for start in range(0, len(windows), _WINDOWS_PER_CALL):
        some = windows[start : start + _WINDOWS_PER_CALL]
        for i, signal in enumerate(render(clips, some, out=heard)):
            gets_in = pickup.hear(signal, clip=int(some.clip[i]), number=start + i)
            if gets_in is not signal:
                heard[i] = gets_in
        vectors = ams_vectors(bank, heard[: len(some)])
        x[start : start + len(some)] = sequences(vectors)[:, 0]
        progress("listening", start + len(some), len(windows))
    return x
