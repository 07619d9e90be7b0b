"""Summary files: what a device sends of a day, as it goes over the wire.

A file is a line that says what it is, a line of JSON that says of which arrays the summary
consists, and then the bytes of these arrays, one after the other, row by row and little-endian.
These bytes are all that a device sends; the rest is known to who asked for them.
"""

import json
import zlib
from math import prod
from pathlib import Path
from typing import Any

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
_DTYPES = tuple(
    f"{order}{kind}"
    for order, kinds in (
        ("<", ("f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8")),
        ("|", ("i1", "u1")),
    )
    for kind in kinds
)


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
    with path.open("rb") as file:
        first, line = file.readline(len(_FIRST)), file.readline(_LONGEST_LINE)
        try:
            if first != _FIRST:
                raise ValueError("first line")
            about = json.loads(line)
            version = about["format"]
        except (ValueError, TypeError, KeyError) as error:
            raise SettingsError(f"{path}: damaged, or no summary file of fedasc") from error
        if version != FORMAT:
            raise SettingsError(
                f"{path}: written in format {version!r}, of which this version of fedasc knows "
                f"{FORMAT}; use the version that wrote it"
            )
        try:
            n_windows, kind, meant_for = about["n_windows"], about["kind"], about["server"]
            forms = [_form(*entry) for entry in about["arrays"]]
            expected = int(about["crc32"])
        except (ValueError, TypeError, KeyError) as error:
            raise SettingsError(f"{path}: damaged ({error})") from error
        if meant_for not in ("", server):
            raise SettingsError(
                f"{path}: meant for another server; give the --server that the device listened for"
            )
        asked = admission.aggregator.kind.kind
        if kind != asked or about.get("bits") != admission.release.bits:
            raise MessageError(
                f"{path}: expected {asked} in {admission.release.bits} bits, got {kind} in "
                f"{about.get('bits')}"
            )
        most = admission.most_bytes(n_windows)
        n_bytes = sum(prod(shape) * dtype.itemsize for _, dtype, shape in forms)
        if n_bytes > most:
            raise MessageError(f"{path}: {n_bytes} bytes, where {most} may be sent at most")
        content = file.read(n_bytes + 1)
    if len(content) != n_bytes or zlib.crc32(content) != expected:
        raise SettingsError(f"{path}: damaged; have the day summarised again")
    arrays, start = {}, 0
    for name, dtype, shape in forms:
        end = start + prod(shape) * dtype.itemsize
        array = np.frombuffer(content[start:end], dtype).reshape(shape)
        arrays[name] = array.astype(dtype.newbyteorder("="))
        start = end
    summary = Summary(admission.aggregator.kind, arrays, n_windows, admission.release.encoding)
    admission.check(0, summary)
    return summary


def _form(name: Any, dtype: Any, shape: Any) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    lengths = [length for length in shape if type(length) is int and length >= 0]
    if type(name) is not str or dtype not in _DTYPES or len(lengths) != len(shape):
        raise ValueError(f"array {name!r}")
    return name, np.dtype(dtype), tuple(lengths)


def _little(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers with their least byte first."""
    return array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
