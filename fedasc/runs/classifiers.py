"""The classifiers that devices have at the end of a run, in its folder."""

from collections.abc import Mapping
from itertools import count, takewhile
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.weights import Weights
from fedasc.atomic import replaced
from fedasc.errors import MessageError, SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.inputs import KINDS

_STEM = "classifiers"
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
    with replaced(_path(folder, part)) as file:
        np.savez(file, device=np.array([*known], np.int64), inputs=inputs, **arrays)


def read_classifier_of(folder: Path, device: int | None) -> EmbeddedClassifier:
    """The classifier of a device; what was shipped if None, or if it has had no other.

    Raises:
        SettingsError: If there is no run with classifiers in the folder.
    """
    paths = list(takewhile(Path.is_file, (_path(folder, part) for part in count())))
    if not paths:
        raise SettingsError(
            f"{folder}: no finished run with classifiers, which runs keep since this version of "
            "fedasc; give --run another folder, or --classifier a file"
        )
    for path in paths if device is not None else ():
        if (own := _read(path, device)) is not None:
            return own
    shipped = _read(paths[0], _SHIPPED)
    if shipped is None:
        raise SettingsError(f"{paths[0]}: damaged (it lacks what was shipped)")
    return shipped


def _path(folder: Path, part: int) -> Path:
    return folder / (f"{_STEM}.{part}.npz" if part else f"{_STEM}.npz")


def _read(path: Path, device: int | None) -> EmbeddedClassifier | None:
    """The classifier of a device, if the file has it.

    Raises:
        SettingsError: If it is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            known = [int(number) for number in content["device"]]
            if device not in known:
                return None
            row = known.index(device)
            arrays = {name: content[name][row] for name in content}
        del arrays["device"]
        inputs = KINDS[int(arrays.pop("inputs"))]
        return PLAIN.decode(Weights, arrays).classifier(inputs)
    except (OSError, ValueError, KeyError, IndexError, BadZipFile, MessageError) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error
