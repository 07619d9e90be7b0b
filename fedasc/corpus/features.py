"""Features of windows: from the pool through the microphone to the sequences x."""

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import FilterBank
from fedasc.corpus.pool import ClipFile
from fedasc.corpus.windows import Windows, render
from fedasc.progress import Progress, quiet

_WINDOWS_PER_CALL = 16


def listen(
    bank: FilterBank,
    clips: ClipFile,
    windows: Windows,
    *,
    gain_db: float = 0.0,
    progress: Progress = quiet,
) -> NDArray[np.float32]:
    """What the front end makes of windows.

    Args:
        gain_db: Gain of the microphone.

    Returns:
        (n_windows, 45) in dB, one sequence x per window.
    """
    found = []
    for start in range(0, len(windows), _WINDOWS_PER_CALL):
        some = windows[start : start + _WINDOWS_PER_CALL]
        signals = np.stack(list(render(clips, some, gain_db=gain_db)))
        found.append(sequences(ams_vectors(bank, signals))[:, 0])
        progress("listening", start + len(some), len(windows))
    return np.concatenate(found).astype(np.float32)
