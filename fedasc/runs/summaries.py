"""What devices sent, in the folder of a run: every array as it left the device, in those bits.

Of each night and cohort there is an npz file. It names every array by its device, as 12/means, and
holds besides the numbers of the devices and of how many windows each summary was made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
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


def write_summaries(
    folder: Path, summaries: Mapping[int, Summary], *, night: int, part: int = 0
) -> None:
    """Keep those of a night and a cohort.

    Args:
        summaries: In the order of the devices.
        part: Number of the cohort.
    """
    arrays = {
        f"{device}/{name}": array
        for device, summary in summaries.items()
        for name, array in summary.arrays.items()
    }
    known = {
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
    """Those of a file, each read when it is looked at."""

    path: Path
    kind: type[Content]
    encoding: Encoding

    def __getitem__(self, device: int) -> Summary:
        names, n_windows = self._known
        if device not in n_windows:
            raise KeyError(device)
        arrays = _read(self.path, names[device])
        try:
            content = {name.partition("/")[2]: array for name, array in arrays.items()}
            return Summary(self.kind, content, n_windows[device], self.encoding)
        except MessageError as error:
            raise SettingsError(f"{self.path}: damaged ({error})") from error

    def __iter__(self) -> Iterator[int]:
        return iter(self._known[1])

    def __len__(self) -> int:
        return len(self._known[1])

    @cached_property
    def _known(self) -> tuple[Mapping[int, list[str]], Mapping[int, int]]:
        """Names of the arrays, and numbers of windows, by device."""
        known = _read(self.path, (_DEVICE, _N_WINDOWS))
        n_windows = dict(zip(known[_DEVICE].tolist(), known[_N_WINDOWS].tolist(), strict=True))
        names: dict[int, list[str]] = {device: [] for device in n_windows}
        for name in _names(self.path):
            device, slash, _ = name.partition("/")
            if slash:
                names.setdefault(int(device), []).append(name)
        return names, n_windows


def _devices_in(path: Path) -> Sequence[int]:
    devices: list[int] = _read(path, (_DEVICE,))[_DEVICE].tolist()
    return devices


def _names(path: Path) -> Sequence[str]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
        return [*content.files]


def _read(path: Path, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """Some arrays of a file.

    Raises:
        SettingsError: If it is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return {name: content[name] for name in names}
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error
