"""MPEG audio: the streams that a file holds, told by their frames and not by an index.

Headers of frames after ISO/IEC 11172-3 and 13818-3; the index is Xing's, as LAME writes it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from mmap import mmap

_RATES_HZ = (44_100, 48_000, 32_000)
_HALVED = {3: 0, 2: 1, 0: 2}
"""How often MPEG 1, 2 and 2.5 halve these."""
_KBPS = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By whether it is MPEG 1, and layer."""
_GAP_BYTES = 512
"""Decoders give up where they find no frame for longer than about twice as long."""


@dataclass(frozen=True)
class Frame:
    """What the header of a frame says.

    Args:
        n_bytes: Length of the frame.
        n_samples: Of each channel.
        kind: Version, layer and sampling rate, which the frames of a stream share.
        index_at: Where in the frame an index would stand; 0 if the layer has none.
    """

    n_bytes: int
    n_samples: int
    kind: tuple[int, int, int]
    index_at: int


@dataclass(frozen=True)
class MpegStream:
    """Frames of one kind, one after the other.

    Args:
        start: Byte where the first one starts, which may be an index.
        end: Byte behind the last one.
        header: Of the first one.
        n_frames: How many hold sound.
        n_indexed: How many do by the index; None without one.
    """

    start: int
    end: int
    header: bytes
    n_frames: int
    n_indexed: int | None

    @property
    def n_samples(self) -> int:
        return self.n_frames * _first(self).n_samples

    def bytes_of(self, data: bytes | mmap) -> bytes:
        """The stream by itself, with an index that tells all its frames."""
        index_at, content = _first(self).index_at, data[self.start : self.end]
        count = struct.pack(">I", self.n_frames)
        if not index_at or (self.n_indexed or 0) >= self.n_frames:
            return content
        if self.n_indexed:
            return content[: index_at + 8] + count + content[index_at + 12 :]
        if self.n_indexed == 0:  # it tells nothing: another one takes its place
            content = content[_first(self).n_bytes :]
        # of the ninth bit rate, which has room for an index; with neither padding nor checksum
        version, rates = self.header[1] | 1, 0x90 | self.header[2] & 0x0C
        header = bytes((self.header[0], version, rates, self.header[3]))
        index = header.ljust(index_at, b"\0") + b"Xing" + struct.pack(">I", 1) + count
        frame = _parsed(header)
        assert frame
        return index.ljust(frame.n_bytes, b"\0") + content


def mpeg_streams(data: bytes | mmap) -> tuple[MpegStream, ...]:
    """The streams in a file, in their order; none if frames don't tell their lengths."""
    streams: list[MpegStream] = []
    start, end, n_frames, kind, first, n_indexed = 0, 0, 0, None, b"", None
    for at, header, frame in _frames(data):
        indexed = _indexed(data, at + frame.index_at) if frame.index_at else None
        if indexed is not None or frame.kind != kind or at - end > _GAP_BYTES:
            if n_frames:
                streams.append(MpegStream(start, end, first, n_frames, n_indexed))
            start, kind, first, n_indexed = at, frame.kind, header, indexed
            n_frames = -1 if indexed is not None else 0
        n_frames += 1
        end = at + frame.n_bytes
    if n_frames:
        streams.append(MpegStream(start, end, first, n_frames, n_indexed))
    return tuple(streams)


def _first(stream: MpegStream) -> Frame:
    frame = _parsed(stream.header)
    assert frame
    return frame


def _frames(data: bytes | mmap) -> Iterator[tuple[int, bytes, Frame]]:
    """Place, header and meaning of each whole frame; what lies between frames is passed over."""
    at, kind = 0, None
    while at + 4 <= len(data):
        header = data[at : at + 4]
        frame = _parsed(header)
        if frame is None or (frame.kind != kind and not _goes_on(data, at, frame)):
            at = _behind(data, at)
            continue
        kind = frame.kind
        if at + frame.n_bytes <= len(data):
            yield at, header, frame
        at += frame.n_bytes


def _goes_on(data: bytes | mmap, at: int, frame: Frame) -> bool:
    """Whether two more frames of the kind follow: bytes that look like a header are frequent."""
    kind, following = frame.kind, frame
    for _ in range(2):
        at += following.n_bytes
        after = _parsed(data[at : at + 4])
        if after is None or after.kind != kind:
            return False
        following = after
    return True


def _behind(data: bytes | mmap, at: int) -> int:
    """Where the next frame may start: behind a tag, or at the next byte that headers start with."""
    if data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        a, b, c, d = data[at + 6 : at + 10]
        return at + 10 + (a << 21 | b << 14 | c << 7 | d)
    candidate = data.find(b"\xff", at + 1)
    return candidate if candidate >= 0 else len(data)


def _indexed(data: bytes | mmap, at: int) -> int | None:
    """How many frames an index tells, 0 if it doesn't; None if there is no index."""
    if data[at : at + 4] not in (b"Xing", b"Info") or at + 12 > len(data):
        return None
    flags, count = struct.unpack(">II", data[at + 4 : at + 12])
    return int(count) if flags & 1 else 0


@cache
def _parsed(header: bytes) -> Frame | None:
    """What four bytes say if they are the header of a frame that tells its length."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, bits = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 4 or rate == 3 or bits in (0, 15):
        return None
    rate_hz = _RATES_HZ[rate] >> _HALVED[version]
    n_bits = 1000 * _KBPS[version == 3, layer][bits - 1]
    padding = header[2] >> 1 & 1
    n_samples = {1: 384, 2: 1152, 3: 1152 if version == 3 else 576}[layer]
    if layer == 1:
        n_bytes = 4 * (12 * n_bits // rate_hz + padding)
    else:
        n_bytes = n_samples // 8 * n_bits // rate_hz + padding
    mono = header[3] >> 6 == 3
    side = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}
    index_at = 4 + side[version == 3, mono] if layer == 3 else 0
    return Frame(n_bytes, n_samples, (version, layer, rate_hz), index_at)
