"""Compiled prediction of boosted trees. Private to `fedasc.models.forest`.

A sample's leaf isn't sought from the root. Every node that sends the sample to the right strikes
out the leaves on its left, in any order of the nodes; of those that remain, the leftmost is the
sample's (QuickScorer: Lucchese et al. 2015). Without a branch, the compiler does that for as many
samples at a time as a vector register holds.
"""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled

LEAVES_PER_WORD = 16

_AT_ONCE = 256  # samples, whose codes and remaining leaves stay in the first-level cache
_HASH = 0x09AF  # a de Bruijn sequence: sends the 16 words of a single bit to 16 numbers
_ALL = 0xFFFF


@compiled
def encode(
    inputs: NDArray[np.float64], thresholds: NDArray[np.float64], codes: NDArray[np.uint8]
) -> None:
    """Count the thresholds below each input.

    To compare with all of them, eight at a time, is faster than a binary search: the compiler
    can't look up thresholds for many samples at once.

    Args:
        inputs: (n_features, n_samples)
        thresholds: (n_features, 8 · n) of each feature, rising, then infinite to the end.
        codes: (n_features, n_samples), written.
    """
    n_features, n_samples = inputs.shape
    below = np.empty(_AT_ONCE, np.int64)
    for f in range(n_features):
        for first in range(0, n_samples, _AT_ONCE):
            n = min(_AT_ONCE, n_samples - first)
            values, code = inputs[f, first : first + n], codes[f, first : first + n]
            for i in range(n):
                below[i] = 0
            for e in range(0, thresholds.shape[1], 8):
                t = thresholds[f, e : e + 8]
                if t[0] == np.inf:
                    break
                t0, t1, t2, t3, t4, t5, t6, t7 = t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]
                for i in range(n):
                    v = values[i]
                    below[i] += np.int64(t0 < v) + np.int64(t1 < v) + np.int64(t2 < v)
                    below[i] += np.int64(t3 < v) + np.int64(t4 < v) + np.int64(t5 < v)
                    below[i] += np.int64(t6 < v) + np.int64(t7 < v)
            for i in range(n):
                code[i] = below[i]


@compiled
def add_leaves(
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    features: NDArray[np.int64],
    limits: NDArray[np.uint8],
    remaining: NDArray[np.uint16],
    values: NDArray[np.float64],
    scores: NDArray[np.float64],
) -> None:
    """Add the leaf of each tree to the score of the tree's class, in the order of the trees.

    Args:
        codes: (n_features, n_samples)
        starts: (n_trees + 1,) first node of each tree; tree t is of class t mod n_classes.
        features: (n_nodes,) that each node asks for.
        limits: (n_nodes,) codes up to this one go to the left.
        remaining: (n_words, n_nodes) a bit for each leaf, from left to right: 0 where a node that
            sends a sample to the right strikes the leaf out.
        values: (n_trees, n_words · 16) of the leaves, each at the `place` of its bit.
        scores: (n_classes, n_samples), added to in place.
    """
    n_classes, n_samples = scores.shape
    n_words = len(remaining)
    left = np.empty(_AT_ONCE, np.uint16)
    leaf = np.empty(_AT_ONCE, np.uint32)
    for first in range(0, n_samples, _AT_ONCE):
        n = min(_AT_ONCE, n_samples - first)
        for tree in range(len(values)):
            for w in range(n_words - 1, -1, -1):
                for i in range(n):
                    left[i] = _ALL
                for node in range(starts[tree], starts[tree + 1]):
                    code = codes[features[node], first : first + n]
                    limit, kept = limits[node], remaining[w, node]
                    for i in range(n):
                        left[i] &= np.uint16(_ALL) if code[i] <= limit else kept
                for i in range(n):
                    lowest = np.uint32(left[i]) & (~np.uint32(left[i]) + np.uint32(1))
                    at = (np.uint32(lowest * np.uint32(_HASH)) & np.uint32(_ALL)) >> np.uint32(12)
                    if left[i] != 0:
                        leaf[i] = np.uint32(w * 16) + at
            score, leaf_values = scores[tree % n_classes, first : first + n], values[tree]
            for i in range(n):
                score[i] += leaf_values[leaf[i]]


def place(leaf: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the kernel looks for the values of leaves, which are counted from left to right."""
    bit = 1 << (leaf % LEAVES_PER_WORD)
    places: NDArray[np.int64] = leaf // LEAVES_PER_WORD * LEAVES_PER_WORD + (
        (bit * _HASH & _ALL) >> 12
    )
    return places
