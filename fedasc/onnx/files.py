"""Files of ONNX: a classifier or a teacher in each, with what a reader must know of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from fedasc.atomic import replaced
from fedasc.audio.bank import FilterBank
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier
from fedasc.models.teacher import Teacher
from fedasc.onnx.embedded import add_embedded
from fedasc.onnx.graph import Graph
from fedasc.onnx.teachers import add_teacher
from fedasc.scenes import SCENE_NAMES


def embedded_model(classifier: EmbeddedClassifier, bank: FilterBank) -> bytes:
    """C1 as a file of ONNX.

    Args:
        bank: The front end whose features it takes.
    """
    return _model(lambda graph: add_embedded(graph, classifier), bank)


def teacher_model(teacher: Teacher, bank: FilterBank) -> bytes:
    """A teacher as a file of ONNX, all members and networks in one.

    Args:
        bank: The front end whose features it takes.

    Raises:
        SettingsError: If there is no ONNX of this kind of teacher.
    """
    return _model(lambda graph: add_teacher(graph, teacher), bank)


def write_model(path: Path, content: bytes) -> None:
    """Write a model to a file, which appears whole or not at all.

    Raises:
        StorageError: If the disk is full.
    """
    with replaced(path) as file:
        file.write(content)


def _model(add: Callable[[Graph], str], bank: FilterBank) -> bytes:
    graph = Graph(N_INPUTS)
    return graph.model(add(graph), _facts(bank))


def _facts(bank: FilterBank) -> Mapping[str, str]:
    return {
        "x": "five vectors of 9 AMS features in dB, one after the other: 10 s of sound at 16 kHz",
        "scenes": ",".join(SCENE_NAMES),
        "bank": json.dumps(asdict(bank)),
    }
