"""FLAC: up to which sample the last frame reaches (RFC 9639, section 9.1)."""

from mmap import mmap

_TAIL_BYTES = 2**14
"""Enough for the last frames where nothing says how long they are."""

_MARKS = (b"\xff\xf8", b"\xff\xf9")
"""What frames start with: those of one length, which are numbered, and others."""

_BLOCKS = {1: 192, **{k: 144 << k for k in range(2, 6)}, **{k: 1 << k for k in range(8, 16)}}
"""Samples of a frame by their code; 6 and 7 say that the number follows."""


def last_sample(data: bytes | mmap, start: int) -> int:
    """How many samples a file has by the headers of its last frames; 0 if none is found.

    Args:
        data: The file.
        start: Where its mark, fLaC, stands.
    """
    block = int.from_bytes(data[start + 8 : start + 10])
    longest = int.from_bytes(data[start + 15 : start + 18])
    tail = data[max(start + 42, len(data) - max(_TAIL_BYTES, 2 * longest)) :]
    return max(_last_end(tail, mark, block) for mark in _MARKS)


def _last_end(tail: bytes, mark: bytes, block: int) -> int:
    at = tail.rfind(mark)
    while at >= 0:
        if end := _end(tail[at : at + 16], block):
            return end
        at = tail.rfind(mark, 0, at)
    return 0


def _end(header: bytes, block: int) -> int:
    """The sample behind a frame, 0 if these bytes are no header.

    Args:
        header: Its first 16 bytes.
        block: Samples of a frame where these are numbered.
    """
    if len(header) < 6:
        return 0
    code, first = header[2] >> 4, header[4]
    n_bytes = 1 if first < 0x80 else 8 - (first ^ 0xFF).bit_length()  # as UTF-8 writes numbers
    end = 4 + n_bytes + {6: 1, 7: 2}.get(code, 0)
    end += {12: 1, 13: 2, 14: 2}.get(header[2] & 0x0F, 0)
    if end >= len(header) or _crc8(header[:end]) != header[end]:
        return 0
    number = first if n_bytes == 1 else first & (0x7F >> n_bytes)
    for byte in header[5 : 4 + n_bytes]:
        number = number << 6 | byte & 0x3F
    follows = header[4 + n_bytes : 4 + n_bytes + {6: 1, 7: 2}.get(code, 0)]
    n_samples = _BLOCKS.get(code) or int.from_bytes(follows) + 1
    return number + n_samples if header[1] & 1 else number * block + n_samples


def _crc8(data: bytes) -> int:
    remainder = 0
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder << 1 ^ (0x107 if remainder & 0x80 else 0)
    return remainder
