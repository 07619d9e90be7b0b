"""C1 as ONNX."""

import numpy as np

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.embedded import BATCH_NORM_EPSILON, N_INPUTS, EmbeddedClassifier
from fedasc.onnx.graph import Graph


def add_embedded(graph: Graph, classifier: EmbeddedClassifier) -> str:
    """(n, 4) probabilities of each scene in single precision."""
    inputs = graph.x if classifier.inputs == "sequence" else _statistics(graph)
    deviation = np.sqrt(classifier.variance + np.float32(BATCH_NORM_EPSILON))
    centred = graph.add("Sub", inputs, graph.constant(classifier.mean))
    divided = graph.add("Div", centred, graph.constant(deviation))
    scaled = graph.add("Mul", divided, graph.constant(classifier.scale))
    value = graph.add("Add", scaled, graph.constant(classifier.shift))
    hidden = graph.add(
        "Gemm",
        value,
        graph.constant(classifier.hidden_weights),
        graph.constant(classifier.hidden_biases),
    )
    logits = graph.add(
        "Gemm",
        graph.add("Relu", hidden),
        graph.constant(classifier.output_weights),
        graph.constant(classifier.output_biases),
    )
    return graph.add("Softmax", logits, axis=1)


def _statistics(graph: Graph) -> str:
    """(n, 45) what `fedasc.models.inputs.statistics` makes of the sequences."""
    z = graph.shaped(graph.x, -1, VECTORS_PER_SEQUENCE, N_INPUTS // VECTORS_PER_SEQUENCE)
    mean = graph.over("ReduceMean", z, 1)
    distance = graph.add("Sub", z, mean)
    squares = graph.over("ReduceMean", graph.add("Mul", distance, distance), 1)
    axis = graph.constant(np.array([1], np.int64))
    ends = [graph.constant(np.array([number], np.int64)) for number in (0, 1, 4, 5)]
    earlier = graph.add("Slice", z, ends[0], ends[2], axis)
    later = graph.add("Slice", z, ends[1], ends[3], axis)
    steps = graph.add("Abs", graph.add("Sub", later, earlier))
    parts = (
        mean,
        graph.add("Sqrt", squares),
        graph.over("ReduceMin", z, 1),
        graph.over("ReduceMax", z, 1),
        graph.over("ReduceMean", steps, 1),
    )
    return graph.shaped(graph.add("Concat", *parts, axis=1), -1, N_INPUTS)
