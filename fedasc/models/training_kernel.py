"""Compiled training of one embedded classifier. Private to `fedasc.models`.

The arithmetic is PyTorch's for BatchNorm1d, Linear, ReLU, Dropout, Linear under cross-entropy and
Adam, with the batch normalisation folded into the first dense layer. With d the inputs less one of
the batch's, m their mean and r the inverse deviation, x̂ = r·(d - m), and every gradient of the
first three parameter arrays follows from dᵀg and the column sums of g, the gradient at the hidden
layer.

Samples are the lanes of vectors where their hidden outputs are computed, inputs where their
gradients are. The vector types are spelled out for LLVM, which cuts them into what the machine has.
Nothing is reordered or contracted: sums run in an order that this file fixes, whatever the machine.
"""

from typing import Any

# mypy: disable-error-code="no-untyped-call"
# (of numba's types and LLVM's builder)
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import LARGE_REGISTERS, compiled
from fedasc.arithmetic.lanes import (
    Lanes,
    constant,
    higher,
    instruction,
    load,
    load_all,
    mask,
    pointer_to,
    splat,
    spread,
    store,
    store_all,
    total,
)
from fedasc.models.embedded import BATCH_NORM_EPSILON, N_HIDDEN, N_INPUTS, Weights
from fedasc.scenes import N_SCENES

N_LANES = 16
N_COLUMNS = 48

_TILE = 8
_N_SUMMED = 3

_WIDTH = N_LANES if LARGE_REGISTERS else N_LANES // 2
"""Lanes that are computed at a time, so that all sums of hidden outputs stay in registers."""

_MOMENTUM = np.float32(0.1)
_FIRST_DECAY = np.float32(0.9)
_SECOND_DECAY = np.float32(0.999)
_ADAM_EPSILON = np.float32(1e-8)
_NEXT_TO_NOTHING = np.float32(1e-30)
_EPSILON = np.float32(BATCH_NORM_EPSILON)
_ONE = np.float32(1)


def _times_plus(builder: Any, a: Any, b: Any, c: Any) -> Any:
    # Fused, the whole is a sixth faster, or 17 times slower on a machine without the instruction.
    return builder.fadd(builder.fmul(a, b), c)


@instruction
def _add_products(typing: Any, sums: Any, vector: Any, array: Any, start: Any, stride: Any) -> Any:
    """Several sums, the j-th with `vector` times the number at start + j · stride added."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        sums_, vector_, array_, start_, stride_ = args
        data = context.make_array(array)(context, builder, array_).data
        updated = []
        for j, addend in enumerate(cgutils.unpack_tuple(builder, sums_)):
            place = builder.add(start_, builder.mul(stride_, ir.Constant(stride_.type, j)))
            factor = builder.load(builder.gep(data, [place]))
            factors = splat(builder, factor, vector_.type.count)
            updated.append(_times_plus(builder, vector_, factors, addend))
        return context.make_tuple(builder, sums, updated)

    return sums(sums, vector, array, types.intp, types.intp), build


@instruction
def _turn(typing: Any, rows: Any, row: Any, across: Any) -> Any:
    """Copy N_LANES rows to lanes, in tiles that need no more than 16 registers of 32 bytes.

    Args:
        rows: (n_rows, N_COLUMNS).
        row: The first to copy.
        across: (N_COLUMNS, N_LANES), written.
    """

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.VectorType(ir.FloatType(), _TILE)
        integer = args[1].type
        start = builder.mul(args[1], ir.Constant(integer, N_COLUMNS))
        for first in range(0, N_LANES, _TILE):
            for column in range(0, N_COLUMNS, _TILE):
                tile = []
                for i in range(first, first + _TILE):
                    place = builder.add(start, ir.Constant(integer, i * N_COLUMNS + column))
                    place = pointer_to(context, builder, rows, args[0], place, kind)
                    tile.append(builder.load(place, align=4, typ=kind))
                for i, vector in enumerate(_turned(builder, tile)):
                    place = ir.Constant(integer, (column + i) * N_LANES + first)
                    place = pointer_to(context, builder, across, args[2], place, kind)
                    builder.store(vector, place, align=4)

    return types.void(rows, types.intp, across), build


def _turned(builder: Any, tile: list[Any]) -> list[Any]:
    """The columns of a tile of _TILE rows: single numbers change places, then pairs, then fours."""
    for n in (1, 2, 4):
        # of each 2n numbers, the first or the last n of one row and then of the other
        masks = [
            mask([at + side + other for at in range(0, _TILE, 2 * n) for other in (0, _TILE)
                  for side in range(offset, offset + n)])
            for offset in (0, n)
        ]  # fmt: skip
        tile = [
            builder.shuffle_vector(tile[i & ~n], tile[i | n], masks[bool(i & n)])
            for i in range(_TILE)
        ]
    return tile


@instruction
def _exponential(typing: Any, vector: Any) -> Any:
    """The exponential of numbers up to 0 (`expf` of Cephes, Moshier 1989)."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = args[0].type
        bits = ir.VectorType(ir.IntType(32), kind.count)

        def number(value: float) -> Any:
            return constant(kind, float(np.float32(value)))

        least = number(-87.0)
        x = builder.select(builder.fcmp_ordered(">", args[0], least), args[0], least)
        # Adding 1.5 · 2²³ rounds to an integer, which then stands in the lowest bits.
        rounding = number(12582912.0)
        shifted = _times_plus(builder, x, number(1.44269504088896341), rounding)
        n = builder.fsub(shifted, rounding)
        x = _times_plus(builder, n, number(-0.693359375), x)
        x = _times_plus(builder, n, number(2.12194440e-4), x)
        y = number(1.9875691500e-4)
        for coefficient in (
            1.3981999507e-3,
            8.3334519073e-3,
            4.1665795894e-2,
            1.6666665459e-1,
            5.0000001201e-1,
        ):
            y = _times_plus(builder, y, x, number(coefficient))
        y = builder.fadd(_times_plus(builder, y, builder.fmul(x, x), x), number(1.0))
        power = builder.shl(builder.bitcast(shifted, bits), constant(bits, 23))
        return builder.bitcast(builder.add(builder.bitcast(y, bits), power), kind)

    return vector(vector), build


def _mixed(builder: Any, words: Any) -> Any:
    """`fedasc.models.dropout.mixed` of every lane."""
    kind = words.type
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        words = builder.xor(words, builder.lshr(words, constant(kind, shift)))
        words = builder.mul(words, constant(kind, factor))
    return builder.xor(words, builder.lshr(words, constant(kind, 16)))


@instruction
def _sample_words(typing: Any, start: Any, word: Any, n: Any) -> Any:
    """Random words of n samples, the first at the position `start`."""
    vector = Lanes(types.uint32, n.literal_value)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        single = ir.IntType(32)
        first = splat(builder, builder.trunc(args[0], single), vector.n)
        positions = builder.add(first, mask(list(range(vector.n))))
        words = splat(builder, builder.trunc(args[1], single), vector.n)
        return _mixed(builder, builder.xor(positions, words))

    return vector(types.intp, types.intp, n), build


@instruction
def _rectify_and_drop(
    typing: Any, vector: Any, words: Any, word: Any, threshold: Any, keep: Any
) -> Any:
    """ReLU, then dropout: `keep` times what is positive and isn't drawn, else 0."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector_, words_, word_, threshold_, keep_ = args
        n, single = vector.n, ir.IntType(32)
        drawn = builder.xor(words_, splat(builder, builder.trunc(word_, single), n))
        limit = splat(builder, builder.trunc(threshold_, single), n)
        nothing = constant(vector_.type, 0.0)
        stays = builder.and_(
            builder.fcmp_ordered(">", vector_, nothing),
            builder.icmp_unsigned(">=", _mixed(builder, drawn), limit),
        )
        return builder.select(stays, builder.fmul(vector_, splat(builder, keep_, n)), nothing)

    return vector(vector, words, types.intp, types.intp, types.float32), build


@instruction
def _where_positive(typing: Any, vector: Any, kept: Any) -> Any:
    """`kept` where `vector` is positive, else 0."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        nothing = constant(args[0].type, 0.0)
        return builder.select(builder.fcmp_ordered(">", args[0], nothing), args[1], nothing)

    return vector(vector, kept), build


def aligned(n_rows: int) -> Weights:
    """(n_rows, N_COLUMNS) zeros whose rows don't straddle more cache lines than they must."""
    line, n_bytes = 64, 4 * n_rows * N_COLUMNS
    memory = np.zeros(n_bytes + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + n_bytes].view(np.float32).reshape(n_rows, N_COLUMNS)


def with_ones(x: Weights) -> Weights:
    """Inputs as the loops want them: (n_samples, N_COLUMNS), followed by a one and zeros.

    Args:
        x: (n_samples, n_inputs)
    """
    columns = aligned(len(x))
    columns[:, :N_INPUTS] = x
    columns[:, N_INPUTS] = 1
    return columns


@compiled
def train_epoch(
    known: Weights,
    known_targets: Weights,
    x: Weights,
    targets: Weights,
    order: NDArray[np.int64],
    batch_size: int,
    learning_rate: float,
    dropout: float,
    threshold: int,
    words: tuple[int, int],
    room: Weights,
    statistics: Weights,
    parameters: Weights,
    moments: Weights,
    n_steps: int,
) -> int:
    """One pass over samples, in the given order; a last batch of one sample is left out.

    Args:
        known: (n_known, N_COLUMNS) of `with_ones`: the samples of places 0 to n_known - 1.
        known_targets: (n_known, n_outputs) weight of each class in the loss of each.
        x: (n_samples, N_COLUMNS) of `with_ones`: those of the places from n_known on.
        targets: (n_samples, n_outputs) likewise.
        order: Places of samples, one after the other.
        dropout: Share of hidden outputs that are set to zero.
        threshold: The same share of 2³².
        words: That tell what is dropped in this epoch (`fedasc.models.dropout`).
        room: (n_rows, N_COLUMNS) for a batch, of `aligned`; n_rows a multiple of N_LANES.
        statistics: (2, n_inputs) running mean and variance, updated in place.
        parameters: scale, shift, hidden weights and biases, output weights and biases, flat and in
            this order; updated in place.
        moments: (2, n_parameters) of Adam, updated in place.
        n_steps: Steps of Adam done before.

    Returns:
        Steps of Adam done in all.
    """
    keep = _ONE / np.float32(1 - dropout)
    gradient = np.zeros_like(parameters)
    scale, shift, hidden_weights, hidden_biases, output_weights, output_biases = _split(parameters)
    d_scale, d_shift, d_hidden_weights, d_hidden_biases, d_output_weights, d_output_biases = _split(
        gradient
    )

    mean = np.zeros(N_COLUMNS, np.float32)
    inverse = np.zeros(N_COLUMNS, np.float32)
    folded = np.zeros((N_INPUTS, N_HIDDEN), np.float32)
    biases = np.zeros((N_HIDDEN, N_LANES), np.float32)
    first_biases = np.zeros(N_HIDDEN, np.float32)
    turned = np.zeros((N_HIDDEN, N_INPUTS), np.float32)
    across = np.zeros((N_COLUMNS, N_LANES), np.float32)
    back_weights = np.zeros((N_SCENES, N_HIDDEN), np.float32)
    final_biases = np.zeros((N_SCENES, N_LANES), np.float32)
    hidden = np.zeros((N_HIDDEN, N_LANES), np.float32)
    goals = np.zeros((N_SCENES, N_LANES), np.float32)
    product = np.zeros((N_HIDDEN, N_COLUMNS), np.float32)
    outer = np.zeros((N_HIDDEN + 1, N_SCENES, N_LANES), np.float32)

    for start in range(0, order.size, batch_size):
        n = min(batch_size, order.size - start)
        if n < 2:
            break
        rows = order[start : start + n]
        _standardise(known, x, rows, room, mean, inverse, statistics)
        first_biases[:] = hidden_biases
        for i in range(N_INPUTS):
            for j in range(N_HIDDEN):
                weight = scale[i] * inverse[i] * hidden_weights[i, j]
                folded[i, j] = weight
                first_biases[j] += shift[i] * hidden_weights[i, j] - mean[i] * weight
        for j in range(N_HIDDEN):
            biases[j] = first_biases[j]
            for o in range(N_SCENES):
                back_weights[o, j] = output_weights[j, o]
        for o in range(N_SCENES):
            final_biases[o] = output_biases[o]
        product[:] = 0
        outer[:] = 0
        share = _ONE / np.float32(n)
        for block in range(0, n, N_LANES):
            _lay_out(known_targets, targets, rows[block : block + N_LANES], goals)
            _turn(room, block, across)
            _forward(across, folded, biases, words, start + block, threshold, keep, hidden)
            _backward(hidden, goals, output_weights, back_weights, final_biases, share, keep, outer)
            _correlate(hidden, room, block, product)
        for o in range(N_SCENES):
            d_output_biases[o] = total(load(outer, (N_HIDDEN * N_SCENES + o) * N_LANES, N_LANES))
            for j in range(N_HIDDEN):
                d_output_weights[j, o] = total(load(outer, (j * N_SCENES + o) * N_LANES, N_LANES))
        turned[:] = hidden_weights.T
        d_scale[:] = 0
        d_shift[:] = 0
        for j in range(N_HIDDEN):
            bias = product[j, N_INPUTS]
            d_hidden_biases[j] = bias
            for i in range(N_INPUTS):
                weight = turned[j, i]
                slope = inverse[i] * (product[j, i] - mean[i] * bias)
                d_scale[i] += weight * slope
                d_shift[i] += weight * bias
                turned[j, i] = scale[i] * slope + shift[i] * bias
        d_hidden_weights[:] = turned.T
        n_steps += 1
        _adam(parameters, gradient, moments, learning_rate, n_steps)
    return n_steps


@compiled
def _split(parameters: Weights) -> tuple[Weights, ...]:
    """Scale, shift, hidden weights and biases, output weights and biases."""
    hidden = 2 * N_INPUTS
    biases = hidden + N_INPUTS * N_HIDDEN
    output = biases + N_HIDDEN
    last = output + N_HIDDEN * N_SCENES
    return (
        parameters[:N_INPUTS],
        parameters[N_INPUTS:hidden],
        parameters[hidden:biases].reshape(N_INPUTS, N_HIDDEN),
        parameters[biases:output],
        parameters[output:last].reshape(N_HIDDEN, N_SCENES),
        parameters[last:],
    )


@compiled
def _lay_out(known: Weights, targets: Weights, rows: NDArray[np.int64], goals: Weights) -> None:
    """Targets (N_SCENES, N_LANES) of a block of samples, and zeros for those that it lacks."""
    if len(rows) < N_LANES:
        goals[:] = 0
    for b in range(len(rows)):
        row = rows[b]
        if row < len(known):
            for o in range(N_SCENES):
                goals[o, b] = known[row, o]
        else:
            for o in range(N_SCENES):
                goals[o, b] = targets[row - len(known), o]


@compiled
def _standardise(
    known: Weights,
    x: Weights,
    rows: NDArray[np.int64],
    deviations: Weights,
    mean: Weights,
    inverse: Weights,
    statistics: Weights,
) -> None:
    """Lay out a batch, and follow the running statistics.

    The mean and the variance are taken in one pass over deviations from the first sample, which
    costs at most a factor n_samples in rounding (Chan, Golub and LeVeque 1983).

    Args:
        rows: (n_samples,) of what is known, and from there on of x.
        deviations: (n_rows, N_COLUMNS) from the first sample, written; the column of ones and the
            zeros stay, and rows past the last sample are zero.
        mean: (N_COLUMNS,) of the deviations, written.
        inverse: (N_COLUMNS,) one over the standard deviation, written.
        statistics: (2, n_inputs) running mean and variance, updated in place.
    """
    n = len(rows)
    first = inverse
    start = known[rows[0]] if rows[0] < len(known) else x[rows[0] - len(known)]
    for i in range(N_INPUTS):
        first[i] = start[i]
    for i in range(N_INPUTS, N_COLUMNS):
        first[i] = 0
    variance = np.empty(N_COLUMNS, np.float32)
    for column in range(0, N_COLUMNS, _N_SUMMED * _WIDTH):
        origin = load_all(first, column, _WIDTH, _WIDTH, _N_SUMMED)
        nothing = spread(np.float32(0), _WIDTH)
        sums = squares = (nothing, nothing, nothing)
        for b in range(n):
            row = rows[b]
            if row < len(known):
                raw = load_all(known, row * N_COLUMNS + column, _WIDTH, _WIDTH, _N_SUMMED)
            else:
                row -= len(known)
                raw = load_all(x, row * N_COLUMNS + column, _WIDTH, _WIDTH, _N_SUMMED)
            d = (raw[0] - origin[0], raw[1] - origin[1], raw[2] - origin[2])
            store_all(deviations, b * N_COLUMNS + column, _WIDTH, d)
            sums = (sums[0] + d[0], sums[1] + d[1], sums[2] + d[2])
            squares = (squares[0] + d[0] * d[0], squares[1] + d[1] * d[1], squares[2] + d[2] * d[2])
        store_all(mean, column, _WIDTH, sums)
        store_all(variance, column, _WIDTH, squares)
    deviations[n : -(-n // N_LANES) * N_LANES] = 0
    share, unbiased = _ONE / np.float32(n), _ONE / np.float32(n - 1)
    for i in range(N_INPUTS):
        total = mean[i]
        mean[i] = total * share
        square = max(variance[i] - total * mean[i], np.float32(0))
        statistics[0, i] += _MOMENTUM * (first[i] + mean[i] - statistics[0, i])
        statistics[1, i] += _MOMENTUM * (square * unbiased - statistics[1, i])
        inverse[i] = _ONE / np.sqrt(square * share + _EPSILON)


@compiled
def _forward(
    across: Weights,
    folded: Weights,
    biases: Weights,
    words: tuple[int, int],
    start: int,
    threshold: int,
    keep: np.float32,
    hidden: Weights,
) -> None:
    """Hidden outputs (N_HIDDEN, N_LANES) of a block of samples, the first at position `start`."""
    for lane in range(0, N_LANES, _WIDTH):
        sums = load_all(biases, lane, N_LANES, _WIDTH, N_HIDDEN)
        for i in range(N_INPUTS):
            inputs = load(across, i * N_LANES + lane, _WIDTH)
            sums = _add_products(sums, inputs, folded, i * N_HIDDEN, 1)
        store_all(hidden, lane, N_LANES, sums)
        drawn = _sample_words(start + lane, words[0], _WIDTH)
        for j in range(N_HIDDEN):
            outputs = load(hidden, j * N_LANES + lane, _WIDTH)
            outputs = _rectify_and_drop(outputs, drawn, words[1] + j, threshold, keep)
            store(hidden, j * N_LANES + lane, outputs)


@compiled
def _backward(
    hidden: Weights,
    goals: Weights,
    output_weights: Weights,
    back_weights: Weights,
    final_biases: Weights,
    share: np.float32,
    keep: np.float32,
    outer: Weights,
) -> None:
    """Softmax and its gradient, then back to the hidden layer.

    Args:
        hidden: (N_HIDDEN, N_LANES) hidden outputs; replaced by their gradients before the ReLU.
        goals: (N_SCENES, N_LANES) weight of each class in the loss of each sample.
        outer: (N_HIDDEN + 1, N_SCENES, N_LANES) to which the products of hidden outputs, and of
            one, with the gradients of scores are added.
    """
    for lane in range(0, N_LANES, _WIDTH):
        scores = load_all(final_biases, lane, N_LANES, _WIDTH, N_SCENES)
        for j in range(N_HIDDEN):
            outputs = load(hidden, j * N_LANES + lane, _WIDTH)
            scores = _add_products(scores, outputs, output_weights, j * N_SCENES, 1)
        top = higher(higher(scores[0], scores[1]), higher(scores[2], scores[3]))
        e0, e1 = _exponential(scores[0] - top), _exponential(scores[1] - top)
        e2, e3 = _exponential(scores[2] - top), _exponential(scores[3] - top)
        t = load_all(goals, lane, N_LANES, _WIDTH, N_SCENES)
        factor = (t[0] + t[1] + t[2] + t[3]) / (e0 + e1 + e2 + e3)
        shares = spread(share, _WIDTH)
        slopes = (
            (e0 * factor - t[0]) * shares,
            (e1 * factor - t[1]) * shares,
            (e2 * factor - t[2]) * shares,
            (e3 * factor - t[3]) * shares,
        )
        store_all(goals, lane, N_LANES, slopes)
        keeps = spread(keep, _WIDTH)
        for j in range(N_HIDDEN + 1):
            row = j * N_SCENES * N_LANES + lane
            outputs = (
                load(hidden, j * N_LANES + lane, _WIDTH) if j < N_HIDDEN else spread(_ONE, _WIDTH)
            )
            for o in range(N_SCENES):
                place = row + o * N_LANES
                slope = load(goals, o * N_LANES + lane, _WIDTH)
                store(outer, place, load(outer, place, _WIDTH) + outputs * slope)
        nothing = spread(np.float32(0), _WIDTH)
        back = (nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
        for o in range(N_SCENES):
            slope = load(goals, o * N_LANES + lane, _WIDTH)
            back = _add_products(back, slope * keeps, back_weights, o * N_HIDDEN, 1)
        outputs = load_all(hidden, lane, N_LANES, _WIDTH, N_HIDDEN)
        store_all(hidden, lane, N_LANES, back)
        for j in range(N_HIDDEN):
            store(
                hidden,
                j * N_LANES + lane,
                _where_positive(outputs[j], load(hidden, j * N_LANES + lane, _WIDTH)),
            )


@compiled
def _correlate(hidden: Weights, deviations: Weights, block: int, product: Weights) -> None:
    """Add a block's gᵀd to the product (N_HIDDEN, N_COLUMNS), sample after sample."""
    for column in range(0, N_COLUMNS, _WIDTH):
        sums = load_all(product, column, N_COLUMNS, _WIDTH, N_HIDDEN)
        for lane in range(N_LANES):
            d = load(deviations, (block + lane) * N_COLUMNS + column, _WIDTH)
            sums = _add_products(sums, d, hidden, lane, N_LANES)
        store_all(product, column, N_COLUMNS, sums)


@compiled
def _adam(
    parameters: Weights, gradient: Weights, moments: Weights, learning_rate: float, n_steps: int
) -> None:
    """One step of Adam (Kingma and Ba 2015), in place."""
    step = np.float32(learning_rate / (1 - _power(0.9, n_steps)))
    correction = np.float32(1 / np.sqrt(1 - _power(0.999, n_steps)))
    first, second = moments[0], moments[1]
    for p in range(parameters.size):
        slope = gradient[p]
        m = _FIRST_DECAY * first[p] + (_ONE - _FIRST_DECAY) * slope
        if abs(m) < _NEXT_TO_NOTHING:  # dead units decay into slow denormal numbers
            m = np.float32(0)
        v = _SECOND_DECAY * second[p] + (_ONE - _SECOND_DECAY) * slope * slope
        first[p] = m
        second[p] = v
        parameters[p] -= step * m / (np.sqrt(v) * correction + _ADAM_EPSILON)


@compiled
def _power(base: float, exponent: int) -> float:
    """By squaring, as the mathematical libraries of machines differ in the last bit."""
    power = 1.0
    while exponent:
        if exponent & 1:
            power *= base
        base *= base
        exponent >>= 1
    return power
