"""Boosted trees as ONNX's TreeEnsembleRegressor has them, from those that label here.

A `Forest` says of every node which leaves lie on its left. Of a node with the leaves from a to b
those on its left begin at a too, and so do those of every node down its left side, with fewer of
them each; so the first node of the leaves a to b is the one with the most on its left, but not all.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.models.forest import Forest
from fedasc.models.forest_kernel import place

_INNER, _LEAF = "BRANCH_LEQ", "LEAF"

Spans = Mapping[int, tuple[int, int]]
"""By node, from which leaf to which one those on its left lie."""


class Trees:
    """All trees of a forest, node after node.

    Args:
        forest: Whose classes take turns with the trees.
    """

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self.tree: list[int] = []
        self.node: list[int] = []
        self.feature: list[int] = []
        self.threshold: list[float] = []
        self.mode: list[str] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.leaf_tree: list[int] = []
        self.leaf_node: list[int] = []
        self.leaf_class: list[int] = []
        self.leaf_value: list[float] = []
        for number in range(len(forest.values)):
            nodes = np.arange(forest.starts[number], forest.starts[number + 1])
            spans = dict(zip(nodes.tolist(), _spans(forest, nodes), strict=True))
            self._root = len(self.tree)
            self._add(number, spans, 0, len(nodes) + 1)

    def _add(self, tree: int, spans: Spans, first: int, end: int) -> int:
        """The part of a tree with the leaves from first to end; the number of its first node."""
        here = len(self.tree)
        number = here - self._root
        is_leaf = end - first == 1
        self.tree.append(tree)
        self.node.append(number)
        self.mode.append(_LEAF if is_leaf else _INNER)
        self.left.append(0)
        self.right.append(0)
        if is_leaf:
            self.feature.append(0)
            self.threshold.append(0.0)
            self.leaf_tree.append(tree)
            self.leaf_node.append(number)
            self.leaf_class.append(tree % len(self._forest.baseline))
            self.leaf_value.append(float(self._forest.values[tree, place(np.array(first))]))
            return number
        middle, node = max((to, one) for one, (at, to) in spans.items() if at == first and to < end)
        feature = int(self._forest.features[node])
        self.feature.append(feature)
        self.threshold.append(float(self._forest.thresholds[feature, self._forest.limits[node]]))
        self.left[here] = self._add(tree, spans, first, middle)
        self.right[here] = self._add(tree, spans, middle, end)
        return number


def _spans(forest: Forest, nodes: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """From which leaf to which one those on the left of each node lie."""
    words = np.ascontiguousarray(forest.remaining[:, nodes].T, "<u2").view(np.uint8)
    for row in np.unpackbits(words, axis=1, bitorder="little") == 0:
        leaves = np.flatnonzero(row)
        yield int(leaves[0]), int(leaves[-1]) + 1
