"""Headers: what they claim of a file's length, held against what is there.

libsndfile reads as many samples as a header claims. Where that is too few, or says nothing, the
same bytes are handed on with a header that lets it read to the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from mmap import ACCESS_COPY, mmap
from pathlib import Path

import soundfile

from fedasc.audio.chunks import sample_chunk
from fedasc.audio.flac import last_sample
from fedasc.audio.mpeg import MpegStream, mpeg_streams
from fedasc.audio.ogg import ogg_links
from fedasc.errors import AudioError

UNKNOWN = 2**62
"""More samples than a file holds: libsndfile tells such numbers where it knows none."""

_UNTOLD_BYTES = 0x7FFF_0000
"""From here on a size says that the writer didn't know it, unless the file is as large."""

_FLAC_START = b"fLaC\x00\x00\x00\x22"
"""And the size of what follows: long enough to be nowhere else by chance."""


@dataclass(frozen=True)
class Content:
    """How to read all of a file.

    Args:
        seconds: How long the file is by its header, or by those of its frames; None if they don't
            say.
        parts: Files to read one after the other; none if it can be read as it is.
    """

    seconds: float | None
    parts: tuple[mmap | BytesIO, ...] = ()


def content_of(path: Path, file: soundfile.SoundFile, *, end: int | None) -> Content:
    """Hold the header of an open file against its bytes.

    Args:
        path: The file.
        file: The same, opened.
        end: The sample up to which it will be read; None for all of it, 0 if only its length is
            wanted.
    """
    seconds = file.frames / file.samplerate if file.frames < UNKNOWN else None
    check = _CHECKS.get(file.format)
    return check(path, file, Content(seconds), end) if check else Content(seconds)


def _bytes_of(path: Path) -> mmap:
    """What is written to them stays in memory."""
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_COPY)


@lru_cache(maxsize=16)  # of a long file many stretches are read
def _links(path: Path, n_bytes: int, changed_ns: int) -> tuple[slice, ...]:
    return ogg_links(_bytes_of(path))


@lru_cache(maxsize=16)
def _streams(path: Path, n_bytes: int, changed_ns: int) -> tuple[MpegStream, ...]:
    return mpeg_streams(_bytes_of(path))


def _flac(path: Path, file: soundfile.SoundFile, claimed: Content, end: int | None) -> Content:
    """As of unknown length if it has more than it claims: libsndfile reads it to its end then.

    If only its length is wanted, it is so too if the last frame says that it has less.

    Raises:
        AudioError: If another file follows, of which libsndfile reads nothing.
    """
    if end and end <= file.frames < UNKNOWN:
        return claimed
    data = _bytes_of(path)
    start = data.find(b"fLaC")
    if end != 0 and data.find(_FLAC_START, start + 1) >= 0:
        raise AudioError("several FLAC files in one; give each as a file of its own")
    n_samples = last_sample(data, start)
    is_short = end == 0 and 0 < n_samples < file.frames
    if n_samples <= file.frames < UNKNOWN and not is_short:
        return claimed
    data[start + 21] &= 0xF0
    data[start + 22 : start + 26] = bytes(4)
    return Content(claimed.seconds, (data,))


def _ogg(path: Path, file: soundfile.SoundFile, claimed: Content, end: int | None) -> Content:
    """Each link of a chain by itself."""
    state = path.stat()
    links = _links(path, state.st_size, state.st_mtime_ns)
    if len(links) < 2:
        return claimed
    data = _bytes_of(path)
    return Content(None, tuple(BytesIO(data[link]) for link in links))


def _mpeg(path: Path, file: soundfile.SoundFile, claimed: Content, end: int | None) -> Content:
    """Each stream by itself, with an index that is true."""
    state = path.stat()
    streams = _streams(path, state.st_size, state.st_mtime_ns)
    if not streams:
        return claimed
    first = streams[0]
    is_true = file.frames == first.n_samples or (first.n_indexed or 0) >= first.n_frames
    if len(streams) == 1 and is_true:
        return claimed
    data = _bytes_of(path)
    seconds = None  # by an index, which also tells what of a first and last frame is no sound
    if all(stream.n_indexed is None for stream in streams):
        seconds = sum(stream.n_samples for stream in streams) / file.samplerate
    return Content(seconds, tuple(BytesIO(stream.bytes_of(data)) for stream in streams))


def _chunked(path: Path, file: soundfile.SoundFile, claimed: Content, end: int | None) -> Content:
    """WAV, AIFF, AU and CAF: samples are a chunk, which has a size."""
    data = _bytes_of(path)
    chunk = sample_chunk(data)
    if chunk is None or chunk.is_true:
        return claimed
    if chunk.n_claimed < chunk.n_there:
        chunk.correct(data)
        return Content(claimed.seconds if chunk.n_claimed else None, (data,))
    if chunk.n_claimed >= _UNTOLD_BYTES or claimed.seconds is None:
        return Content(None)
    return Content(claimed.seconds * chunk.n_claimed / chunk.n_there)


_Check = Callable[[Path, soundfile.SoundFile, Content, int | None], Content]
_CHECKS: dict[str, _Check] = {
    "AIFF": _chunked,
    "AU": _chunked,
    "CAF": _chunked,
    "FLAC": _flac,
    "MP3": _mpeg,
    "OGG": _ogg,
    "RF64": _chunked,
    "WAV": _chunked,
    "WAVEX": _chunked,
}
