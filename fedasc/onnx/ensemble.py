"""The ensemble of boosted trees and a kernel machine as ONNX, in double precision.

Single precision would send a sample whose feature lies next to a threshold to the other side.
"""

import numpy as np

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.ensemble import EnsembleTeacher
from fedasc.models.forest import Forest
from fedasc.models.support_vectors import SupportVectors
from fedasc.onnx.graph import Graph, tensor
from fedasc.onnx.trees import Trees

_N_FEATURES = 9
_FAR = 1e6


def add_ensemble(graph: Graph, teacher: EnsembleTeacher) -> str:
    """(n, 4) probabilities in double precision."""
    inputs = _order_free(graph)
    members = [_forest(graph, teacher.forest, inputs), _machine(graph, teacher.machine, inputs)]
    return graph.mean_of(members, np.float64)


def _order_free(graph: Graph) -> str:
    """(n, 63) what `fedasc.models.ensemble.order_free` makes of the sequences."""
    z = graph.shaped(graph.cast(graph.x, np.float64), -1, VECTORS_PER_SEQUENCE, _N_FEATURES)
    vectors = [
        graph.add("Gather", z, graph.constant(np.array(number, np.int64)), axis=1)
        for number in range(VECTORS_PER_SEQUENCE)
    ]
    mean = graph.mean_of(vectors, np.float64)
    squares = []
    for vector in vectors:
        distance = graph.add("Sub", vector, mean)
        squares.append(graph.add("Mul", distance, distance))
    deviation = graph.add("Sqrt", graph.mean_of(squares, np.float64))
    ranked = graph.shaped(graph.ranked(z), -1, VECTORS_PER_SEQUENCE * _N_FEATURES)
    return graph.add("Concat", mean, deviation, ranked, axis=1)


def _forest(graph: Graph, forest: Forest, inputs: str) -> str:
    trees = Trees(forest)
    scores = graph.add(
        "TreeEnsembleRegressor",
        inputs,
        n_targets=len(forest.baseline),
        aggregate_function="SUM",
        post_transform="NONE",
        base_values_as_tensor=tensor(forest.baseline),
        nodes_treeids=trees.tree,
        nodes_nodeids=trees.node,
        nodes_featureids=trees.feature,
        nodes_values_as_tensor=tensor(np.array(trees.threshold)),
        nodes_modes=trees.mode,
        nodes_truenodeids=trees.left,
        nodes_falsenodeids=trees.right,
        target_treeids=trees.leaf_tree,
        target_nodeids=trees.leaf_node,
        target_ids=trees.leaf_class,
        target_weights_as_tensor=tensor(np.array(trees.leaf_value)),
    )
    return graph.add("Softmax", graph.cast(scores, np.float64), axis=1)


def _machine(graph: Graph, machine: SupportVectors, inputs: str) -> str:
    """Kernels, the votes of pairs of classes, and the sigmoid of each class's score."""
    n_classes = len(machine.slopes)

    def number(value: float) -> str:
        return graph.constant(np.array(value))

    centred = graph.add("Sub", inputs, graph.constant(machine.centre))
    scaled = graph.add("Div", centred, graph.constant(machine.spread))
    z = graph.add("Clip", scaled, number(-_FAR), number(_FAR))
    squares = graph.over("ReduceSum", graph.add("Mul", z, z), 1)
    products = graph.add("MatMul", z, graph.constant(2 * machine.vectors.T))
    of_vectors = graph.constant(np.square(machine.vectors).sum(axis=1))
    distances = graph.add("Sub", graph.add("Add", squares, of_vectors), products)
    kernels = graph.add("Exp", graph.add("Mul", distances, number(-machine.gamma)))
    sums = graph.add("MatMul", kernels, graph.constant(machine.coefficients))
    margins = graph.add("Add", sums, graph.constant(machine.intercepts))

    first, second = np.triu_indices(n_classes, k=1)
    classes = np.arange(n_classes)
    ones, others = ((pair[:, None] == classes).astype(np.float64) for pair in (first, second))
    sign = graph.constant(ones - others)
    won = graph.cast(graph.add("GreaterOrEqual", margins, number(0.0)), np.float64)
    wins = graph.add("Add", graph.add("MatMul", won, sign), graph.constant(others.sum(axis=0)))
    confidences = graph.add("MatMul", margins, sign)
    squeezed = graph.add(
        "Mul", number(3.0), graph.add("Add", graph.add("Abs", confidences), number(1.0))
    )
    scores = graph.add("Add", wins, graph.add("Div", confidences, squeezed))

    sloped = graph.add("Mul", scores, graph.constant(-machine.slopes))
    shares = graph.add("Sigmoid", graph.add("Sub", sloped, graph.constant(machine.offsets)))
    return shares_of(graph, shares, n_classes)


def shares_of(graph: Graph, values: str, n_classes: int) -> str:
    """Values divided by their sum; the same for all classes if that is nothing."""
    total = graph.over("ReduceSum", values, 1)
    is_something = graph.add("Greater", total, graph.constant(np.array(0.0)))
    even = graph.constant(np.array(1 / n_classes))
    return graph.add("Where", is_something, graph.add("Div", values, total), even)
