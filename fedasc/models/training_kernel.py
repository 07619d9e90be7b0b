"""Compiled training of one embedded classifier. Private to `fedasc.models.training`.

The arithmetic is PyTorch's for BatchNorm1d, Linear, ReLU, Dropout, Linear under cross-entropy and
Adam, with the batch normalisation folded into the first dense layer: with x̂ the normalised batch
and g the gradient at the hidden layer, every gradient of the first three parameter arrays follows
from x̂ᵀg and the column sums of g. Sums run in a fixed order, whatever the machine.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fedasc.models.embedded import BATCH_NORM_EPSILON, Weights

_MOMENTUM = np.float32(0.1)
_FIRST_DECAY = np.float32(0.9)
_SECOND_DECAY = np.float32(0.999)
_ADAM_EPSILON = np.float32(1e-8)
_NEXT_TO_NOTHING = np.float32(1e-30)
_EPSILON = np.float32(BATCH_NORM_EPSILON)


@njit(cache=True, nogil=True, error_model="numpy")
def train_epoch(
    x: Weights,
    targets: Weights,
    order: NDArray[np.int64],
    batch_size: int,
    learning_rate: float,
    dropout: float,
    rng: np.random.Generator,
    statistics: Weights,
    parameters: Weights,
    moments: Weights,
    n_steps: int,
) -> int:
    """One pass over the samples, in the given order; a last batch of one sample is left out.

    Args:
        x: (n_samples, n_inputs).
        targets: (n_samples, n_outputs) weight of each class in the loss of each sample.
        order: (n_samples,) permutation of the samples.
        dropout: Share of hidden outputs that are set to zero.
        rng: Draws what is dropped.
        statistics: (2, n_inputs) running mean and variance, updated in place.
        parameters: scale, shift, hidden weights and biases, output weights and biases, flat and in
            this order; updated in place.
        moments: (2, n_parameters) of Adam, updated in place.
        n_steps: Steps of Adam done before.

    Returns:
        Steps of Adam done in all.
    """
    n_inputs = x.shape[1]
    n_outputs = targets.shape[1]
    n_hidden = (parameters.size - 2 * n_inputs - n_outputs) // (n_inputs + 1 + n_outputs)
    one = np.float32(1)
    keep = one / np.float32(1 - dropout)

    ends = np.cumsum(
        np.array([n_inputs, n_inputs, n_inputs * n_hidden, n_hidden, n_hidden * n_outputs])
    )
    scale = parameters[: ends[0]]
    shift = parameters[ends[0] : ends[1]]
    hidden_weights = parameters[ends[1] : ends[2]].reshape(n_inputs, n_hidden)
    hidden_biases = parameters[ends[2] : ends[3]]
    output_weights = parameters[ends[3] : ends[4]].reshape(n_hidden, n_outputs)
    output_biases = parameters[ends[4] :]
    gradient = np.zeros_like(parameters)

    batch = np.empty((batch_size, n_inputs), np.float32)
    across = np.empty((n_inputs, batch_size), np.float32)
    hidden = np.empty((n_hidden, batch_size), np.float32)
    mask = np.empty((n_hidden, batch_size), np.float32)
    scores = np.empty(n_outputs, np.float32)
    product = np.empty((n_hidden, n_inputs), np.float32)

    for start in range(0, order.size, batch_size):
        n = min(batch_size, order.size - start)
        if n < 2:
            break
        rows = order[start : start + n]
        share = one / np.float32(n)
        # Normalise the batch and follow the running statistics.
        mean = np.zeros(n_inputs, np.float32)
        variance = np.zeros(n_inputs, np.float32)
        for b in range(n):
            for i in range(n_inputs):
                batch[b, i] = x[rows[b], i]
                mean[i] += batch[b, i]
        for i in range(n_inputs):
            mean[i] *= share
        for b in range(n):
            for i in range(n_inputs):
                batch[b, i] -= mean[i]
                variance[i] += batch[b, i] * batch[b, i]
        unbiased = one / np.float32(n - 1)
        for i in range(n_inputs):
            statistics[0, i] += _MOMENTUM * (mean[i] - statistics[0, i])
            statistics[1, i] += _MOMENTUM * (variance[i] * unbiased - statistics[1, i])
            variance[i] = one / np.sqrt(variance[i] * share + _EPSILON)
        for b in range(n):
            for i in range(n_inputs):
                batch[b, i] *= variance[i]
                across[i, b] = batch[b, i]
        # Forward, a column of samples at a time.
        for j in range(n_hidden):
            bias = hidden_biases[j]
            for i in range(n_inputs):
                bias += shift[i] * hidden_weights[i, j]
            column = hidden[j]
            for b in range(n):
                column[b] = bias
            for i in range(n_inputs):
                weight = scale[i] * hidden_weights[i, j]
                inputs = across[i]
                for b in range(n):
                    column[b] += weight * inputs[b]
            for b in range(n):
                dropped = dropout > 0 and rng.random() < dropout
                mask[j, b] = keep if column[b] > 0 and not dropped else np.float32(0)
                column[b] *= mask[j, b]
        # Softmax and its gradient, then back to the hidden layer.
        gradient[:] = 0
        d_output_weights = gradient[ends[3] : ends[4]].reshape(n_hidden, n_outputs)
        d_output_biases = gradient[ends[4] :]
        d_hidden_biases = gradient[ends[2] : ends[3]]
        for b in range(n):
            for o in range(n_outputs):
                scores[o] = output_biases[o]
                for j in range(n_hidden):
                    scores[o] += hidden[j, b] * output_weights[j, o]
            top = scores.max()
            total = np.float32(0)
            weight = np.float32(0)
            for o in range(n_outputs):
                scores[o] = np.exp(scores[o] - top)
                total += scores[o]
                weight += targets[rows[b], o]
            for o in range(n_outputs):
                scores[o] = (scores[o] / total * weight - targets[rows[b], o]) * share
                d_output_biases[o] += scores[o]
            for j in range(n_hidden):
                back = np.float32(0)
                for o in range(n_outputs):
                    d_output_weights[j, o] += hidden[j, b] * scores[o]
                    back += output_weights[j, o] * scores[o]
                hidden[j, b] = back * mask[j, b]
                d_hidden_biases[j] += hidden[j, b]
        # The first layer: everything from x̂ᵀg and the sums of g.
        product[:] = 0
        for b in range(n):
            for j in range(n_hidden):
                back = hidden[j, b]
                if back != 0:
                    for i in range(n_inputs):
                        product[j, i] += back * batch[b, i]
        d_scale = gradient[: ends[0]]
        d_shift = gradient[ends[0] : ends[1]]
        d_hidden_weights = gradient[ends[1] : ends[2]].reshape(n_inputs, n_hidden)
        for j in range(n_hidden):
            for i in range(n_inputs):
                weight = hidden_weights[i, j]
                d_scale[i] += weight * product[j, i]
                d_shift[i] += weight * d_hidden_biases[j]
                d_hidden_weights[i, j] = scale[i] * product[j, i] + shift[i] * d_hidden_biases[j]
        n_steps += 1
        _adam(parameters, gradient, moments, learning_rate, n_steps)
    return n_steps


@njit(cache=True, nogil=True, error_model="numpy")
def _adam(
    parameters: Weights, gradient: Weights, moments: Weights, learning_rate: float, n_steps: int
) -> None:
    """One step of Adam (Kingma and Ba 2015), in place."""
    step = np.float32(learning_rate / (1 - 0.9**n_steps))
    correction = np.float32(1 / np.sqrt(1 - 0.999**n_steps))
    first, second = moments[0], moments[1]
    one = np.float32(1)
    for p in range(parameters.size):
        slope = gradient[p]
        m = _FIRST_DECAY * first[p] + (one - _FIRST_DECAY) * slope
        if abs(m) < _NEXT_TO_NOTHING:  # dead units decay into slow denormal numbers
            m = np.float32(0)
        v = _SECOND_DECAY * second[p] + (one - _SECOND_DECAY) * slope * slope
        first[p] = m
        second[p] = v
        parameters[p] -= step * m / (np.sqrt(v) * correction + _ADAM_EPSILON)
