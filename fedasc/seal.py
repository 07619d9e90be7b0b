"""Seals: what the files of a folder were when it was made, so that damage is told before use.

Checksums are CRC-32: they tell every single flipped bit and every burst of up to 32, and of other
damage all but one in four thousand million. They hold against accidents, not against people: who
may write a file may write its seal.
"""

import json
import os
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

SEAL = "seal"
"""File in each sealed folder with sizes and checksums of all others, written last."""

State = tuple[tuple[str, int, int, int], ...]
"""Names, sizes, times of change and numbers of files: what changes when one is written."""

_AT_ONCE = 1 << 20


def seal(folder: Path, *, pieces: Collection[str] = ()) -> None:
    """Seal a folder as it is.

    Args:
        pieces: Large files of which only the size is sealed: who reads a piece of one checks it by
            a checksum that stands in another file.
    """
    files = {
        name: [size, None if name in pieces else _checksum(folder / name)]
        for name, size, *_ in state_of(folder)
        if name != SEAL
    }
    (folder / SEAL).write_bytes(signed(files))


def damage(folder: Path) -> str:
    """What is wrong with a sealed folder, in words; empty if nothing is."""
    try:
        files = content_of((folder / SEAL).read_bytes())
    except FileNotFoundError:
        return "has no seal"
    except (OSError, ValueError):
        return "its seal can't be read"
    for name, (size, checksum) in files.items():
        path = folder / name
        try:
            if path.stat().st_size != size:
                return f"{name} has another size"
            if checksum is not None and _checksum(path) != checksum:
                return f"{name} has changed"
        except OSError as error:
            return f"{name} can't be read: {error.strerror}"
    return ""


def state_of(folder: Path) -> State:
    """By which a process knows a folder again that it has checked; () if there is none."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with suppress(FileNotFoundError):  # somebody sets the folder aside just now
                state = path.stat()
                name = path.relative_to(folder).as_posix()
                found.append((name, state.st_size, state.st_mtime_ns, state.st_ino))
    return tuple(sorted(found))


def signed(content: Any) -> bytes:
    """A line of JSON behind its checksum."""
    text = json.dumps(content).encode()
    return b"%08x %b\n" % (zlib.crc32(text), text)


def content_of(line: bytes) -> Any:
    """What a signed line says.

    Raises:
        ValueError: If it is damaged.
    """
    head, _, text = line.removesuffix(b"\n").partition(b" ")
    if head != b"%08x" % zlib.crc32(text) or not line.endswith(b"\n"):
        raise ValueError("damaged")
    return json.loads(text)


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            checksum = zlib.crc32(part, checksum)
    return checksum
