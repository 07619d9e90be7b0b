"""The pool: every usable 10 s clip of one or more corpora, decoded once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.audio.sound import CLIPPED
from fedasc.cache import CacheEntry
from fedasc.corpus.clips import CLIP_S, ClipFile, ClipShelf
from fedasc.corpus.decoding import BURSTS, SAMPLES, Entry, damaged_samples, decode, entries_of
from fedasc.corpus.groups import merged_by_origin
from fedasc.corpus.recordings import LABELS, Corpus, Recording
from fedasc.errors import CorpusError
from fedasc.progress import Progress, quiet
from fedasc.shelves import POOL

Left = tuple[tuple[str, str], ...]
"""Names and reasons of recordings left out."""


@dataclass(frozen=True)
class Examined:
    """Every 10 s that were decoded, used or not.

    Args:
        used: (n_examined,) whether they became a clip.
        level_dbfs: (n_examined,) -inf for digital silence.
        energy_peak_ratio: (n_examined,) NaN where silent.
        calibration_db_spl: (n_examined,) sound pressure level at 0 dBFS; NaN where not calibrated.
    """

    used: NDArray[np.bool_]
    level_dbfs: FloatArray
    energy_peak_ratio: FloatArray
    calibration_db_spl: FloatArray


@dataclass(frozen=True, kw_only=True)
class Source:
    """How a recording of which clips are used stood in its file.

    Args:
        name: The recording's.
        level_dbfs: Of all its 10 s together.
        calibration_db_spl: Sound pressure level at 0 dBFS; None if it wasn't calibrated.
        clipped: Which part of its samples stood at full scale or beyond.
        full_scale: The value that counted as full scale.
        note: What is odd about the file; empty if nothing.
    """

    name: str
    level_dbfs: float
    calibration_db_spl: float | None
    clipped: float
    full_scale: float
    note: str

    @property
    def level_db_spl(self) -> float | None:
        """Likewise, where calibrated."""
        calibration = self.calibration_db_spl
        return None if calibration is None else self.level_dbfs + calibration


@dataclass(frozen=True)
class Pool:
    """The usable clips.

    Args:
        entries: Where each corpus is kept, for what is made of the clips.
        clips: Their sound.
        recordings: The recording of each clip.
        unusable: Recordings that can't be used, each with the reason.
        bursts: Recordings left out by the paper's rule on energy peaks.
        examined: Level and energy-peak ratio of all that was decoded.
        sources: The recordings that clips are of, as they stood in their files.
    """

    entries: tuple[CacheEntry, ...] = field(repr=False)
    clips: ClipShelf
    recordings: tuple[Recording, ...] = field(repr=False)
    unusable: Left = field(repr=False)
    bursts: Left = field(repr=False)
    examined: Examined = field(repr=False, compare=False)
    sources: tuple[Source, ...] = field(repr=False, default=())

    @property
    def clipped(self) -> tuple[Source, ...]:
        """Those with many samples at full scale, the worst first."""
        clipped = [source for source in self.sources if source.clipped >= CLIPPED]
        return tuple(sorted(clipped, key=lambda source: -source.clipped))

    @property
    def scaled(self) -> tuple[Source, ...]:
        """Those whose full scale isn't 1.0."""
        return tuple(source for source in self.sources if source.full_scale != 1)

    @property
    def notes(self) -> Left:
        """Names of those that are odd, and what is odd about them."""
        return tuple((source.name, source.note) for source in self.sources if source.note)

    def facts(self) -> dict[str, Any]:
        """What it holds and what was left out, in words of JSON."""
        return {
            "n_clips": dict(Counter(recording.label for recording in self.recordings)),
            "left_out_as_bursts": len(self.bursts),
            "unusable": [{"path": path, "reason": reason} for path, reason in self.unusable],
            "n_clipped": len(self.clipped),
            "scaled": [
                {"path": source.name, "full_scale": source.full_scale} for source in self.scaled
            ],
            "odd": [{"path": path, "note": note} for path, note in self.notes],
        }


def open_pool(
    corpora: Sequence[Corpus], *, strict: bool = False, n_jobs: int = 1, progress: Progress = quiet
) -> Pool:
    """The pool of corpora, each decoded now unless the cache has it.

    Args:
        corpora: Where recordings come from; at least one.
        strict: Refuse recordings that can't be used, instead of leaving them out.
        n_jobs: Processes that decode.

    Raises:
        CorpusError: If a recording can't be used with strict, corpora contradict each other, or
            the disk can't hold the clips.
    """
    names = ", ".join(corpus.name for corpus in corpora)
    files, journals = [], []
    for corpus in corpora:
        folder, entries = _opened(corpus, n_jobs=n_jobs, progress=progress)
        files.append(ClipFile(folder / SAMPLES, sum(entry.n_clips for entry in entries)))
        journals += list(zip(corpus.recordings, entries, strict=True))
    left = [(recording.name, entry.reason) for recording, entry in journals if not entry.n_clips]
    clips = [clip for recording, entry in journals for clip in _clips(recording, entry)]
    pool = Pool(
        entries=tuple(map(pool_entry, corpora)),
        clips=ClipShelf(tuple(files)),
        recordings=merged_by_origin(clips),
        unusable=tuple(item for item in left if not item[1].startswith(BURSTS)),
        bursts=tuple(item for item in left if item[1].startswith(BURSTS)),
        examined=_examined(journals),
        sources=tuple(_source(recording, entry) for recording, entry in journals if entry.n_clips),
    )
    if strict and pool.unusable:
        name, reason = pool.unusable[0]
        raise CorpusError(
            f"{names}: {len(pool.unusable)} recording(s) can't be used, the first is {name}: "
            f"{reason}; repair the corpus or run without --strict"
        )
    return pool


def open_complete_pool(
    corpora: Sequence[Corpus],
    *,
    strict: bool = False,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Pool:
    """The pool of corpora that hold noise, music and speech; see `open_pool`.

    Raises:
        CorpusError: Likewise, or if one of the three is missing.
    """
    pool = open_pool(corpora, strict=strict, n_jobs=n_jobs, progress=progress)
    require_labels(pool, where=", ".join(corpus.name for corpus in corpora))
    return pool


def require_labels(pool: Pool, *, where: str) -> None:
    """Refuse a pool that lacks noise, music or speech.

    Raises:
        CorpusError: Naming what is missing.
    """
    missing = set(LABELS) - {recording.label for recording in pool.recordings}
    if missing:
        left = [*pool.unusable, *pool.bursts]
        raise CorpusError(
            f"{where}: no usable recording of {', '.join(sorted(missing))}; "
            + (f"the first one left out is {left[0][0]}: {left[0][1]}" if left else "add a corpus")
        )


def _clips(recording: Recording, entry: Entry) -> Iterator[Recording]:
    """The recording of each clip: of a long one, the 10 s that the clip is."""
    for number, used in enumerate(entry.used):
        if used:
            yield recording.part(number * CLIP_S, CLIP_S) if len(entry.used) > 1 else recording


def _examined(journals: Sequence[tuple[Recording, Entry]]) -> Examined:
    pieces = [
        (used, level, ratio, recording.calibration_db_spl)
        for recording, entry in journals
        for used, level, ratio in zip(
            entry.used, entry.level_dbfs, entry.energy_peak_ratio, strict=True
        )
    ]
    used, *measures = zip(*pieces, strict=True) if pieces else [()] * 4
    return Examined(np.array(used, bool), *(np.array(values, float) for values in measures))


def _source(recording: Recording, entry: Entry) -> Source:
    powers = 10 ** (np.array(entry.level_dbfs) / 10)
    return Source(
        name=recording.name,
        level_dbfs=round(float(10 * np.log10(powers.mean())), 2),
        calibration_db_spl=recording.calibration_db_spl,
        clipped=entry.clipped,
        full_scale=entry.full_scale,
        note=entry.note,
    )


def pool_entry(corpus: Corpus) -> CacheEntry:
    """Where a corpus' clips are kept, decoded or not yet."""
    return POOL.entry(corpus.fingerprint(), by=[type(corpus).__module__])


def _opened(corpus: Corpus, *, n_jobs: int, progress: Progress) -> tuple[Path, tuple[Entry, ...]]:
    """The folder of a corpus' clips and what became of its recordings."""

    def make(folder: Path) -> None:
        decode(corpus, folder, n_jobs=n_jobs, progress=progress)

    damaged = partial(damaged_samples, progress=progress)
    folder = pool_entry(corpus).made_in_steps(make, pieces=[SAMPLES], damaged=damaged)
    return folder, entries_of(folder)
