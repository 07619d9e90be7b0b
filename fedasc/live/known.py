"""Recordings that a server has learnt from, told again by their sound, whatever names them."""

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fedasc.corpus.clips import Clips
from fedasc.corpus.recordings import Recording


def checksums(clips: Clips, indices: Iterable[int]) -> NDArray[np.uint32]:
    """(n_indices,) CRC-32 of the samples of clips."""
    return np.array([zlib.crc32(clips.stored(index).tobytes()) for index in indices], np.uint32)


def unknown_clips(
    recordings: Sequence[Recording], sums: NDArray[np.uint32], known: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """(n_clips,) which stand in groups of which the server hasn't heard a single clip.

    Args:
        recordings: Of each clip.
        sums: (n_clips,) checksums.
        known: (n_known,) checksums of what the server has heard.
    """
    heard = np.isin(sums, known)
    groups = {
        recording.group for recording, is_known in zip(recordings, heard, strict=True) if is_known
    }
    return np.array([recording.group not in groups for recording in recordings], np.bool_)
