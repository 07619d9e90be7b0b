"""The files of a world: what it knows of its users as JSON, what its server has as plain arrays."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.cache import CacheEntry
from fedasc.config import from_mapping
from fedasc.corpus.clips import ClipFile, ClipShelf
from fedasc.corpus.decoding import SAMPLES
from fedasc.corpus.library import Library
from fedasc.models.calibration import calibrated
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.population.users import User
from fedasc.scenario import Scenario
from fedasc.seeds import Streams
from fedasc.server import Server
from fedasc.settings import Settings

_SCENARIO = "scenario.json"
_SERVER = "server.npz"
_TEACHER = "teacher"

_SETS = ("baseline_set", "comprehensive_set", "baseline_transfer_set", "comprehensive_transfer_set")
_PARTS = ("training", "validation")
_CLASSIFIERS = ("baseline", "comprehensive")

Arrays = Mapping[str, NDArray[Any]]


def write_world(folder: Path, scenario: Scenario, server: Server) -> None:
    """Write all of a world that doesn't stand in its settings.

    Args:
        scenario: Whose clips are those of its pools.
    """
    assert isinstance(scenario.clips, ClipShelf), "clips of a pool stand in files"
    content = {
        "name": scenario.name,
        "pools": [pool.origin for pool in scenario.pools],
        "n_clips": [file.n_clips for file in scenario.clips.files],
        "library": _fields_of(scenario.library),
        "users": [asdict(user) for user in scenario.users],
    }
    (folder / _SCENARIO).write_text(json.dumps(content), encoding="utf-8")
    parts: dict[str, Arrays] = {
        "everything": server.everything.arrays(),
        "deviations": {"": server.deviations},
    }
    for name in _SETS:
        for part in _PARTS:
            parts[f"{name}.{part}"] = _arrays_of(getattr(getattr(server, name), part))
    for name in _CLASSIFIERS:
        parts[name] = getattr(server, name).arrays()
    arrays = {f"{part}/{name}": its[name] for part, its in parts.items() for name in its}
    np.savez(folder / _SERVER, **dict[str, Any](arrays))
    server.teacher.save(folder / _TEACHER)


def read_world(folder: Path, settings: Settings) -> tuple[Scenario, Server]:
    """The world that was written, equal to the last bit to that which was made.

    Args:
        settings: Those that it was made by.
    """
    content = json.loads((folder / _SCENARIO).read_text(encoding="utf-8"))
    pools = tuple(CacheEntry(origin) for origin in content["pools"])
    library = content["library"]
    scenario = Scenario(
        clips=ClipShelf(
            tuple(
                ClipFile(pool.folder / SAMPLES, n_clips)
                for pool, n_clips in zip(pools, content["n_clips"], strict=True)
            )
        ),
        library=Library(
            **{name: tuple(places) for name, places in library.items() if name != "sets"},
            sets=tuple(map(tuple, library["sets"])),
        ),
        users=tuple(from_mapping(User, user, where=_SCENARIO) for user in content["users"]),
        bank=settings.bank,
        listening=settings.listening,
        streams=Streams(settings.seed),
        name=content["name"],
        pools=pools,
        nights=settings.nights,
    )
    parts: dict[str, dict[str, NDArray[Any]]] = {}
    with np.load(folder / _SERVER) as arrays:
        for place in arrays:
            part, _, name = place.partition("/")
            parts.setdefault(part, {})[name] = arrays[place]

    def set_of(name: str) -> TrainingSet:
        return TrainingSet(*(Samples(**parts[f"{name}.{part}"]) for part in _PARTS))

    sets = {name: set_of(name) for name in _SETS}
    inputs = settings.embedded.inputs
    baseline, comprehensive = (
        EmbeddedClassifier(**parts[name], inputs=inputs) for name in _CLASSIFIERS
    )
    teacher = settings.teacher.load(folder / _TEACHER)
    server = Server(
        baseline_set=sets["baseline_set"],
        comprehensive_set=sets["comprehensive_set"],
        baseline_transfer_set=sets["baseline_transfer_set"],
        comprehensive_transfer_set=sets["comprehensive_transfer_set"],
        teacher=calibrated(teacher, settings.calibration, sets["comprehensive_set"].validation),
        baseline=baseline,
        comprehensive=comprehensive,
        embedded=settings.embedded,
        everything=Mixture.of_arrays(parts["everything"]),
        deviations=parts["deviations"][""],
    )
    return scenario, server


def _arrays_of(samples: Samples) -> Arrays:
    return {name: array for name, array in _fields_of(samples).items() if array is not None}


def _fields_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, as they are."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
