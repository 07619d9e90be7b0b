"""Teachers as ONNX, of whatever kind."""

import numpy as np

from fedasc.errors import SettingsError
from fedasc.models.calibration import CalibratedTeacher
from fedasc.models.committee import CommitteeTeacher
from fedasc.models.correction import LEAST, Isotonic, Rising, Temperature
from fedasc.models.deep_sets import DeepSetsTeacher
from fedasc.models.ensemble import EnsembleTeacher
from fedasc.models.mobilenet import MobileNetTeacher
from fedasc.models.teacher import Teacher
from fedasc.onnx.ensemble import add_ensemble, shares_of
from fedasc.onnx.graph import Graph
from fedasc.onnx.networks import add_deep_sets, add_mobilenet


def add_teacher(graph: Graph, teacher: Teacher) -> str:
    """(n, 4) probabilities in double precision.

    Raises:
        SettingsError: If there is no ONNX of this kind of teacher.
    """
    if isinstance(teacher, CommitteeTeacher):
        members = [add_teacher(graph, member) for member in teacher.members.values()]
        return graph.mean_of(members, np.float64)
    if isinstance(teacher, CalibratedTeacher):
        return _corrected(graph, teacher, add_teacher(graph, teacher.teacher))
    if isinstance(teacher, EnsembleTeacher):
        return add_ensemble(graph, teacher)
    if isinstance(teacher, DeepSetsTeacher):
        return add_deep_sets(graph, teacher)
    if isinstance(teacher, MobileNetTeacher):
        return add_mobilenet(graph, teacher)
    raise SettingsError(
        f"no ONNX of a {type(teacher).__name__}; there is of committees, ensembles, deep sets and "
        "mobilenets"
    )


def _corrected(graph: Graph, teacher: CalibratedTeacher, told: str) -> str:
    correction = teacher.correction
    if isinstance(correction, Temperature):
        logits = graph.add("Log", graph.add("Add", told, graph.constant(np.array(LEAST))))
        scaled = graph.add("Mul", logits, graph.constant(np.array(correction.factor)))
        return graph.add("Softmax", scaled, axis=1)
    if isinstance(correction, Isotonic):
        columns = [
            _rising(graph, rising, graph.add("Gather", told, _column(graph, number), axis=1))
            for number, rising in enumerate(correction.scenes)
        ]
        values = graph.add("Concat", *columns, axis=1)
        return shares_of(graph, values, len(columns))
    raise SettingsError(f"no ONNX of a correction by {type(correction).__name__}")


def _column(graph: Graph, number: int) -> str:
    return graph.constant(np.array([number], np.int64))


def _rising(graph: Graph, rising: Rising, share: str) -> str:
    """(n, 1) from (n, 1): of each rise between two thresholds as much as has been passed."""
    widths = np.diff(rising.thresholds)
    if not len(widths):
        nothing = graph.add("Mul", share, graph.constant(np.array(0.0)))
        return graph.add("Add", nothing, graph.constant(rising.values[:1]))
    past = graph.add("Sub", share, graph.constant(rising.thresholds[:-1]))
    begun = graph.add("Max", past, graph.constant(np.array(0.0)))
    passed = graph.add(
        "Div", graph.add("Min", begun, graph.constant(widths)), graph.constant(widths)
    )
    rises = graph.constant(np.diff(rising.values)[:, None])
    return graph.add("Add", graph.add("MatMul", passed, rises), graph.constant(rising.values[:1]))
