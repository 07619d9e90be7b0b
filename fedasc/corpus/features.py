"""Features of windows: from the pool through the microphone to the sequences x."""

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import VECTORS_PER_SEQUENCE, FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.corpus.clips import CLIP_SAMPLES, Clips
from fedasc.corpus.windows import Windows, render
from fedasc.progress import Progress, quiet

_WINDOWS_PER_CALL = 32  # as many as the front end filters side by side
_IDEAL = Microphone()


def listen(
    bank: FilterBank,
    clips: Clips,
    windows: Windows,
    *,
    microphone: Microphone = _IDEAL,
    progress: Progress = quiet,
) -> NDArray[np.float32]:
    """What the front end makes of windows.

    Args:
        microphone: What the sound comes through; ideal unless the device's is given.

    Returns:
        (n_windows, 45) in dB, one sequence x per window.
    """
    x = np.empty((len(windows), VECTORS_PER_SEQUENCE * bank.n_features), np.float32)
    heard = np.empty((min(_WINDOWS_PER_CALL, len(windows)), CLIP_SAMPLES), np.float32)
    for start in range(0, len(windows), _WINDOWS_PER_CALL):
        some = windows[start : start + _WINDOWS_PER_CALL]
        for i, signal in enumerate(render(clips, some)):
            heard[i] = microphone.hear(signal)
        vectors = ams_vectors(bank, heard[: len(some)])
        x[start : start + len(some)] = sequences(vectors)[:, 0]
        progress("listening", start + len(some), len(windows))
    return x
