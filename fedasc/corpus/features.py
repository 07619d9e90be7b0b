"""Features of windows: from the pool through the microphone to the sequences x."""

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.corpus.clips import Clips
from fedasc.corpus.windows import Windows, render
from fedasc.progress import Progress, quiet

_WINDOWS_PER_CALL = 16
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
    found = []
    for start in range(0, len(windows), _WINDOWS_PER_CALL):
        some = windows[start : start + _WINDOWS_PER_CALL]
        signals = microphone.hear(np.stack(list(render(clips, some))))
        found.append(sequences(ams_vectors(bank, signals))[:, 0])
        progress("listening", start + len(some), len(windows))
    return np.concatenate(found).astype(np.float32)
