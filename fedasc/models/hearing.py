"""What is heard, kept: features of windows and the true scenes, made once."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from fedasc.audio.bank import FilterBank
from fedasc.cache import CacheEntry
from fedasc.corpus.clips import Clips
from fedasc.corpus.features import IDEAL, Pickup, listen
from fedasc.corpus.windows import Windows
from fedasc.models.samples import Samples
from fedasc.packs import Piece
from fedasc.progress import Progress, quiet

_FILE = "heard"


def heard_once(
    entry: CacheEntry | Piece,
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

    def hear() -> Samples:
        windows = draw()
        x = listen(bank, clips, windows, pickup=pickup, progress=progress)
        return Samples(x, windows.scene)

    return kept(entry, hear)


def kept(entry: CacheEntry | Piece, hear: Callable[[], Samples]) -> Samples:
    """What is heard; from the cache when it was heard before."""

    def content() -> bytes:
        file = io.BytesIO()
        _write(file, hear())
        return file.getvalue()

    def make(folder: Path) -> None:
        with (folder / _FILE).open("wb") as file:
            _write(file, hear())

    if isinstance(entry, Piece):
        return _read(io.BytesIO(entry.made(content)))
    with (entry.made(make) / _FILE).open("rb") as file:
        return _read(file)


def _write(file: IO[bytes], samples: Samples) -> None:
    np.save(file, samples.x)
    np.save(file, samples.scene)


def _read(file: IO[bytes]) -> Samples:
    return Samples(np.load(file), np.load(file))
