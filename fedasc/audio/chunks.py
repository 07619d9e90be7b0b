"""Chunks: how much of a WAV, AIFF, AU or CAF file are samples, by its header and by what follows.

Layouts after Microsoft's and IBM's RIFF and EBU Tech 3306 (RF64), Apple's AIFF and CAF, Sun's AU.
"""

from dataclasses import dataclass
from mmap import mmap
from struct import Struct

_TAGS = (b"ID3", b"TAG", b"APE", b"LYR")
"""What is written behind files of any kind."""

_LITTLE = 0.01
"""What part of the samples may follow them unexplained."""


@dataclass(frozen=True)
class SampleChunk:
    """The samples of a file.

    Args:
        n_claimed: Bytes by their header.
        n_there: Bytes from their first one to the end of the file.
        is_true: Whether as many are there, and what follows is something else.
        size: How their number is written.
        size_at: Where it stands.
    """

    n_claimed: int
    n_there: int
    is_true: bool
    size: Struct
    size_at: int

    def correct(self, data: mmap) -> None:
        """Let samples be all that follows."""
        self.size.pack_into(data, self.size_at, self.n_there)


@dataclass(frozen=True)
class _Layout:
    """How chunks follow each other.

    Args:
        first: Byte where they start.
        size: Of a chunk, which stands behind four letters.
        align: What the places of chunks are multiples of.
    """

    first: int
    size: Struct
    align: int = 2

    @property
    def head(self) -> int:
        """Bytes of a chunk before its content."""
        return 4 + self.size.size

    def following(self, data: mmap, at: int) -> int:
        """Where the next chunk starts after the one `at` a place."""
        end = at + self.head + int(self.size.unpack_from(data, at + 4)[0])
        return end + end % self.align


_LAYOUTS = {
    b"RIFF": _Layout(12, Struct("<I")),
    b"RF64": _Layout(12, Struct("<I")),
    b"RIFX": _Layout(12, Struct(">I")),
    b"FORM": _Layout(12, Struct(">I")),
    b"caff": _Layout(8, Struct(">Q"), align=1),
    b".snd": _Layout(0, Struct(">I")),
    b"dns.": _Layout(0, Struct("<I")),
}
"""By the first letters of a file."""


def sample_chunk(data: mmap) -> SampleChunk | None:
    """The samples of a file; None if it is of another kind, or has none."""
    letters = data[:4]
    layout = _LAYOUTS.get(letters)
    if layout is None:
        return None
    size, size_at = layout.size, 8
    if letters in (b".snd", b"dns."):  # no chunks: the header says where samples start
        (start,) = size.unpack_from(data, 4)
    else:
        at = layout.first
        while at + layout.head <= len(data) and data[at : at + 4] not in (b"data", b"SSND"):
            at = layout.following(data, at)
        size_at, start = at + 4, at + layout.head
        if letters == b"RF64":  # whose first chunk says it
            size, size_at = Struct("<Q"), 28
    n_there = len(data) - start
    if n_there <= 0:
        return None
    (n_claimed,) = size.unpack_from(data, size_at)
    is_true = n_claimed <= n_there and _is_explained(data, start + n_claimed, layout, n_claimed)
    return SampleChunk(n_claimed, n_there, is_true, size, size_at)


def _is_explained(data: mmap, end: int, layout: _Layout, n_bytes: int) -> bool:
    """Whether what follows samples are chunks, a tag, zeros or little."""
    if len(data) - end <= _LITTLE * n_bytes or not data[end:].strip(b"\0"):
        return True
    return any(_is_chunks(data, at, layout) for at in (end + end % layout.align, end))


def _is_chunks(data: mmap, at: int, layout: _Layout) -> bool:
    while at + layout.head <= len(data):
        name = data[at : at + 4]
        if name[:3] in _TAGS:
            return True
        if not all(32 <= letter < 127 for letter in name):
            return False
        at = layout.following(data, at)
    return at <= len(data) + 1
