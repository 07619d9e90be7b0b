"""The classifiers that devices have at the end of a run, in its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.weights import Weights
from fedasc.atomic import replaced
from fedasc.errors import MessageError, SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.inputs import KINDS
from fedasc.runs.parts import ByDevice, part_of, parts_of

_STEM, _SUFFIX = "classifiers", ".npz"
_SHIPPED = -1


def write_classifiers(
    folder: Path, shipped: EmbeddedClassifier, held: Mapping[int, EmbeddedClassifier], part: int = 0
) -> None:
    """Keep what was shipped, and what each device has that has had another one.

    Args:
        part: Number of the file, of which each has its devices in order.
    """
    known = {_SHIPPED: shipped, **dict(sorted(held.items()))}
    content = [Weights.of(each).arrays() for each in known.values()]
    arrays: dict[str, Any] = {
        name: np.stack([each[name] for each in content]) for name in content[0]
    }
    inputs = np.array([KINDS.index(each.inputs) for each in known.values()], np.uint8)
    with replaced(part_of(folder / _STEM, _SUFFIX, part)) as file:
        np.savez(file, device=np.array([*known], np.int64), inputs=inputs, **arrays)


def read_classifier_of(folder: Path, device: int | None) -> EmbeddedClassifier:
    """The classifier of a device; what was shipped if None, or if it has had no other.

    Raises:
        SettingsError: If there is no run with classifiers in the folder.
    """
    held = read_classifiers(folder)
    if not held.paths:
        raise SettingsError(
            f"{folder}: no finished run with classifiers, which runs keep since this version of "
            "fedasc; give --run another folder, or --classifier a file"
        )
    if device is not None and device in held:
        return held[device]
    shipped = _read(held.paths[0]).get(_SHIPPED)
    if shipped is None:
        raise SettingsError(f"{held.paths[0]}: damaged (it lacks what was shipped)")
    return shipped


def read_classifiers(folder: Path) -> ByDevice[EmbeddedClassifier]:
    """Those of all devices that have had another one than what was shipped."""
    return ByDevice(parts_of(folder / _STEM, _SUFFIX), _devices_in, _read)


def _devices_in(path: Path) -> Sequence[int]:
    devices: list[int] = _read_arrays(path, ["device"])["device"].tolist()
    return [device for device in devices if device != _SHIPPED]


def _read(path: Path) -> Mapping[int, EmbeddedClassifier]:
    """Those of a file, by device, and what was shipped.

    Raises:
        SettingsError: If it is damaged.
    """
    content = _read_arrays(path, None)
    try:
        devices, kinds = content.pop("device").tolist(), content.pop("inputs").tolist()
        return {
            device: PLAIN.decode(
                Weights, {name: array[row] for name, array in content.items()}
            ).classifier(KINDS[kind])
            for row, (device, kind) in enumerate(zip(devices, kinds, strict=True))
        }
    except (ValueError, KeyError, IndexError, TypeError, MessageError) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error


def _read_arrays(path: Path, names: Sequence[str] | None) -> dict[str, NDArray[Any]]:
    """Arrays of a file, all if None.

    Raises:
        SettingsError: If it is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return {name: content[name] for name in names or content.files}
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error
