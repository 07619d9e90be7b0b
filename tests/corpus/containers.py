"""Audio files written byte by byte, and taken apart: what no library would write."""

import io
import struct
from collections.abc import Sequence
from functools import cache

import numpy as np
import soundfile

from fedasc.audio import FloatArray
from tests.corpus.siren import Stretch, siren

Chunk = tuple[bytes, bytes]
_WIDTHS = {"u1": 1, "i2": 2, "i3": 3, "i4": 4, "f4": 4, "f8": 8}


def encoded(samples: FloatArray, rate_hz: int, form: str, **options: object) -> bytes:
    """The bytes of a file that soundfile writes."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=form, **options)
    return file.getvalue()


@cache
def lossy(stretch: Stretch, rate_hz: int, form: str, **options: object) -> bytes:
    """A stretch of the siren, encoded; the same bytes when asked for again."""
    return encoded(siren(*stretch, rate_hz), rate_hz, form, **options)


def pcm(samples: FloatArray, kind: str, *, order: str = "<") -> bytes:
    """Samples (n_samples,) or (n_samples, n_channels) of full scale 1 as numbers of a kind."""
    if kind.startswith("f"):
        return bytes(np.asarray(samples, order + kind).tobytes())
    bits = 8 * _WIDTHS[kind]
    numbers = np.rint(samples * (2 ** (bits - 1) - 1)).astype(np.int64)
    if kind == "u1":
        numbers += 128
    elif kind == "i3":
        octets = numbers.astype("<i4").reshape(-1, 1).view("u1")[:, :3]
        return bytes((octets if order == "<" else octets[:, ::-1]).tobytes())
    return bytes(numbers.astype(order + kind).tobytes())


def chunk(name: bytes, content: bytes, *, size: int | None = None, pad: bool = True) -> bytes:
    """A chunk of RIFF; its size may lie, and what is odd may lack its last byte."""
    size = len(content) if size is None else size
    return name + struct.pack("<I", size) + content + b"\0" * (pad and len(content) % 2)


def wav_format(rate_hz: int, kind: str, *, n_channels: int = 1, extensible: bool = False) -> bytes:
    """The content of a chunk `fmt `."""
    width, tag = _WIDTHS[kind], 3 if kind.startswith("f") else 1
    content = struct.pack(
        "<HHIIHH",
        *(0xFFFE if extensible else tag, n_channels, rate_hz),
        *(rate_hz * width * n_channels, width * n_channels, 8 * width),
    )
    if extensible:
        guid = struct.pack("<I", tag) + bytes.fromhex("00001000800000aa00389b71")
        content += struct.pack("<HHI", 22, 8 * width, 0) + guid
    return content


def wav(
    data: bytes,
    *,
    form: bytes,
    size: int | None = None,
    riff_size: int | None = None,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
    pad: bool = True,
) -> bytes:
    """A WAV file of chunks; the sizes of data and file may lie."""
    body = b"".join(
        [b"WAVE", chunk(b"fmt ", form), *before, chunk(b"data", data, size=size, pad=pad), *after]
    )
    return b"RIFF" + struct.pack("<I", len(body) if riff_size is None else riff_size) + body


def rf64(data: bytes, *, form: bytes, n_frames: int, size: int | None = None) -> bytes:
    """A WAV file with sizes of 64 bits, in the chunk ds64."""
    size = len(data) if size is None else size
    sizes = struct.pack("<QQQI", 72 + len(data), size, n_frames, 0)
    body = b"".join(
        [
            b"WAVE",
            chunk(b"ds64", sizes),
            chunk(b"fmt ", form),
            chunk(b"data", data, size=0xFFFFFFFF),
        ]
    )
    return b"RF64\xff\xff\xff\xff" + body


def au(data: bytes, rate_hz: int, *, size: int, note: bytes = bytes(4)) -> bytes:
    """A Sun file of 16 bits."""
    return b".snd" + struct.pack(">IIIII", 24 + len(note), size, 3, rate_hz, 1) + note + data


def aiff(
    data: bytes,
    rate_hz: int,
    *,
    n_frames: int,
    size: int | None = None,
    form_size: int | None = None,
) -> bytes:
    """An AIFF file of 16 bits whose count of frames and sizes may lie."""
    exponent = rate_hz.bit_length() - 1
    rate = struct.pack(">HQ", 16383 + exponent, rate_hz << (63 - exponent))
    comm = struct.pack(">hIh", 1, n_frames, 16) + rate
    sound = b"SSND" + struct.pack(">III", 8 + len(data) if size is None else size, 0, 0) + data
    body = b"AIFF" + b"COMM" + struct.pack(">I", len(comm)) + comm + sound
    return b"FORM" + struct.pack(">I", len(body) if form_size is None else form_size) + body


def caf(data: bytes, rate_hz: int, *, size: int, before: Sequence[Chunk] = ()) -> bytes:
    """A Core Audio file of 16 bits, little-endian; -1 is a size that isn't known."""
    desc = struct.pack(">d4sIIIII", float(rate_hz), b"lpcm", 2, 2, 1, 1, 16)
    chunks = [(b"desc", desc), *before]
    head = b"".join(name + struct.pack(">q", len(content)) + content for name, content in chunks)
    return b"caff\0\1\0\0" + head + b"data" + struct.pack(">q", size) + bytes(4) + data


def flac_total(content: bytes, n_samples: int) -> bytes:
    """A FLAC file that says that it holds another number of samples; 0 is unknown."""
    data = bytearray(content)
    data[21] = data[21] & 0xF0 | n_samples >> 32
    data[22:26] = struct.pack(">I", n_samples & 0xFFFFFFFF)
    return bytes(data)


def flac_frames(content: bytes) -> list[int]:
    """Where the frames of a FLAC file start: a sync code and the next number."""
    starts: list[int] = []
    place = 4
    while True:  # metadata
        last, size = content[place] & 0x80, int.from_bytes(content[place + 1 : place + 4], "big")
        place += 4 + size
        if last:
            break
    while (place := content.find(b"\xff\xf8", place)) >= 0:
        if content[place + 4 :].startswith(chr(len(starts)).encode()):
            starts.append(place)
        place += 2
    return starts


def ogg_pages(content: bytes) -> list[bytes]:
    """The pages of an Ogg file."""
    pages = []
    while content:
        n_segments = content[26]
        size = 27 + n_segments + sum(content[27 : 27 + n_segments])
        pages.append(content[:size])
        content = content[size:]
    return pages


def ogg_page(page: bytes, *, granule: int | None = None, body: bytes | None = None) -> bytes:
    """A page with another position or content, and the checksum that belongs to it."""
    data = bytearray(page)
    if granule is not None:
        data[6:14] = struct.pack("<q", granule)
    if body is not None:
        data[27 + data[26] :] = body
    data[22:26] = bytes(4)
    data[22:26] = struct.pack("<I", _ogg_checksum(bytes(data)))
    return bytes(data)


def granule_of(page: bytes) -> int:
    """The position at the end of an Ogg page, in samples."""
    return int(struct.unpack("<q", page[6:14])[0])


@cache
def _ogg_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return tuple(table)


def _ogg_checksum(data: bytes) -> int:
    table, value = _ogg_table(), 0
    for octet in data:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ octet]
    return value


_MP3_KBPS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000)}


def mp3_frames(content: bytes) -> list[bytes]:
    """The frames of an MP3 file as soundfile writes it; the first holds the index."""
    frames = []
    while content:
        version, kbps = content[1] >> 3 & 3, content[2] >> 4
        one = version == 3
        rate_hz = _MP3_RATES_HZ[version][content[2] >> 2 & 3]
        size = (144 if one else 72) * _MP3_KBPS[1 if one else 2][kbps] * 1000 // rate_hz
        size += content[2] >> 1 & 1
        frames.append(content[:size])
        content = content[size:]
    return frames


def id3v2(n_bytes: int) -> bytes:
    """A tag of a frame of padding."""
    size = bytes(n_bytes >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\4\0\0" + size + bytes(n_bytes)


ID3V1 = b"TAG" + b"siren".ljust(125, b"\0")
