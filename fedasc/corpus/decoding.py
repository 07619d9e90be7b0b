"""Decoding: a corpus becomes a folder of clips, and goes on where it was interrupted.

The folder holds the clips' samples and a journal with a line per recording, written after the
recording's samples. Whatever the journal doesn't account for is decoded anew. At the end the
checksums of all clips stand side by side for who reads a clip.
"""

import multiprocessing
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import joblib
import numpy as np
from joblib.externals.loky.backend.process import LokyProcess
from numpy.typing import NDArray

from fedasc.audio import FULL_SCALE, Signal
from fedasc.audio.level import MAX_ENERGY_PEAK_RATIO, SILENCE_DBFS, level_and_peak_ratio
from fedasc.audio.sound import Sound, clipped_share, peak_of
from fedasc.config import from_mapping
from fedasc.corpus.clips import CHECKSUMS, CLIP_BYTES, CLIP_S, CLIP_SAMPLES, checksums_of
from fedasc.corpus.recordings import Corpus, CorpusOfFiles
from fedasc.errors import AudioError, SettingsError, StorageError
from fedasc.places import cache_root
from fedasc.progress import Progress
from fedasc.seal import content_of, signed
from fedasc.storage import told

SAMPLES = "samples.i16"
JOURNAL = "journal.jsonl"
BURSTS = "short bursts only"
_MIN_SAMPLES = CLIP_SAMPLES // 2


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What became of a recording.

    Args:
        used: For each 10 s of it, whether they became a clip.
        level_dbfs: Of each 10 s; -inf for digital silence.
        energy_peak_ratio: Of each 10 s; NaN where they are silent.
        reason: Why the last 10 s that aren't used are not, or why there are none.
        checksums: CRC-32 of each clip's bytes.
        clipped: Which part of the samples in its file stood at full scale or beyond.
        full_scale: The value in its file that counted as full scale.
        note: What is odd about its file, though it is used.
    """

    used: tuple[bool, ...] = ()
    level_dbfs: tuple[float, ...] = ()
    energy_peak_ratio: tuple[float, ...] = ()
    reason: str = ""
    checksums: tuple[int, ...] = ()
    clipped: float = 0.0
    full_scale: float = 1.0
    note: str = ""

    @property
    def n_clips(self) -> int:
        return sum(self.used)


def decode(corpus: Corpus, folder: Path, *, n_jobs: int, progress: Progress) -> None:
    """Decode what the folder doesn't hold yet.

    Args:
        n_jobs: Processes; changes no byte.

    Raises:
        StorageError: If the disk can't hold the result, or fills up; decoding goes on from there.
    """
    entries = _resumed(folder)
    total = len(corpus.recordings)
    missing = range(len(entries), total)
    _check_space(corpus, missing)
    jobs = (joblib.delayed(_decoded)(corpus, index) for index in missing)
    results = joblib.Parallel(n_jobs=n_jobs, return_as="generator", batch_size=8)(jobs)
    try:
        # unbuffered, so that a line of the journal never stands for samples that aren't written
        with (
            told(cache_root()),
            (folder / SAMPLES).open("ab", buffering=0) as samples,
            (folder / JOURNAL).open("ab", buffering=0) as journal,
        ):
            for index, (clips, entry) in zip(missing, results, strict=True):
                samples.write(clips.tobytes())
                journal.write(signed(asdict(entry)))
                progress("decoding recordings", index + 1, total)
        with told(cache_root()):
            checksums = [number for entry in entries_of(folder) for number in entry.checksums]
            (folder / CHECKSUMS).write_bytes(np.array(checksums, "<u4").tobytes())
    except KeyboardInterrupt:
        # They would wait for more work for minutes. Who asks for their executor to end them may
        # wait for ever: for its thread, which waits for a lock that is held meanwhile.
        for process in multiprocessing.active_children():
            if isinstance(process, LokyProcess):
                process.terminate()
        raise


def damaged_samples(folder: Path, *, progress: Progress) -> str:
    """What is wrong with a folder's samples, all of which are read, in words; empty if nothing."""
    entries, n_whole = entries_of(folder), 0
    for n_whole, _ in enumerate(_whole(folder, entries), start=1):
        progress("checking decoded recordings", n_whole, len(entries))
    return "" if n_whole == len(entries) else f"recording {n_whole + 1} has changed"


def entries_of(folder: Path) -> tuple[Entry, ...]:
    """The journal of a folder, up to the first line that isn't whole."""
    entries = []
    for line in (folder / JOURNAL).read_bytes().splitlines(keepends=True):
        try:
            entries.append(from_mapping(Entry, content_of(line), where=JOURNAL))
        except (ValueError, SettingsError):
            break
    return tuple(entries)


def _resumed(folder: Path) -> Sequence[Entry]:
    """The recordings that the folder holds undamaged, after cutting off whatever follows them."""
    (folder / SAMPLES).touch()
    (folder / JOURNAL).touch()
    entries = list(_whole(folder, entries_of(folder)))
    _cut(folder / SAMPLES, sum(entry.n_clips for entry in entries) * CLIP_BYTES)
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)[: len(entries)]
    _cut(folder / JOURNAL, sum(map(len, lines)))
    return entries


def _cut(path: Path, n_bytes: int) -> None:
    """Let a file end earlier. A copy: what others have mapped mustn't vanish under their hands."""
    if path.stat().st_size > n_bytes:
        shorter = path.with_suffix(".shorter")
        try:
            shutil.copyfile(path, shorter)
            os.truncate(shorter, n_bytes)
            shorter.replace(path)
        finally:
            shorter.unlink(missing_ok=True)


def _whole(folder: Path, entries: Sequence[Entry]) -> Iterator[Entry]:
    """The first entries whose samples are there and unchanged."""
    with (folder / SAMPLES).open("rb") as samples:
        for entry in entries:
            clips = samples.read(entry.n_clips * CLIP_BYTES)
            if checksums_of(clips) != entry.checksums:
                return
            yield entry


def _check_space(corpus: Corpus, indices: Sequence[int]) -> None:
    """Refuse to start what the disk can't hold; the estimate is what the headers say."""
    seconds = {index: corpus.seconds(index) for index in indices}
    needed = sum(max(1, int(length // CLIP_S)) for length in seconds.values()) * CLIP_BYTES
    free = shutil.disk_usage(cache_root()).free
    if needed > free:
        longest = max(seconds, key=seconds.__getitem__)
        raise StorageError(
            f"{corpus.name}: decoding needs up to {needed / 1e6:,.0f} MB in {cache_root()}, where "
            f"{free / 1e6:,.0f} MB are free; free some, or set FEDASC_CACHE to a folder on a "
            f"larger disk; the longest recording is {corpus.recordings[longest].name} of "
            f"{seconds[longest]:,.0f} s"
        )


def _decoded(corpus: Corpus, index: int) -> tuple[NDArray[np.int16], Entry]:
    """The usable clips of a recording, (n_clips, 160000), and its entry in the journal."""
    try:
        sound = _sound(corpus, index)
    except AudioError as error:
        return np.zeros((0, CLIP_SAMPLES), "<i2"), Entry(reason=str(error))
    pieces = _pieces(sound.signal)
    reason = "" if len(pieces) else f"shorter than {CLIP_S / 2:g} s; give longer recordings"
    measures = [level_and_peak_ratio(piece) for piece in pieces]
    used = []
    may_burst = corpus.recordings[index].label == "speech"
    for level, ratio in measures:
        silent = level < SILENCE_DBFS
        bursts = not may_burst and ratio > MAX_ENERGY_PEAK_RATIO
        if silent:
            reason = f"silent: under {SILENCE_DBFS:g} dBFS"
        elif bursts:
            reason = f"{BURSTS}: energy-peak ratio {ratio:.1f} > {MAX_ENERGY_PEAK_RATIO:g}"
        used.append(not silent and not bursts)
    scaled = pieces[used] * FULL_SCALE
    np.clip(np.rint(scaled, out=scaled), -FULL_SCALE, FULL_SCALE - 1, out=scaled)
    clips = scaled.astype("<i2")
    entry = Entry(
        used=tuple(used),
        level_dbfs=tuple(round(level, 2) for level, _ in measures),
        energy_peak_ratio=tuple(round(ratio, 3) for _, ratio in measures),
        reason=reason,
        checksums=checksums_of(clips.tobytes()),
        clipped=round(sound.clipped, 6),
        full_scale=sound.full_scale,
        note=sound.note,
    )
    return clips, entry


def _sound(corpus: Corpus, index: int) -> Sound:
    if isinstance(corpus, CorpusOfFiles):
        return corpus.sound(index)
    signal = corpus.read(index)
    return Sound(signal=signal, clipped=clipped_share(signal, peak_of(signal)))


def _pieces(signal: Signal) -> Signal:
    """(n, 160000) whole pieces of 10 s; what lasts from 5 to 10 s is repeated to fill one."""
    if _MIN_SAMPLES <= len(signal) < CLIP_SAMPLES:
        signal = np.resize(signal, CLIP_SAMPLES)
    return signal[: len(signal) // CLIP_SAMPLES * CLIP_SAMPLES].reshape(-1, CLIP_SAMPLES)
