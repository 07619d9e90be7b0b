"""What devices sent, in the folder of a run: every array as it left the device, in those bits.

Of each night and cohort there is an npz file. It names every array by its device, as 12/means, and
holds besides the numbers of the devices and of how many windows each summary was made.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.encoding import Encoding
from fedasc.aggregators.summary import Summary
from fedasc.atomic import replaced
from fedasc.errors import MessageError, SettingsError
from fedasc.runs.parts import ByDevice, part_of, parts_of

FOLDER = "summaries"
_NPZ = ".npz"
_DEVICE, _N_WINDOWS = "device", "n_windows"
_DAMAGE = (OSError, ValueError, KeyError, BadZipFile)


def write_summaries(
    folder: Path, summaries: Mapping[int, Summary], *, night: int, part: int = 0
) -> None:
    """Keep those of a night and a cohort.

    Args:
        summaries: In the order of the devices.
        part: Number of the cohort.
    """
    arrays: dict[str, Any] = {
        f"{device}/{name}": array
        for device, summary in summaries.items()
        for name, array in summary.arrays.items()
    }
    known: dict[str, Any] = {
        _DEVICE: np.array([*summaries], np.int64),
        _N_WINDOWS: np.array([one.n_windows for one in summaries.values()], np.int64),
    }
    with replaced(part_of(folder / FOLDER / str(night), _NPZ, part)) as file:
        np.savez(file, **known, **arrays)


def read_summaries(
    folder: Path, *, night: int, kind: type[Content], encoding: Encoding
) -> ByDevice[Summary]:
    """Those of a night, of devices that sent something in time or too late; none if none were kept.

    Args:
        kind: Which summaries were asked for.
        encoding: How they were written.
    """
    read = partial(_InFile, kind=kind, encoding=encoding)
    return ByDevice(parts_of(folder / FOLDER / str(night), _NPZ), _devices_in, read)


@dataclass(frozen=True, eq=False)
class _InFile(Mapping[int, Summary]):
    """Those of a file, each decoded when it is looked at."""

    path: Path
    kind: type[Content]
    encoding: Encoding

    def __getitem__(self, device: int) -> Summary:
        names, n_windows = self._names[device], self._n_windows[device]
        try:
            arrays = {name.partition("/")[2]: self._content[name] for name in names}
            return Summary(self.kind, arrays, n_windows, self.encoding)
        except (*_DAMAGE, MessageError) as error:
            raise SettingsError(f"{self.path}: damaged ({error})") from error

    def __iter__(self) -> Iterator[int]:
        return iter(self._n_windows)

    def __len__(self) -> int:
        return len(self._n_windows)

    @cached_property
    def _content(self) -> Mapping[str, NDArray[Any]]:
        """All of the file, and none of it decoded."""
        return _opened(self.path, io.BytesIO(self.path.read_bytes()))

    @cached_property
    def _n_windows(self) -> Mapping[int, int]:
        devices, counts = (self._content[name].tolist() for name in (_DEVICE, _N_WINDOWS))
        return dict(zip(devices, counts, strict=True))

    @cached_property
    def _names(self) -> Mapping[int, list[str]]:
        names: dict[int, list[str]] = {device: [] for device in self}
        for name in self._content:
            device, slash, _ = name.partition("/")
            if slash:
                names[int(device)].append(name)
        return names


def _devices_in(path: Path) -> Sequence[int]:
    with path.open("rb") as file:
        devices: list[int] = _opened(path, file)[_DEVICE].tolist()
    return devices


def _opened(path: Path, file: IO[bytes]) -> Mapping[str, NDArray[Any]]:
    """What a file holds, decoded when it is looked at.

    Raises:
        SettingsError: If it is damaged.
    """
    try:
        content: Mapping[str, NDArray[Any]] = np.load(file, allow_pickle=False)
        for name in (_DEVICE, _N_WINDOWS):
            _ = content[name]
    except _DAMAGE as error:
        raise SettingsError(f"{path}: damaged ({error})") from error
    return content
