"""Records of a run as they lie in its folder, of which none is held."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import overload

from fedasc.errors import SettingsError
from fedasc.experiments.record import DeviceRecord


@dataclass(frozen=True)
class Records(Sequence[DeviceRecord]):
    """Of all devices on a night, in order.

    Args:
        paths: Of files, each with those of a cohort.

    Raises:
        SettingsError: When they are looked at, if a file can't be read.
    """

    paths: tuple[Path, ...]

    def __iter__(self) -> Iterator[DeviceRecord]:
        for path in self.paths:
            yield from _read(path)

    def __len__(self) -> int:
        return sum(self._counts)

    @overload
    def __getitem__(self, index: int) -> DeviceRecord: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[DeviceRecord]: ...

    def __getitem__(self, index: int | slice) -> DeviceRecord | Sequence[DeviceRecord]:
        if isinstance(index, slice):
            return tuple(self)[index]
        left = range(len(self))[index]
        for path, count in zip(self.paths, self._counts, strict=True):
            if left < count:
                return _read(path)[left]
            left -= count
        raise IndexError(index)

    @cached_property
    def _counts(self) -> tuple[int, ...]:
        return tuple(len(_read(path)) for path in self.paths)


def _read(path: Path) -> list[DeviceRecord]:
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        return [DeviceRecord.of_json(record) for record in content]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: damaged; begin anew") from error
