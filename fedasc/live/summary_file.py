"""Summary files: what a device sends of a day, as it goes over the wire.

A file is a line that says what it is, a line of JSON that says of which arrays the summary
consists, and then the bytes of these arrays, one after the other, row by row and little-endian.
These bytes are all that a device sends; the rest is known to who asked for them.
"""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fedasc.admission import Admission
from fedasc.aggregators.summary import Summary
from fedasc.atomic import replaced
from fedasc.errors import MessageError, SettingsError

FORMAT = 1
"""Raise it whenever a file must be read otherwise than before."""

SUFFIX = ".summary"
_FIRST = b"fedasc summary\n"
_LONGEST_LINE = 10_000
_DTYPES = ("<f2", "<f4", "<f8", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "|i1", "|u1")

Form = tuple[str, np.dtype[Any], tuple[int, ...]]
"""Of an array: its name, its type and its shape."""


@dataclass(frozen=True, kw_only=True)
class _About:
    """What a file says of the bytes in it."""

    kind: str
    n_windows: int
    bits: int
    server: str
    forms: tuple[Form, ...]
    crc32: int

    @property
    def n_bytes(self) -> int:
        return sum(prod(shape) * dtype.itemsize for _, dtype, shape in self.forms)


def write_summary(path: Path, summary: Summary, *, bits: int, server: str = "") -> None:
    """Write a summary to a file, which appears whole or not at all.

    Args:
        bits: Of each number, as `Release` has them.
        server: Digest of the server that it is meant for.

    Raises:
        StorageError: If the disk is full.
    """
    content = b"".join(_little(array).tobytes() for array in summary.arrays.values())
    about = {
        "format": FORMAT,
        "kind": summary.kind.kind,
        "n_windows": summary.n_windows,
        "bits": bits,
        "server": server,
        "arrays": [
            [name, _little(array).dtype.str, array.shape] for name, array in summary.arrays.items()
        ],
        "crc32": zlib.crc32(content),
    }
    with replaced(path) as file:
        file.write(_FIRST + json.dumps(about).encode() + b"\n" + content)


def read_summary(path: Path, *, admission: Admission, server: str) -> Summary:
    """Read what `write_summary` wrote, as doubtfully as if it came over the wire.

    Args:
        admission: What devices were asked for.
        server: Digest of the server that reads it.

    Raises:
        SettingsError: If the file is missing or damaged, is none, is of another version, or is
            meant for another server.
        MessageError: If it isn't what devices were asked for.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such summary file")
    asked, bits = admission.aggregator.kind, admission.release.bits
    with path.open("rb") as file:
        about = _read_about(path, file)
        if about.server not in ("", server):
            raise SettingsError(
                f"{path}: meant for another server; give the --server that the device listened for"
            )
        if (about.kind, about.bits) != (asked.kind, bits):
            raise MessageError(
                f"{path}: expected {asked.kind} in {bits} bits, got {about.kind} in {about.bits}"
            )
        most = admission.most_bytes(about.n_windows)
        if about.n_bytes > most:
            raise MessageError(f"{path}: {about.n_bytes} bytes, where {most} may be sent at most")
        content = file.read(about.n_bytes + 1)
    if len(content) != about.n_bytes or zlib.crc32(content) != about.crc32:
        raise SettingsError(f"{path}: damaged; have the day summarised again")
    arrays = _arrays(about.forms, content)
    summary = Summary(asked, arrays, about.n_windows, admission.release.encoding)
    admission.check(0, summary)
    return summary


def _read_about(path: Path, file: IO[bytes]) -> _About:
    """What the first two lines say."""
    first, line = file.readline(len(_FIRST)), file.readline(_LONGEST_LINE)
    try:
        if first != _FIRST:
            raise ValueError("first line")
        said = json.loads(line)
        version = said["format"]
    except (ValueError, TypeError, KeyError) as error:
        raise SettingsError(f"{path}: damaged, or no summary file of fedasc") from error
    if version != FORMAT:
        raise SettingsError(
            f"{path}: written in format {version!r}, of which this version of fedasc knows "
            f"{FORMAT}; use the version that wrote it"
        )
    try:
        return _About(
            kind=said["kind"],
            n_windows=said["n_windows"],
            bits=said["bits"],
            server=said["server"],
            forms=tuple(_form(*entry) for entry in said["arrays"]),
            crc32=int(said["crc32"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error


def _arrays(forms: Iterable[Form], content: bytes) -> dict[str, NDArray[Any]]:
    arrays, start = {}, 0
    for name, dtype, shape in forms:
        array = np.frombuffer(content, dtype, prod(shape), start).reshape(shape)
        arrays[name] = array.astype(dtype.newbyteorder("="))
        start += array.nbytes
    return arrays


def _form(name: Any, dtype: Any, shape: Any) -> Form:
    lengths = [length for length in shape if type(length) is int and length > 0]
    if type(name) is not str or dtype not in _DTYPES or len(lengths) != len(shape):
        raise ValueError(f"array {name!r}")
    return name, np.dtype(dtype), tuple(lengths)


def _little(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers with their least byte first."""
    return array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
