"""Samples of files, read in blocks to where they end, whatever headers say."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from mmap import mmap
from pathlib import Path

import numpy as np
import soundfile

from fedasc.audio import Signal
from fedasc.audio.headers import UNKNOWN, Content
from fedasc.errors import AudioError

_BLOCK = 2**22
"""Samples of all channels that are read at once."""


class Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from front to back.

    soundfile seeks to where it is after each read, unless it takes a file for one that can't seek;
    at the end of a file of unknown length that fails.
    """

    def seekable(self) -> bool:
        return False


@contextmanager
def opened(path: Path) -> Iterator[Forward]:
    """A file of sound; whatever is wrong with it comes out as an error that names it.

    Raises:
        AudioError: If it is missing, no regular file, which isn't opened then, or unreadable.
    """
    with named(path):
        _check_regular(path)
        try:
            with Forward(os.fsencode(path)) as file:
                yield file
        except (soundfile.SoundFileError, TypeError, OSError) as error:
            # soundfile wants more arguments for a name that ends in .raw, and says so by TypeError
            raise AudioError(f"not a readable audio file ({_reason(error)})") from error


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Where an error says what is wrong with a file, and comes out with its path before it."""
    try:
        yield
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error


def _check_regular(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise AudioError("no such file") from error
    if stat.S_ISDIR(mode):
        raise AudioError("no such file, but a folder")
    if not stat.S_ISREG(mode):
        raise AudioError("not a regular file but a pipe, socket or device; give a file")


def _reason(error: Exception) -> str:
    """Without the path, if libsndfile says it."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or error
    if str(text).startswith("File does not exist"):  # of what is too short for an MP3, say
        return "too little of it, or no format that is known"
    return str(text)


def n_samples(source: Forward | mmap | BytesIO) -> int:
    """Samples of each channel by the header, or counted if that doesn't tell."""
    if not isinstance(source, Forward):
        with Forward(source) as file:
            return n_samples(file)
    return source.frames if source.frames < UNKNOWN else sum(map(len, blocks(source)))


def first_channel(file: Forward, content: Content, *, start: int, n_wanted: int | None) -> Signal:
    """The first channel of a file, or of a stretch of it, (n_samples,) float32.

    Args:
        file: At its beginning.
        content: How to read all of it.
        start: First sample.
        n_wanted: How many, if the file has them; all that follow if None.

    Raises:
        AudioError: If there are none, the rate changes, or the file is damaged.
    """
    read: list[Signal] = []
    try:
        read.extend(_stretch(file, content, start, n_wanted))
    except soundfile.SoundFileError as error:
        n_read, end = sum(map(len, read)), (content.seconds or np.inf) * file.samplerate
        if n_read < end - start:  # else it is what somebody has written behind the last sample
            at_s = (start + n_read) / file.samplerate
            raise AudioError(
                f"not a readable audio file (at {at_s:.1f} s: {_reason(error)})"
            ) from error
    if not read:
        raise AudioError(f"holds no samples (from {start / file.samplerate:g} s on)")
    return read[0] if len(read) == 1 else np.concatenate(read)


def _stretch(file: Forward, content: Content, start: int, n_wanted: int | None) -> Iterator[Signal]:
    """The blocks of a stretch, from one part after the other."""
    if not content.parts:
        yield from blocks(file, start=start, n_wanted=n_wanted)
        return
    for source in content.parts:
        with Forward(source) as part:
            if part.samplerate != file.samplerate:
                raise AudioError(
                    f"changes from {file.samplerate} to {part.samplerate} Hz; give its parts as "
                    "files of their own"
                )
            if start >= part.frames:
                start -= part.frames
                continue
            for block in blocks(part, start=start, n_wanted=n_wanted):
                yield block
                n_wanted = None if n_wanted is None else n_wanted - len(block)
            start = 0


def blocks(file: Forward, *, start: int = 0, n_wanted: int | None = None) -> Iterator[Signal]:
    """The first channel of a file from `start` on, in blocks, until nothing follows.

    Raises:
        soundfile.SoundFileError: If it is damaged, after what could be read.
    """
    left = UNKNOWN if n_wanted is None else n_wanted
    if file.frames < UNKNOWN:
        start = min(start, file.frames)
        left = min(left, file.frames - start)
        file.seek(start)  # to the start, too: MP3 is decoded to other last bits after a seek
    else:  # to seek there may end anywhere
        for _ in _following(file, start):
            pass
    yield from _following(file, left)


def _following(file: Forward, n_wanted: int) -> Iterator[Signal]:
    at, left = file.tell(), n_wanted
    while left > 0:
        shape = (min(left, max(1, _BLOCK // file.channels)), file.channels)
        buffer, failure = np.empty(shape, np.float32), None
        try:
            file.read(out=buffer)
        except soundfile.SoundFileError as error:
            failure = error
        n_read = file.tell() - at
        if n_read:
            yield np.ascontiguousarray(buffer[:n_read, 0])
        if failure:
            raise failure
        if not n_read:
            return
        at, left = at + n_read, left - n_read
