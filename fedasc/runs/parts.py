"""What there is of every device, in files of the cohorts that they were in.

The first file of a kind is called stem.suffix, the next one stem.1.suffix, and so on; each has its
devices in order, and one after the other they have all of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count, takewhile
from pathlib import Path
from typing import TypeVar

V = TypeVar("V")


def part_of(stem: Path, suffix: str, part: int) -> Path:
    """The file of a cohort.

    Args:
        suffix: With its dot.
        part: Number of the cohort.
    """
    return stem.with_name(f"{stem.name}.{part}{suffix}" if part else f"{stem.name}{suffix}")


def parts_of(stem: Path, *suffixes: str) -> tuple[Path, ...]:
    """Those that are there, from the first one on, each with one of the suffixes."""

    def files(part: int) -> list[Path]:
        paths = (part_of(stem, suffix, part) for suffix in suffixes)
        return [path for path in paths if path.is_file()]

    return tuple(some[0] for some in takewhile(bool, map(files, count())))


@dataclass(frozen=True, eq=False, repr=False)
class ByDevice(Mapping[int, V]):
    """By device, read when it is looked at; no more than one file is held at a time.

    Args:
        paths: The files.
        devices_in: Tells which devices a file has, in order.
        read: Reads a file.
    """

    paths: Sequence[Path]
    devices_in: Callable[[Path], Sequence[int]]
    read: Callable[[Path], Mapping[int, V]]

    def __getitem__(self, device: int) -> V:
        for path, devices in self._devices:
            if device in devices:
                return self._content(path)[device]
        raise KeyError(device)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(devices for _, devices in self._devices)

    def __len__(self) -> int:
        return sum(len(devices) for _, devices in self._devices)

    def __repr__(self) -> str:
        return f"<of {len(self)} device(s)>"

    @cached_property
    def _devices(self) -> list[tuple[Path, dict[int, None]]]:
        return [(path, dict.fromkeys(self.devices_in(path))) for path in self.paths]

    def _content(self, path: Path) -> Mapping[int, V]:
        held = self.__dict__.get("_held")
        if held is None or held[0] != path:
            held = self.__dict__["_held"] = (path, self.read(path))
        content: Mapping[int, V] = held[1]
        return content
