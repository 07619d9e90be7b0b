"""Boosted trees that label many samples quickly."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import softmax
from fedasc.audio import FloatArray
from fedasc.models.forest_kernel import LEAVES_PER_WORD, add_leaves, encode, place

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

_THRESHOLDS_AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees of scikit-learn's gradient boosting, flattened.

    The scores are scikit-learn's to the last bit: inputs are compared with the same thresholds, and
    leaves are added in the same order. Probabilities are, up to the rounding of exponentials.

    Args:
        baseline: (n_classes,) score of each class before the first tree.
        thresholds: (n_features, 8 · n) that nodes compare each feature with, rising, then infinite.
        starts: (n_trees + 1,) first node of each tree; the classes take turns.
        features: (n_nodes,)
        limits: (n_nodes,) index of each node's threshold among those of its feature.
        remaining: (n_words, n_nodes) see `fedasc.models.forest_kernel`.
        values: (n_trees, n_words · 16)
    """

    baseline: FloatArray
    thresholds: FloatArray
    starts: NDArray[np.int64]
    features: NDArray[np.int64]
    limits: NDArray[np.uint8]
    remaining: NDArray[np.uint16]
    values: FloatArray

    @classmethod
    def of(cls, fitted: "HistGradientBoostingClassifier") -> "Forest":
        """The trees of a classifier of three classes or more, without categories."""
        trees = [tree.nodes for iteration in fitted._predictors for tree in iteration]
        inner = [nodes[nodes["is_leaf"] == 0] for nodes in trees]
        nodes = np.concatenate(inner)
        features = nodes["feature_idx"].astype(np.int64)
        edges = [
            np.unique(nodes["num_threshold"][features == feature])
            for feature in range(fitted.n_features_in_)
        ]
        n_edges = _THRESHOLDS_AT_ONCE * ceil(max(map(len, edges)) / _THRESHOLDS_AT_ONCE)
        thresholds = np.full((len(edges), n_edges), np.inf)
        limits = np.empty(len(nodes), np.uint8)
        for feature, feature_edges in enumerate(edges):
            thresholds[feature, : len(feature_edges)] = feature_edges
            asking = features == feature
            limits[asking] = np.searchsorted(feature_edges, nodes["num_threshold"][asking])

        n_leaves = max(int(tree["is_leaf"].sum()) for tree in trees)
        n_words = ceil(n_leaves / LEAVES_PER_WORD)
        struck = np.zeros((len(nodes), n_words * LEAVES_PER_WORD), bool)
        values = np.zeros((len(trees), n_words * LEAVES_PER_WORD))
        starts = np.cumsum([0, *map(len, inner)])
        for number, tree in enumerate(trees):
            leaves, strikes = _from_left(tree)
            struck[starts[number] : starts[number + 1], : len(leaves)] = strikes
            values[number, place(np.arange(len(leaves)))] = tree["value"][leaves]
        bits = np.packbits(~struck, axis=1, bitorder="little").view("<u2")
        remaining = np.ascontiguousarray(bits.T, np.uint16)
        baseline = fitted._baseline_prediction[0]
        return cls(baseline, thresholds, starts, features, limits, remaining, values)

    def probabilities(self, inputs: FloatArray) -> FloatArray:
        """(n_samples, n_classes) for finite inputs (n_samples, n_features)."""
        return softmax(self.scores(inputs))

    def scores(self, inputs: FloatArray) -> FloatArray:
        """(n_samples, n_classes) sums of leaves for finite inputs (n_samples, n_features).

        Inputs that are stored by column are taken as they are; others are copied.
        """
        columns = np.ascontiguousarray(inputs.T, np.float64)
        codes = np.empty(columns.shape, np.uint8)
        encode(columns, self.thresholds, codes)
        scores = np.tile(self.baseline[:, None], len(inputs))
        add_leaves(
            codes, self.starts, self.features, self.limits, self.remaining, self.values, scores
        )
        return scores.T


def _from_left(tree: NDArray[Any]) -> tuple[list[int], NDArray[np.bool_]]:
    """The leaves of a tree from left to right, and for each other node those on its left.

    Returns:
        Numbers of the leaves' nodes, and (n_inner_nodes, n_leaves) in the order of the nodes.
    """
    leaves: list[int] = []
    on_left: dict[int, tuple[int, int]] = {}

    def visit(node: int) -> None:
        if tree["is_leaf"][node]:
            leaves.append(node)
            return
        first = len(leaves)
        visit(int(tree["left"][node]))
        on_left[node] = first, len(leaves)
        visit(int(tree["right"][node]))

    visit(0)
    ranges = np.array([on_left[node] for node in sorted(on_left)]).reshape(-1, 2, 1)
    numbers = np.arange(len(leaves))
    return leaves, (ranges[:, 0] <= numbers) & (numbers < ranges[:, 1])
