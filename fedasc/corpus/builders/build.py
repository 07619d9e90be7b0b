"""What every builder makes of a corpus that it found in a folder."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from fedasc.corpus.names import misnamed
from fedasc.corpus.recordings import Recording

Left = tuple[tuple[str, str], ...]
"""Names and reasons of what was left out."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """The recordings that a builder found.

    Args:
        recordings: Ordered by name; paths are relative to the folder that was read.
        licence: What may be done with the corpus, in one sentence.
        left: What the corpus lists or holds that isn't among the recordings, and why.
    """

    recordings: tuple[Recording, ...]
    licence: str
    left: Left = ()


Builder = Callable[[Path], Build]
"""Reads a folder; raises CorpusError if it doesn't hold the corpus."""


def without_misnamed(build: Build) -> Build:
    """A build whose recordings a manifest can hold; the others are left out with the reason."""
    reasons = [misnamed(recording) for recording in build.recordings]
    pairs = list(zip(build.recordings, reasons, strict=True))
    return replace(
        build,
        recordings=tuple(recording for recording, reason in pairs if not reason),
        left=(*build.left, *((recording.path, reason) for recording, reason in pairs if reason)),
    )
