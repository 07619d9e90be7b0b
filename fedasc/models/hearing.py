"""What is heard, kept: features of windows and the true scenes, made once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fedasc.audio.bank import FilterBank
from fedasc.cache import CacheEntry
from fedasc.corpus.clips import Clips
from fedasc.corpus.features import IDEAL, Pickup, listen
from fedasc.corpus.windows import Windows
from fedasc.models.samples import Samples
from fedasc.progress import Progress, quiet

_FILE = "heard.npz"


def heard_once(
    entry: CacheEntry,
    draw: Callable[[], Windows],
    *,
    bank: FilterBank,
    clips: Clips,
    pickup: Pickup = IDEAL,
    progress: Progress = quiet,
) -> Samples:
    """Features and true scenes of windows; from the cache when they were heard before.

    Args:
        entry: Where they are kept, by all that they depend on.
        draw: Says what is heard.
        bank: The front end.
        clips: Sound of the pool.
        pickup: How the sound gets to the front end.
    """

    def make(folder: Path) -> None:
        windows = draw()
        x = listen(bank, clips, windows, pickup=pickup, progress=progress)
        np.savez(folder / _FILE, x=x, scene=windows.scene)

    with np.load(entry.made(make) / _FILE) as content:
        return Samples(content["x"], content["scene"])
