"""Teachers that are networks as ONNX, in single precision."""

from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models import MobileNetV2
from torchvision.models.mobilenetv2 import InvertedResidual

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.deep_sets import DeepSetsTeacher
from fedasc.models.deep_sets_network import Network as DeepSetsNetwork
from fedasc.models.deep_sets_weights import N_FEATURES
from fedasc.models.mobilenet import MobileNetTeacher
from fedasc.models.mobilenet_network import Network as MobileNetNetwork
from fedasc.onnx.graph import Graph
from fedasc.scenes import N_SCENES

_N_INPUTS = VECTORS_PER_SEQUENCE * N_FEATURES


def add_deep_sets(graph: Graph, teacher: DeepSetsTeacher) -> str:
    """(n, 4) probabilities in double precision."""
    networks = [weights.network() for weights in teacher.networks]
    vectors = graph.shaped(graph.x, -1, VECTORS_PER_SEQUENCE, N_FEATURES)
    z = _standardised(graph, vectors, networks[0])
    mean = graph.over("ReduceMean", z, 1)
    distance = graph.add("Sub", z, mean)
    squares = graph.over("ReduceMean", graph.add("Mul", distance, distance), 1)
    parts = (mean, graph.add("Sqrt", squares), graph.ranked(z))
    n_statistics = (2 + VECTORS_PER_SEQUENCE) * N_FEATURES
    statistics = graph.shaped(graph.add("Concat", *parts, axis=1), -1, n_statistics)

    def probabilities(network: DeepSetsNetwork) -> str:
        seen = _add(graph, network.each, z)
        pooled = (
            graph.over("ReduceMean", seen, 1, keep=False),
            graph.over("ReduceMax", seen, 1, keep=False),
            statistics,
        )
        return _softmax(graph, _add(graph, network.all, graph.add("Concat", *pooled, axis=1)))

    return graph.mean_of([probabilities(network) for network in networks], np.float64)


def add_mobilenet(graph: Graph, teacher: MobileNetTeacher) -> str:
    """(n, 4) probabilities in double precision.

    Samples in all orders of the five vectors pass the networks as so many more samples.
    """
    turned = [
        graph.add(
            "Gather",
            graph.x,
            graph.constant(np.roll(np.arange(_N_INPUTS), turn * N_FEATURES)),
            axis=1,
        )
        for turn in range(teacher.n_orders)
    ]
    x = graph.add("Concat", *turned, axis=0)

    def probabilities(network: MobileNetNetwork) -> str:
        z = graph.shaped(_standardised(graph, x, network), -1, VECTORS_PER_SEQUENCE, N_FEATURES)
        if network.ranked:
            z = graph.ranked(z)
        columns = graph.add("Relu", _add(graph, network.across_features, z))
        sideways = graph.add("Transpose", columns, perm=[0, 2, 1])
        picture = graph.add("Relu", _add(graph, network.across_time, sideways))
        side = network.side
        colours = _add(graph, network.colour, graph.shaped(picture, -1, 1, side, side))
        seen = _add(graph, network.mobilenet, graph.add("Relu", colours))
        return _softmax(graph, _add(graph, network.output, seen))

    mean = graph.mean_of([probabilities(network) for network in teacher.networks], np.float64)
    by_order = graph.shaped(mean, teacher.n_orders, -1, N_SCENES)
    return graph.over("ReduceMean", by_order, 0, keep=False)


def _standardised(graph: Graph, x: str, network: DeepSetsNetwork | MobileNetNetwork) -> str:
    centred = graph.add("Sub", x, graph.constant(_numbers(network.centre)))
    return graph.add("Div", centred, graph.constant(_numbers(network.spread)))


def _softmax(graph: Graph, logits: str) -> str:
    return graph.add("Softmax", graph.cast(logits, np.float64), axis=1)


def _add(graph: Graph, layer: nn.Module, value: str) -> str:
    """What a layer, or layers, make of a value while labelling."""
    if isinstance(layer, nn.Sequential):
        for each in layer:
            value = _add(graph, each, value)
        return value
    if isinstance(layer, nn.Linear):
        weights, biases = _numbers(layer.weight).T, _numbers(layer.bias)
        product = graph.add("MatMul", value, graph.constant(weights))
        return graph.add("Add", product, graph.constant(biases))
    if isinstance(layer, nn.LayerNorm):
        parts = [graph.constant(_numbers(part)) for part in (layer.weight, layer.bias)]
        return graph.add("LayerNormalization", value, *parts, axis=-1, epsilon=layer.eps)
    if isinstance(layer, nn.GELU):
        return _gelu(graph, value)
    if isinstance(layer, nn.ReLU6):
        ends = [graph.constant(np.array(end, np.float32)) for end in (0.0, 6.0)]
        return graph.add("Clip", value, *ends)
    if isinstance(layer, nn.Conv2d):
        return _convolution(graph, layer, value)
    if isinstance(layer, nn.BatchNorm2d):
        assert layer.running_mean is not None
        assert layer.running_var is not None
        numbers = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
        parts = [graph.constant(_numbers(part)) for part in numbers]
        return graph.add("BatchNormalization", value, *parts, epsilon=layer.eps)
    if isinstance(layer, InvertedResidual):
        made = _add(graph, layer.conv, value)
        return graph.add("Add", value, made) if layer.use_res_connect else made
    if isinstance(layer, MobileNetV2):
        pooled = graph.add("GlobalAveragePool", _add(graph, layer.features, value))
        return _add(graph, layer.classifier, graph.add("Flatten", pooled, axis=1))
    assert isinstance(layer, nn.Dropout), f"no ONNX of {type(layer).__name__}"
    return value


def _gelu(graph: Graph, value: str) -> str:
    """GELU, x · (1 + erf(x / √2)) / 2 (Hendrycks and Gimpel 2016), of operators that all know."""
    scaled = graph.add("Div", value, graph.constant(np.array(sqrt(2), np.float32)))
    raised = graph.add("Add", graph.add("Erf", scaled), graph.constant(np.array(1, np.float32)))
    half = graph.add("Mul", value, graph.constant(np.array(0.5, np.float32)))
    return graph.add("Mul", half, raised)


def _convolution(graph: Graph, layer: nn.Conv2d, value: str) -> str:
    height, width = (int(size) for size in layer.padding)
    parts = [layer.weight, *([] if layer.bias is None else [layer.bias])]
    return graph.add(
        "Conv",
        value,
        *(graph.constant(_numbers(part)) for part in parts),
        strides=list(layer.stride),
        pads=[height, width, height, width],
        dilations=list(layer.dilation),
        group=layer.groups,
    )


def _numbers(tensor: Tensor) -> NDArray[np.float32]:
    numbers: NDArray[np.float32] = tensor.detach().cpu().to(torch.float32).numpy()
    return numbers
