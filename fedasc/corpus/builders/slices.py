"""Slices: short files cut from one recording, put together again where they go on from another."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import soundfile

from fedasc.atomic import replaced
from fedasc.audio.files import length_s
from fedasc.corpus.builders.build import Left
from fedasc.corpus.clips import CLIP_S

TOO_SHORT = f"shorter than {CLIP_S / 2:g} s, with whatever goes on from it"
JOINED = "joined"
"""Folder of what was put together."""

UNREADABLE = "not a readable audio file, or empty"

_INTEGER = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32")
_FLOAT = ("FLOAT", "DOUBLE")
_GAP_S = 0.001  # what resampling may take from the end of a slice


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A file that was cut from a recording.

    Args:
        path: Relative to the corpus' folder.
        start_s: Where it starts in the recording.
    """

    path: str
    start_s: float


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Sound without a gap.

    Args:
        path: The slice, or the file that several were put together in.
        first: The first slice.
        duration_s: How long it lasts.
    """

    path: str
    first: Slice
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """A slice, how long it is, and what its header says else."""

    piece: Slice
    n_frames: int
    kind: tuple[int, int, str]  # rate in Hz, channels, subtype


class _BrokenError(Exception):
    """A file doesn't hold what its header says."""


def put_together(
    root: Path, slices: Sequence[Slice], *, home: str
) -> tuple[tuple[Stretch, ...], Left]:
    """The stretches of one recording that its slices cover.

    Slices may overlap: of each counts what goes on from those before it. Stretches of several are
    written, sample by sample as they are, to a WAV file in the folder `joined` that is named like
    their first slice; those that are there in the right length stay, so that an interrupted call
    can be made again.

    Args:
        root: The corpus' folder.
        slices: All of one recording, in any order.
        home: Where the folder `joined` is to be, relative to root.

    Returns:
        Stretches that suffice for a clip, and every slice that is in none, with the reason.

    Raises:
        FedascError: If the disk is full, or the folder can't be written.
    """
    cuts, left = [], []
    for piece in sorted(slices, key=lambda piece: (piece.start_s, piece.path)):
        cut = _cut(root, piece)
        if cut is None:
            left.append((piece.path, UNREADABLE))
        else:
            cuts.append(cut)
    stretches = []
    for run in _runs(cuts):
        first, rate_hz = run[0].piece, run[0].kind[0]
        starts, n_frames = _layout(run)
        path = first.path
        if n_frames < CLIP_S / 2 * rate_hz:
            left += [(cut.piece.path, TOO_SHORT) for cut in run]
            continue
        if len(run) > 1:
            path = str(PurePosixPath(home, JOINED, f"{PurePosixPath(first.path).stem}.wav"))
            try:
                _write(root, path, run, starts, n_frames)
            except _BrokenError as error:
                sound = [piece for piece in slices if piece.path != str(error)]
                again, others = put_together(root, sound, home=home)
                return again, ((str(error), UNREADABLE), *others)
        stretches.append(Stretch(path=path, first=first, duration_s=n_frames / rate_hz))
    return tuple(stretches), tuple(left)


def _cut(root: Path, piece: Slice) -> _Cut | None:
    seconds = length_s(root / piece.path)  # 0 of what can't be read
    if not seconds:
        return None
    info = soundfile.info(root / piece.path)
    kind = (info.samplerate, info.channels, info.subtype)
    return _Cut(piece=piece, n_frames=round(seconds * info.samplerate), kind=kind)


def _runs(cuts: Sequence[_Cut]) -> Iterator[Sequence[_Cut]]:
    """Slices that follow or overlap each other, of one format."""
    run: list[_Cut] = []
    end_s = 0.0
    for cut in cuts:
        if run and (cut.piece.start_s > end_s + _GAP_S or cut.kind != run[0].kind):
            yield run
            run = []
        stop_s = cut.piece.start_s + cut.n_frames / cut.kind[0]
        end_s = max(end_s, stop_s) if run else stop_s
        run.append(cut)
    if run:
        yield run


def _layout(run: Sequence[_Cut]) -> tuple[Sequence[int], int]:
    """From which frame on each slice goes on from those before it, and the frames of all."""
    starts, end = [], 0
    for cut in run:
        offset = round((cut.piece.start_s - run[0].piece.start_s) * cut.kind[0])
        starts.append(min(max(0, end - offset), cut.n_frames))
        end += cut.n_frames - starts[-1]
    return starts, end


def _write(
    root: Path, path: str, run: Sequence[_Cut], starts: Sequence[int], n_frames: int
) -> None:
    there = _cut(root, Slice(path=path, start_s=0)) if (root / path).is_file() else None
    if there and (there.n_frames, there.kind[:2]) == (n_frames, run[0].kind[:2]):
        return
    rate_hz, n_channels, subtype = run[0].kind
    kept = subtype if subtype in _INTEGER + _FLOAT else "FLOAT"
    content = io.BytesIO()  # libsndfile doesn't tell why it can't write
    with soundfile.SoundFile(content, "w", rate_hz, n_channels, kept, format="WAV") as joined:
        for cut, start in zip(run, starts, strict=True):
            try:
                samples, _ = soundfile.read(
                    root / cut.piece.path,
                    dtype="int32" if kept in _INTEGER else "float64",
                    always_2d=True,
                )
            except (soundfile.SoundFileError, RuntimeError) as error:
                raise _BrokenError(cut.piece.path) from error
            if len(samples) != cut.n_frames:
                raise _BrokenError(cut.piece.path)
            joined.write(samples[start:])
    with replaced(root / path) as file:
        file.write(content.getvalue())
