"""The files of a server before a night: all that it has, as plain arrays."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.models.calibration import Calibration, calibrated
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.student import Student
from fedasc.models.teacher import TeacherSettings
from fedasc.models.training import EmbeddedSettings
from fedasc.server import Server

_SERVER = "server.npz"
_TEACHER = "teacher"

_SETS = ("baseline_set", "comprehensive_set", "baseline_transfer_set", "comprehensive_transfer_set")
_PARTS = ("training", "validation")
_CLASSIFIERS = ("baseline", "comprehensive")
_STUDENT = "student"
_WORD = "<i4"

Arrays = Mapping[str, NDArray[Any]]


def write_server(folder: Path, server: Server) -> None:
    """Write all of a server that doesn't stand in its settings."""
    parts: dict[str, Arrays] = {
        "everything": server.everything.arrays(),
        "deviations": {"": server.deviations},
        _TEACHER: {"digest": np.frombuffer(bytes.fromhex(server.teacher_digest), _WORD)},
    }
    for name in _SETS:
        for part in _PARTS:
            parts[f"{name}.{part}"] = _arrays_of(getattr(getattr(server, name), part))
    for name in _CLASSIFIERS:
        parts[name] = getattr(server, name).arrays()
    if server.student:
        parts[_STUDENT] = server.student.arrays()
    arrays = {f"{part}/{name}": its[name] for part, its in parts.items() for name in its}
    np.savez(folder / _SERVER, **dict[str, Any](arrays))
    server.teacher.save(folder / _TEACHER)


def read_server(
    folder: Path,
    *,
    teacher: TeacherSettings,
    calibration: Calibration,
    embedded: EmbeddedSettings,
) -> Server:
    """The server that was written, equal to the last bit to that which was made.

    Args:
        teacher, calibration, embedded: Settings that it was made by.
    """
    parts: dict[str, dict[str, NDArray[Any]]] = {}
    with np.load(folder / _SERVER) as arrays:
        for place in arrays:
            part, _, name = place.partition("/")
            parts.setdefault(part, {})[name] = arrays[place]

    def set_of(name: str) -> TrainingSet:
        return TrainingSet(*(Samples(**parts[f"{name}.{part}"]) for part in _PARTS))

    sets = {name: set_of(name) for name in _SETS}
    baseline, comprehensive = (
        EmbeddedClassifier(**parts[name], inputs=embedded.inputs) for name in _CLASSIFIERS
    )
    loaded = teacher.load(folder / _TEACHER)
    return Server(
        baseline_set=sets["baseline_set"],
        comprehensive_set=sets["comprehensive_set"],
        baseline_transfer_set=sets["baseline_transfer_set"],
        comprehensive_transfer_set=sets["comprehensive_transfer_set"],
        teacher=calibrated(loaded, calibration, sets["comprehensive_set"].validation),
        baseline=baseline,
        comprehensive=comprehensive,
        embedded=embedded,
        everything=Mixture.of_arrays(parts["everything"]),
        deviations=parts["deviations"][""],
        student=Student.of_arrays(parts[_STUDENT]) if _STUDENT in parts else None,
        digest=parts[_TEACHER]["digest"].tobytes().hex() if _TEACHER in parts else "",
    )


def _arrays_of(samples: Samples) -> Arrays:
    return {name: array for name, array in fields_of(samples).items() if array is not None}


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, as they are."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
