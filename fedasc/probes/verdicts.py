"""What the teacher says of windows: it is asked once, whatever strategies are tried on them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fedasc.audio import FloatArray
from fedasc.code import modules_of
from fedasc.models.samples import Samples
from fedasc.server import Server
from fedasc.shelves import VERDICTS

_FILE = "probabilities.npy"


def verdicts_once(server: Server, windows: Sequence[Samples]) -> list[FloatArray]:
    """The teacher's probabilities of several devices' windows; from the cache if it was asked.

    Returns:
        (n_windows, 4) of each.
    """
    if not windows:
        return []

    def make(folder: Path) -> None:
        said = [server.teacher.probabilities(samples.x) for samples in windows]
        np.save(folder / _FILE, np.concatenate(said))

    entry = VERDICTS.entry(
        *(server.teacher_digest, server.torch_device, [samples.digest() for samples in windows]),
        by=modules_of(server.teacher),
    )
    said: FloatArray = np.load(entry.made(make) / _FILE)
    return np.split(said, np.cumsum([len(samples) for samples in windows])[:-1])
