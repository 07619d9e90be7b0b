"""The pool: every usable 10 s clip of a corpus as int16 on disk, decoded once."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from fedasc.audio import Signal
from fedasc.audio.level import MAX_ENERGY_PEAK_RATIO, SILENCE_DBFS, energy_peak_ratio, level_dbfs
from fedasc.cache import kept
from fedasc.config import fingerprint
from fedasc.corpus.recordings import LABELS, Corpus, Recording
from fedasc.errors import AudioError, CorpusError
from fedasc.progress import Progress, quiet

CLIP_SAMPLES = 160_000
"""10 s at 16 kHz: one decision of the classifier."""

_FORMAT = 1
_FULL_SCALE = 32768
_BURSTS = "short bursts only"

Left = tuple[tuple[str, str], ...]
"""Paths and reasons of recordings left out."""


@dataclass(frozen=True)
class ClipFile:
    """Clips side by side on disk, memory-mapped when first read; cheap to pickle.

    Args:
        path: Raw little-endian int16.
        n_clips: How many it holds.
    """

    path: Path
    n_clips: int

    @cached_property
    def _samples(self) -> NDArray[np.int16]:
        return np.memmap(self.path, "<i2", mode="r", shape=(self.n_clips, CLIP_SAMPLES))

    def read(self, index: int) -> Signal:
        """(160000,) float32, full scale 1.0."""
        clip: Signal = self._samples[index].astype(np.float32) / np.float32(_FULL_SCALE)
        return clip

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "n_clips": self.n_clips}


@dataclass(frozen=True)
class Pool:
    """The usable clips of a corpus.

    Args:
        clips: Their sound.
        recordings: The recording of each clip.
        unusable: Recordings that can't be used, each with the reason.
        bursts: Recordings left out by the paper's rule on energy peaks.
    """

    clips: ClipFile
    recordings: tuple[Recording, ...] = field(repr=False)
    unusable: Left = field(repr=False)
    bursts: Left = field(repr=False)


def open_pool(
    corpus: Corpus, *, strict: bool = False, n_jobs: int = 1, progress: Progress = quiet
) -> Pool:
    """The pool of a corpus, decoded now unless the cache has it.

    Args:
        corpus: Where recordings come from.
        strict: Refuse the corpus when a recording can't be used, instead of leaving it out.
        n_jobs: Processes that decode.

    Raises:
        CorpusError: If no recording of some label can be used, or any can't with strict.
    """

    def make(folder: Path) -> None:
        _decode(corpus, folder, n_jobs=n_jobs, progress=progress)

    folder = kept("pool", fingerprint(corpus.fingerprint(), CLIP_SAMPLES, _FORMAT), make)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    left = [(corpus.recordings[i].path, reason) for i, reason in index["left"]]
    pool = Pool(
        ClipFile(folder / "samples.i16", len(index["clips"])),
        recordings=tuple(corpus.recordings[i] for i in index["clips"]),
        unusable=tuple(item for item in left if not item[1].startswith(_BURSTS)),
        bursts=tuple(item for item in left if item[1].startswith(_BURSTS)),
    )
    if strict and pool.unusable:
        path, reason = pool.unusable[0]
        raise CorpusError(
            f"{corpus.name}: {len(pool.unusable)} recording(s) can't be used, the first is {path}: "
            f"{reason}; repair the corpus or run without --strict"
        )
    missing = set(LABELS) - {recording.label for recording in pool.recordings}
    if missing:
        raise CorpusError(
            f"{corpus.name}: no usable recording of {', '.join(sorted(missing))}"
            + (f"; the first one left out is {left[0][0]}: {left[0][1]}" if left else "")
        )
    return pool


def _decode(corpus: Corpus, folder: Path, *, n_jobs: int, progress: Progress) -> None:
    clips: list[int] = []
    left: list[tuple[int, str]] = []
    total = len(corpus.recordings)
    jobs = (joblib.delayed(_clips)(corpus, index) for index in range(total))
    results = joblib.Parallel(n_jobs=n_jobs, return_as="generator", batch_size=8)(jobs)
    with (folder / "samples.i16").open("wb") as file:
        for index, (samples, reason) in enumerate(results):
            file.write(samples.tobytes())
            clips += [index] * len(samples)
            if not len(samples):
                left.append((index, reason))
            progress("decoding recordings", index + 1, total)
    (folder / "index.json").write_text(json.dumps({"clips": clips, "left": left}), "utf-8")


def _clips(corpus: Corpus, index: int) -> tuple[NDArray[np.int16], str]:
    """The usable clips of a recording, (n_clips, 160000), and why the last other one is not."""
    usable = []
    reason = f"shorter than {CLIP_SAMPLES // 16_000} s; give longer recordings"
    try:
        signal = corpus.read(index)
    except AudioError as error:
        return np.zeros((0, CLIP_SAMPLES), "<i2"), str(error)
    for clip in signal[: len(signal) // CLIP_SAMPLES * CLIP_SAMPLES].reshape(-1, CLIP_SAMPLES):
        if level_dbfs(clip) < SILENCE_DBFS:
            reason = f"silent: under {SILENCE_DBFS:g} dBFS"
        elif (
            corpus.recordings[index].label != "speech"
            and (ratio := energy_peak_ratio(clip)) > MAX_ENERGY_PEAK_RATIO
        ):
            reason = f"{_BURSTS}: energy-peak ratio {ratio:.1f} > {MAX_ENERGY_PEAK_RATIO:g}"
        else:
            usable.append(np.clip(np.rint(clip * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1))
    return np.array(usable, "<i2").reshape(-1, CLIP_SAMPLES), reason
