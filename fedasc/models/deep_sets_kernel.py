"""Compiled labelling by Deep Sets on a CPU. Private to `fedasc.models.deep_sets`.

The products are those of `fedasc.arithmetic.product`, whose elements depend on nothing beside them;
all else is computed sample by sample, sums in the order of the five vectors or of the lanes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import exponential
from fedasc.arithmetic.lanes import higher, load, plus_product, spread, store, total
from fedasc.arithmetic.product import panel_width, panels, times_panels
from fedasc.models.deep_sets_weights import DENSE, EPSILON, NORM, NetworkWeights

Numbers = NDArray[np.float32]

_N_LANES = 16
_N_VECTORS = 5


@dataclass(frozen=True, eq=False)
class Layers:
    """The weights of a network as the loops want them: in panels, with zeros up to whole ones.

    Args:
        weights: Of the five dense layers in order, each (n_panels, n_inputs, width).
        biases: (n_outputs,) of each, with zeros up to whole panels.
        scale: (n,) of the normalisation.
        shift: (n,)
        present: (n,) ones, and zeros where there is no output.
        epsilon: Added to the variances.
    """

    weights: tuple[Numbers, ...]
    biases: tuple[Numbers, ...]
    scale: Numbers
    shift: Numbers
    present: Numbers
    epsilon: float

    @classmethod
    def of(cls, network: NetworkWeights) -> "Layers":
        """The layers of a network."""
        arrays, n_hidden = network.arrays, network.n_hidden
        matrices = [arrays[f"{layer}.weight"].T for layer in DENSE]
        # What follows a layer takes its outputs with the zeros after them; the pooled ones twice.
        matrices[1] = _padded(matrices[1], n_hidden)
        pooled = np.split(matrices[2], [n_hidden, 2 * n_hidden])
        matrices[2] = np.concatenate([*(_padded(some, n_hidden) for some in pooled[:2]), pooled[2]])
        matrices[3:] = [_padded(some, len(some)) for some in matrices[3:]]
        biases = [arrays[f"{layer}.bias"] for layer in DENSE]
        scale, shift = (arrays[f"{NORM}.{name}"] for name in ("weight", "bias"))
        return cls(
            tuple(panels(np.ascontiguousarray(matrix)) for matrix in matrices),
            tuple(_padded(bias, len(bias)) for bias in biases),
            _padded(scale, len(scale)),
            _padded(shift, len(shift)),
            _padded(np.ones_like(scale), len(scale)),
            EPSILON,
        )

    def logits(self, z: Numbers, summary: Numbers) -> Numbers:
        """(n, 4) and zeros after, for vectors z (5, n, 9) and their statistics (n, 63)."""
        outputs = z.reshape(_N_VECTORS * len(summary), -1)
        for layer in range(2):
            outputs = self._dense(layer, outputs)
            _rectify(outputs)
        pooled = np.empty((len(summary), 2 * outputs.shape[1] + summary.shape[1]), np.float32)
        _pool(outputs, summary, pooled)
        outputs = self._dense(2, pooled)
        _normalise(outputs, self.present, np.float32(self.epsilon), self.scale, self.shift)
        _rectify(outputs)
        outputs = self._dense(3, outputs)
        _rectify(outputs)
        return self._dense(4, outputs)

    def _dense(self, layer: int, inputs: Numbers) -> Numbers:
        return times_panels(inputs, self.weights[layer], self.biases[layer])


def standardised(x: Numbers, centre: Numbers, spread: Numbers) -> Numbers:
    """(5, n, 9) vectors of sequences (n, 45), less their centre and by their spread (9,)."""
    vectors = x.reshape(len(x), _N_VECTORS, -1).transpose(1, 0, 2)
    return np.ascontiguousarray((vectors - centre) / spread)


def _padded(array: Numbers, n: int) -> Numbers:
    """With zeros after the first n numbers or rows, up to whole panels."""
    width = panel_width(np.float32)
    rest = [(0, -n % width), *[(0, 0)] * (array.ndim - 1)]
    return np.ascontiguousarray(np.pad(array, rest))


@compiled
def _rectify(x: Numbers) -> None:
    """The Gaussian error linear unit x·Φ(x) in place, within 1e-7·|x|.

    With t = 1 / (1 + p·|x|/√2), Φ(-|x|) is a polynomial of t times exp(-x²/2) (Abramowitz and
    Stegun 1964, 7.1.26).
    """
    flat = x.reshape(x.size)
    one, nothing = spread(np.float32(1), _N_LANES), spread(np.float32(0), _N_LANES)
    root = spread(np.float32(0.5**0.5), _N_LANES)
    p = spread(np.float32(0.3275911), _N_LANES)
    a1 = spread(np.float32(0.5 * 0.254829592), _N_LANES)
    a2 = spread(np.float32(0.5 * -0.284496736), _N_LANES)
    a3 = spread(np.float32(0.5 * 1.421413741), _N_LANES)
    a4 = spread(np.float32(0.5 * -1.453152027), _N_LANES)
    a5 = spread(np.float32(0.5 * 1.061405429), _N_LANES)
    for start in range(0, x.size, _N_LANES):
        vector = load(flat, start, _N_LANES)
        size = abs(vector) * root
        t = one / plus_product(one, size, p)
        series = plus_product(a3, plus_product(a4, a5, t), t)
        series = plus_product(a1, plus_product(a2, series, t), t)
        tail = series * t * exponential(nothing - size * size)
        store(flat, start, higher(vector, nothing) - abs(vector) * tail)


@compiled
def _pool(each: Numbers, summary: Numbers, pooled: Numbers) -> None:
    """Mean and maximum over the five vectors, beside what is known of the sample otherwise.

    Args:
        each: (5 · n, width) outputs for each vector; multiples of as many columns as lanes.
        summary: (n, 63)
        pooled: (n, 2 · width + 63), written.
    """
    n, width = len(summary), each.shape[1]
    flat, written = each.reshape(each.size), pooled.reshape(pooled.size)
    share = spread(np.float32(0.2), _N_LANES)
    for i in range(n):
        row = i * pooled.shape[1]
        for column in range(0, width, _N_LANES):
            vector = load(flat, i * width + column, _N_LANES)
            sums, most = vector, vector
            for v in range(1, _N_VECTORS):
                vector = load(flat, (v * n + i) * width + column, _N_LANES)
                sums, most = sums + vector, higher(most, vector)
            store(written, row + column, sums * share)
            store(written, row + width + column, most)
        for j in range(summary.shape[1]):
            pooled[i, 2 * width + j] = summary[i, j]


@compiled
def _normalise(
    x: Numbers, present: Numbers, epsilon: np.float32, scale: Numbers, shift: Numbers
) -> None:
    """Each row less its mean, by its deviation, scaled and shifted (Ba, Kiros and Hinton 2016).

    Args:
        x: (n_rows, width), changed in place; zeros where there is no output, which stay zeros.
        present: (width,) ones, and zeros where there is no output.
    """
    flat = x.reshape(x.size)
    width = x.shape[1]
    n = present.sum()
    for i in range(len(x)):
        row = i * width
        sums = spread(np.float32(0), _N_LANES)
        for column in range(0, width, _N_LANES):
            sums = sums + load(flat, row + column, _N_LANES)
        means = spread(total(sums) / n, _N_LANES)
        sums = spread(np.float32(0), _N_LANES)
        for column in range(0, width, _N_LANES):
            counted = load(present, column, _N_LANES)
            deviations = (load(flat, row + column, _N_LANES) - means) * counted
            store(flat, row + column, deviations)
            sums = plus_product(sums, deviations, deviations)
        inverse = np.float32(1) / np.sqrt(total(sums) / n + epsilon)
        inverses = spread(inverse, _N_LANES)
        for column in range(0, width, _N_LANES):
            deviations = load(flat, row + column, _N_LANES) * inverses
            scales, shifts = load(scale, column, _N_LANES), load(shift, column, _N_LANES)
            store(flat, row + column, plus_product(shifts, deviations, scales))
