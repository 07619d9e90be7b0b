"""Logistic regression: what tells two kinds of samples apart."""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.factor import solved
from fedasc.arithmetic.functions import exp, log, sigmoid
from fedasc.arithmetic.product import add_product, aligned, panels, times_panels
from fedasc.audio import FloatArray

_N_AT_A_TIME = 256
"""Samples of a block, which stays near the processor; sums go on from one block to the next."""
_MOST_STEPS = 100
_MOST_HALVINGS = 20
_SLOPE = 1e-13  # relative to what is added up in it, so that rounding is well below
_ROUNDING = 1e-12  # of the loss, relative to it


def log_odds(inputs: FloatArray, is_second: NDArray[np.bool_], *, strength: float) -> FloatArray:
    """(n_samples,) logarithm of the odds that each sample is of the second kind.

    Of the coefficients w, |w|² / 2 + strength · (sum of log losses) is the least; the intercept is
    free. Newton's method gets there, with a step halved as long as it makes things worse (Hastie,
    Tibshirani and Friedman 2009, section 4.4.1), whose sums run from the first sample to the last.

    Args:
        inputs: (n_samples, n_inputs) of like size.
        is_second: (n_samples,) whether a sample is of the second kind; some are, others aren't.
        strength: Of what samples say against small coefficients.
    """
    n, n_inputs = inputs.shape
    x = _Inputs(np.concatenate([inputs, np.ones((n, 1))], axis=1))
    penalty = np.append(np.ones(n_inputs), 0.0)
    side = np.where(is_second, 1.0, -1.0)

    def loss(w: FloatArray, odds: FloatArray) -> float:
        each = log(1 + exp(-np.abs(odds))) + np.maximum(-side * odds, 0)
        return float((penalty * w * w).sum() / 2 + strength * each.sum())

    w, odds = np.zeros(n_inputs + 1), np.zeros(n)
    least = loss(w, odds)
    for _ in range(_MOST_STEPS):
        wrong = sigmoid(-side * odds)  # probability of the other kind, right where it is tiny
        slope = penalty * w - strength * x.over_samples(side * wrong)
        if np.abs(slope).max() <= _SLOPE * strength * wrong.sum():
            break
        curvature = strength * x.squares(wrong * (1 - wrong)) + np.diag(penalty)
        step = -solved(curvature, slope)
        for _ in range(_MOST_HALVINGS):
            there = x.over_inputs(w + step)
            tried = loss(w + step, there)
            if tried <= least * (1 + _ROUNDING):
                break
            step /= 2
        else:
            break  # only rounding is left
        w, odds, least = w + step, there, tried
    return odds


class _Inputs:
    """Inputs of samples, as products take them.

    Args:
        x: (n_samples, n_inputs)
    """

    def __init__(self, x: FloatArray) -> None:
        self._n, self._n_inputs = x.shape
        self._columns = panels(x.T)
        self._blocks = [
            (some, np.ascontiguousarray(x[some].T), panels(x[some]))
            for start in range(0, self._n, _N_AT_A_TIME)
            for some in [slice(start, start + _N_AT_A_TIME)]
        ]
        first = self._blocks[0][2]
        self._width = first.shape[2]
        self._starts = range(0, len(first) * self._width, self._width)

    def over_inputs(self, w: FloatArray) -> FloatArray:
        """(n_samples,) sum over inputs, each times one of (n_inputs,)."""
        zeros = np.zeros(len(self._columns) * self._width)
        return times_panels(w[None], self._columns, zeros)[0, : self._n]

    def over_samples(self, weights: FloatArray) -> FloatArray:
        """(n_inputs,) sum over samples, each times one of (n_samples,)."""
        total = aligned(1, len(self._starts) * self._width, np.float64)
        for some, _, packed in self._blocks:
            add_product(weights[None, some], packed, total)
        return total[0, : self._n_inputs]

    def squares(self, weights: FloatArray) -> FloatArray:
        """(n_inputs, n_inputs) sum over samples of products of two inputs, each times a weight.

        Only the lower triangle is right.
        """
        totals = [
            aligned(self._n_inputs - start, self._width, np.float64) for start in self._starts
        ]
        memory = np.empty(self._n_inputs * _N_AT_A_TIME)
        for some, columns, packed in self._blocks:
            rows = memory[: columns.size].reshape(columns.shape)
            np.multiply(columns, weights[some], out=rows)
            for number, (start, total) in enumerate(zip(self._starts, totals, strict=True)):
                add_product(rows[start:], packed[number : number + 1], total)
        result = np.zeros((self._n_inputs, len(self._starts) * self._width))
        for start, total in zip(self._starts, totals, strict=True):
            result[start:, start : start + self._width] = total
        return result[:, : self._n_inputs]
