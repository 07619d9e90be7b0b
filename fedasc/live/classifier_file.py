"""Classifier files: an embedded classifier with the front end that it was trained for.

A file is a NumPy archive (`.npz`) of plain arrays; nothing in it is run as code. `about` is a text
in JSON, `classifier.mean` and so on are what is sent to a device, and `replaces.mean` and so on
what the device had before, if that is known.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.weights import Weights
from fedasc.atomic import replaced
from fedasc.audio.bank import FilterBank
from fedasc.config import from_mapping
from fedasc.errors import FedascError, SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.inputs import KINDS, Inputs

FORMAT = 1
"""Raise it whenever a file must be read otherwise than before."""

SUFFIX = ".npz"
_MOST_BYTES = 1 << 20
_ABOUT = "about"
_CLASSIFIER, _REPLACES = "classifier", "replaces"


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassifierFile:
    """What a classifier file says.

    Args:
        classifier: All that a device needs.
        bank: The front end whose features it takes.
        replaces: What the device had before, to be compared with; None if that isn't known.
        server: Digest of the server that made it; empty if there was none.
        corpora: Fingerprints of the corpora that this server knows.
    """

    classifier: EmbeddedClassifier
    bank: FilterBank
    replaces: EmbeddedClassifier | None = None
    server: str = ""
    corpora: tuple[str, ...] = ()


def write_classifier(path: Path, content: ClassifierFile) -> None:
    """Write a classifier to a file, which appears whole or not at all.

    Raises:
        SettingsError: If it isn't finite: nobody could use it.
        StorageError: If the disk is full.
    """
    known = {_CLASSIFIER: content.classifier}
    if content.replaces is not None:
        known[_REPLACES] = content.replaces
    if not all(each.is_finite for each in known.values()):
        raise SettingsError(f"{path}: the classifier isn't finite, so it isn't written")
    about = {
        "format": FORMAT,
        "inputs": {name: each.inputs for name, each in known.items()},
        "bank": asdict(content.bank),
        "server": content.server,
        "corpora": content.corpora,
    }
    arrays: dict[str, Any] = {_ABOUT: np.array(json.dumps(about))}
    for name, each in known.items():
        arrays |= {f"{name}.{part}": array for part, array in each.arrays().items()}
    with replaced(path) as file:
        np.savez(file, **arrays)


def read_classifier(path: Path) -> ClassifierFile:
    """Read what `write_classifier` wrote.

    Raises:
        SettingsError: If the file is missing or damaged, is none, or is of another version.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such classifier file")
    if path.stat().st_size > _MOST_BYTES:
        raise SettingsError(f"{path}: too large for a classifier file")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content}
        about = json.loads(str(arrays.pop(_ABOUT)))
        version = about["format"]
    except Exception as error:  # whatever reading something else may raise
        raise SettingsError(f"{path}: damaged, or no classifier file of fedasc") from error
    if version != FORMAT:
        raise SettingsError(
            f"{path}: written in format {version!r}, of which this version of fedasc knows "
            f"{FORMAT}; use the version that wrote it"
        )
    try:
        return _content(about, arrays)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error
    except FedascError as error:
        raise SettingsError(f"{path}: {error}") from error


def _content(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> ClassifierFile:
    parts: dict[str, dict[str, NDArray[Any]]] = {}
    for place, array in arrays.items():
        name, _, part = place.partition(".")
        parts.setdefault(name, {})[part] = array
    if _CLASSIFIER not in parts or parts.keys() != about["inputs"].keys():
        raise ValueError(f"classifiers {sorted(parts)}")
    classifiers = {
        name: PLAIN.decode(Weights, each).classifier(_known(about["inputs"][name]))
        for name, each in parts.items()
    }
    return ClassifierFile(
        classifier=classifiers.pop(_CLASSIFIER),
        replaces=classifiers.pop(_REPLACES, None),
        bank=from_mapping(FilterBank, about["bank"], where="bank"),
        server=str(about["server"]),
        corpora=tuple(map(str, about["corpora"])),
    )


def _known(inputs: Any) -> Inputs:
    if inputs not in KINDS:
        raise ValueError(f"inputs {inputs!r}")
    return KINDS[KINDS.index(inputs)]
