"""What classifiers took every window of the last night for, in the folder of a run.

A table with a row for each window, as Parquet where pyarrow is installed, or else the same columns
as arrays in an npz file: the device, the number of the window among its evaluation windows, the
true scene, and the scene that each classifier said. Scenes are numbers in the npz file (see
`fedasc.scenes`) and names in Parquet.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from fedasc.atomic import replaced
from fedasc.errors import SettingsError
from fedasc.evaluation.predictions import Predictions
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.runs.parts import ByDevice, part_of, parts_of
from fedasc.scenes import SCENE_NAMES

_STEM = "predictions"
_PARQUET, _NPZ = ".parquet", ".npz"
_SCENES = ("scene", *CLASSIFIERS)

Columns = Mapping[str, NDArray[Any]]


def write_predictions(folder: Path, by_device: Mapping[int, Predictions], part: int = 0) -> None:
    """Keep those of a cohort.

    Args:
        by_device: In the order of the devices.
        part: Number of the cohort.
    """
    columns = _columns(by_device)
    parquet, npz = (part_of(folder / _STEM, suffix, part) for suffix in (_PARQUET, _NPZ))
    if as_parquet := _parquet_of(columns):
        with replaced(parquet) as file:
            as_parquet(file)
        npz.unlink(missing_ok=True)
    else:
        with replaced(npz) as file:
            np.savez_compressed(file, **columns)
        parquet.unlink(missing_ok=True)


def read_predictions(folder: Path) -> ByDevice[Predictions]:
    """Those of all devices that weren't lost; none if the run has kept none."""
    return ByDevice(parts_of(folder / _STEM, _PARQUET, _NPZ), _devices_in, _read)


def forget_predictions(folder: Path) -> None:
    """Remove what there is."""
    for path in reversed(parts_of(folder / _STEM, _PARQUET, _NPZ)):
        path.unlink()


def _columns(by_device: Mapping[int, Predictions]) -> dict[str, Any]:
    all_of = [*by_device.values()]
    counts = [len(one.truth) for one in all_of]

    def joined(arrays: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
        return np.concatenate([*arrays, np.empty(0, dtype)]).astype(dtype)

    return {
        "device": np.repeat(np.array([*by_device], np.int32), counts),
        "window": joined([np.arange(n) for n in counts], np.int32),
        "scene": joined([one.truth for one in all_of], np.uint8),
        **{name: joined([one.said[name] for one in all_of], np.uint8) for name in CLASSIFIERS},
    }


def _parquet_of(columns: Columns) -> Callable[[Any], None] | None:
    """What writes Parquet into a file; None if pyarrow isn't installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return None
    names = pa.array(SCENE_NAMES)
    table = pa.table(
        {
            name: pa.DictionaryArray.from_arrays(pa.array(column), names)
            if name in _SCENES
            else pa.array(column)
            for name, column in columns.items()
        }
    )
    return lambda file: parquet.write_table(table, file, compression="zstd")


def _read(path: Path) -> Mapping[int, Predictions]:
    columns = _read_columns(path, ("device", *_SCENES))
    devices, starts = np.unique(columns["device"], return_index=True)
    ends = [*starts[1:].tolist(), len(columns["device"])]
    return {
        device: Predictions(
            columns["scene"][start:end], {name: columns[name][start:end] for name in CLASSIFIERS}
        )
        for device, start, end in zip(devices.tolist(), starts.tolist(), ends, strict=True)
    }


def _devices_in(path: Path) -> Sequence[int]:
    devices: list[int] = np.unique(_read_columns(path, ("device",))["device"]).tolist()
    return devices


def _read_columns(path: Path, names: Sequence[str]) -> Columns:
    """Columns of a file, with scenes as numbers.

    Raises:
        SettingsError: If it is damaged, or needs pyarrow and there is none.
    """
    try:
        if path.suffix == _NPZ:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                return {name: content[name] for name in names}
        try:
            from pyarrow import parquet
        except ImportError as error:
            raise SettingsError(f"{path}: is read with pyarrow; pip install pyarrow") from error
        table = parquet.read_table(path, columns=[*names])
        return {name: _numbers(table[name].combine_chunks()) for name in names}
    except (OSError, ValueError, KeyError, IndexError, BadZipFile) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error


def _numbers(column: Any) -> NDArray[Any]:
    """Those of a column of Parquet; of names of scenes their numbers."""
    if not hasattr(column, "dictionary"):
        numbers: NDArray[Any] = column.to_numpy()
        return numbers
    places = [SCENE_NAMES.index(name) for name in column.dictionary.to_pylist()]
    scenes: NDArray[np.uint8] = np.array(places, np.uint8)[column.indices.to_numpy()]
    return scenes
