"""Compiled loops of the AMS front end. Private to `fedasc.audio.ams`.

Streams are the lanes of vectors: `N_LANES` of them are filtered by each instruction, or one by the
same code with vectors of one lane. The vector type is spelled out for LLVM, which cuts it into what
the machine has. A stream's arithmetic is its own and is neither reordered nor contracted: results
depend neither on how many streams share a call nor on the machine's vectors.

The carrier bands are filtered in single precision, the modulation bands in double: their slow
filters would still hum with rounding errors when a sound has ended.
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
from fedasc.arithmetic.lanes import Lanes, instruction, magnitude, splat
from fedasc.audio import FloatArray, Signal, Stored

N_LANES = 32 if LARGE_REGISTERS else 16
"""As many as keep what a biquad remembers in registers."""

_TILE = 8
_STEPS_PER_CHECK = 32
_NEXT_TO_NOTHING = 1e-30


@instruction
def _rid_of_denormals(typing: Any, vector: Any) -> Any:
    """Filters that ring out in silence must not end in denormal numbers, which are slow."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = args[0].type
        least = ir.Constant(kind, [_NEXT_TO_NOTHING] * kind.count)
        is_nothing = builder.fcmp_ordered("<", magnitude(builder, args[0]), least)
        return builder.select(is_nothing, ir.Constant(kind, [0.0] * kind.count), args[0])

    return vector(vector), build


@instruction
def _spread(typing: Any, scalar: Any, lanes: Any) -> Any:
    """The same number in every lane; as many lanes as the tuple has items."""
    vector = Lanes(scalar, lanes.count)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return splat(builder, args[0], vector.n)

    return vector(scalar, lanes), build


@instruction
def _row(typing: Any, array: Any, row: Any, lanes: Any) -> Any:
    """A row of an array (n_rows, n_lanes)."""
    vector = Lanes(array.dtype, lanes.count)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = context.get_value_type(vector)
        return builder.load(_place(context, builder, sig, args, kind), align=4, typ=kind)

    return vector(array, row, lanes), build


@instruction
def _set_row(typing: Any, array: Any, row: Any, vector: Any) -> Any:
    """Write lanes to a row of an array (n_rows, n_lanes), of their precision or a higher one."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = args[2]
        kind = ir.VectorType(context.get_value_type(array.dtype), vector.type.count)
        if vector.type != kind:
            vector = builder.fpext(vector, kind)
        builder.store(vector, _place(context, builder, sig, args, kind), align=4)

    return types.void(array, row, vector), build


def _place(context: Any, builder: Any, sig: Any, args: Any, kind: Any) -> Any:
    """Pointer to a row, the second argument, of an array, the first."""
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    start = builder.mul(args[1], ir.Constant(args[1].type, kind.count))
    return builder.bitcast(builder.gep(data, [start]), kind.as_pointer())


@instruction
def _turn_tile(
    typing: Any,
    samples: Any,
    unit: Any,
    stream: Any,
    start: Any,
    block: Any,
    row: Any,
    lane: Any,
    lanes: Any,
) -> Any:
    """Copy a tile of samples, `_TILE` of as many streams, to rows and lanes of a block.

    Args:
        samples: (n_streams, n_samples); streams past the last are replaced by the last.
        unit: What samples are multiplied by.
        stream, start: The first to copy.
        block: (n_rows, n_lanes).
        row, lane: The first to write.
        lanes: As many items as there are lanes.
    """

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _, unit_, first, start_, _, row_, lane_, _ = args
        array = context.make_array(samples)(context, builder, args[0])
        n_streams, n_samples = cgutils.unpack_tuple(builder, array.shape)
        last = builder.sub(n_streams, ir.Constant(n_streams.type, 1))
        kind = ir.VectorType(context.get_value_type(samples.dtype), _TILE)
        single = ir.VectorType(ir.FloatType(), _TILE)
        units = splat(builder, unit_, _TILE)
        tile = []
        for i in range(_TILE):
            number = builder.add(first, ir.Constant(first.type, i))
            number = builder.select(builder.icmp_signed("<", number, last), number, last)
            place = builder.gep(array.data, [builder.add(builder.mul(number, n_samples), start_)])
            place = builder.bitcast(place, kind.as_pointer())
            vector = builder.load(place, align=samples.dtype.bitwidth // 8, typ=kind)
            if isinstance(samples.dtype, types.Integer):
                vector = builder.sitofp(vector, single)
            elif vector.type != single:
                vector = builder.fptrunc(vector, single)
            tile.append(builder.fmul(vector, units))
        # Interleaving row i with row i + n/2, log2(n) times, turns a tile of n rows.
        half = _TILE // 2
        masks = [
            ir.Constant(
                ir.VectorType(ir.IntType(32), _TILE),
                [shift + n // 2 + _TILE * (n % 2) for n in range(_TILE)],
            )
            for shift in (0, half)
        ]
        for _ in range(_TILE.bit_length() - 1):
            tile = [
                builder.shuffle_vector(tile[i], tile[i + half], mask)
                for i in range(half)
                for mask in masks
            ]
        data = context.make_array(block)(context, builder, args[4]).data
        for i, vector in enumerate(tile):
            number = builder.add(row_, ir.Constant(row_.type, i))
            place = builder.mul(number, ir.Constant(number.type, lanes.count))
            place = builder.gep(data, [builder.add(place, lane_)])
            builder.store(vector, builder.bitcast(place, single.as_pointer()), align=4)

    return types.void(samples, unit, stream, start, block, row, lane, lanes), build


@compiled
def analyse(
    samples: Signal | Stored,
    unit: np.float32,
    hop: int,
    n_hops: int,
    n_to_settle: int,
    carriers: NDArray[np.float32],
    gains: NDArray[np.float32],
    modulations: FloatArray,
    before: NDArray[np.float32],
    carrier_state: NDArray[np.float32],
    modulation_state: FloatArray,
    lanes: tuple[int, ...],
) -> tuple[FloatArray, FloatArray]:
    """Energies of the modulation bands and levels of the carrier bands, vector by vector.

    Args:
        samples: (n_streams, n_samples) in rows without gaps; what fills no vector is left.
        unit: What samples are multiplied by, a power of two.
        hop: Samples averaged to one value of the envelope.
        n_hops: Values of the envelope per vector.
        n_to_settle: Values whose mean sets the modulation filters' first state; 0 for no change.
        carriers: (n_carriers, 4) a1, a2 of both biquads, each with the numerator [1, 0, -1].
        gains: (n_carriers,) what makes the sum over a hop the mean of the rectified band.
        modulations: (n_modulations, 3) biquads b0, a1, a2 with the numerator b0 · [1, 0, -1].
        before: (n_groups, 2, n_lanes) the last two samples, updated in place.
        carrier_state: (n_groups, n_carriers, 4, n_lanes), updated in place.
        modulation_state: (n_groups, n_carriers, 2 · n_modulations, n_lanes), updated in place.
        lanes: As many items as there are lanes.

    Returns:
        Mean squared modulation outputs (n_carriers, n_modulations, n_groups · n_lanes, n_vectors)
        and mean envelopes (n_carriers, n_groups · n_lanes, n_vectors).
    """
    n_lanes = len(lanes)
    n_groups, n_carriers = carrier_state.shape[:2]
    n_modulations = len(modulations)
    n_vectors = samples.shape[1] // (hop * n_hops)
    energies = np.empty((n_carriers, n_modulations, n_groups * n_lanes, n_vectors))
    levels = np.empty((n_carriers, n_groups * n_lanes, n_vectors))
    block = np.empty((hop + 2, n_lanes), np.float32)
    driven = np.empty((hop, n_lanes), np.float32)
    envelopes = np.empty((n_carriers, n_hops, n_lanes))
    sums = np.empty((1 + n_modulations, n_lanes))
    for group in range(n_groups):
        stream = group * n_lanes
        for t in range(2):
            _set_row(block, t, _row(before[group], t, lanes))
        for vector in range(n_vectors):
            for j in range(n_hops):
                start = (vector * n_hops + j) * hop
                _fill(samples, unit, stream, start, hop, block, lanes)
                for t in range(hop):
                    _set_row(driven, t, _row(block, t + 2, lanes) - _row(block, t, lanes))
                for t in range(2):
                    _set_row(block, t, _row(block, hop + t, lanes))
                for k in range(n_carriers):
                    _band(
                        driven,
                        carriers[k],
                        gains[k],
                        carrier_state[group, k],
                        envelopes[k],
                        j,
                        lanes,
                    )
            for k in range(n_carriers):
                state = modulation_state[group, k]
                if n_to_settle and not vector:
                    _settle(envelopes[k], n_to_settle, modulations, state, lanes)
                _modulations(envelopes[k], modulations, state, sums, lanes)
                for i in range(n_lanes):
                    levels[k, stream + i, vector] = sums[n_modulations, i] / n_hops
                    for m in range(n_modulations):
                        energies[k, m, stream + i, vector] = sums[m, i] / n_hops
        for t in range(2):
            _set_row(before[group], t, _row(block, t, lanes))
    return energies, levels


@compiled
def _fill(
    samples: Signal | Stored,
    unit: np.float32,
    stream: int,
    start: int,
    hop: int,
    block: NDArray[np.float32],
    lanes: tuple[int, ...],
) -> None:
    """Lay a hop of samples side by side in the block's rows from 2 on."""
    n_lanes = len(lanes)
    whole = hop // _TILE * _TILE if n_lanes % _TILE == 0 else 0
    for t in range(0, whole, _TILE):
        for lane in range(0, n_lanes, _TILE):
            _turn_tile(samples, unit, stream + lane, start + t, block, t + 2, lane, lanes)
    for lane in range(n_lanes):
        row = min(stream + lane, len(samples) - 1)
        for t in range(whole, hop):
            block[t + 2, lane] = np.float32(samples[row, start + t]) * unit


@compiled
def _band(
    driven: NDArray[np.float32],
    section: NDArray[np.float32],
    gain: np.float32,
    state: NDArray[np.float32],
    envelope: FloatArray,
    j: int,
    lanes: tuple[int, ...],
) -> None:
    """Mean of the rectified carrier band over one hop.

    Args:
        driven: (hop, n_lanes) samples less those before the last: the zeros of the first biquad,
            which are exact this way as long as the samples have 16 bits.
    """
    a1, a2 = _spread(section[0], lanes), _spread(section[1], lanes)
    d1, d2 = _spread(section[2], lanes), _spread(section[3], lanes)
    low0, low1 = _row(state, 0, lanes), _row(state, 1, lanes)
    high0, high1 = _row(state, 2, lanes), _row(state, 3, lanes)
    total = _spread(np.float32(0), lanes)
    for t in range(len(driven)):
        low = _row(driven, t, lanes) - low0
        low0 = low1 + a1 * low
        low1 = a2 * low
        high = low - high0
        high0 = high1 + d1 * high
        high1 = low + d2 * high
        total = total + abs(high)
    _set_row(envelope, j, total * _spread(gain, lanes))
    _set_row(state, 0, _rid_of_denormals(low0))
    _set_row(state, 1, _rid_of_denormals(low1))
    _set_row(state, 2, _rid_of_denormals(high0))
    _set_row(state, 3, _rid_of_denormals(high1))


@compiled
def _settle(
    envelope: FloatArray, n: int, sections: FloatArray, state: FloatArray, lanes: tuple[int, ...]
) -> None:
    """State of the modulation filters after an endless envelope of constant level.

    A band-pass passes no DC, so its output is zero and both states hold the driven input. The level
    is the mean of the first n values.
    """
    total = _spread(0.0, lanes)
    for t in range(n):
        total = total + _row(envelope, t, lanes)
    for m in range(len(sections)):
        held = _spread(-sections[m, 0] / n, lanes) * total
        _set_row(state, 2 * m, held)
        _set_row(state, 2 * m + 1, held)


@compiled
def _modulations(
    envelope: FloatArray,
    sections: FloatArray,
    state: FloatArray,
    sums: FloatArray,
    lanes: tuple[int, ...],
) -> None:
    """Sums over an envelope: the squares of each modulation band, and the envelope itself.

    Args:
        envelope: (n, n_lanes).
        sums: (n_modulations + 1, n_lanes), written.
    """
    n, n_modulations = len(envelope), len(sections)
    for m in range(n_modulations):
        b0, a1 = _spread(sections[m, 0], lanes), _spread(sections[m, 1], lanes)
        a2 = _spread(sections[m, 2], lanes)
        low0, low1 = _row(state, 2 * m, lanes), _row(state, 2 * m + 1, lanes)
        energy = _spread(0.0, lanes)
        for start in range(0, n, _STEPS_PER_CHECK):
            for t in range(start, min(start + _STEPS_PER_CHECK, n)):
                driven = b0 * _row(envelope, t, lanes)
                out = driven + low0
                low0 = low1 - a1 * out
                low1 = _spread(0.0, lanes) - driven - a2 * out
                energy = energy + out * out
            low0, low1 = _rid_of_denormals(low0), _rid_of_denormals(low1)
        _set_row(state, 2 * m, low0)
        _set_row(state, 2 * m + 1, low1)
        _set_row(sums, m, energy)
    level = _spread(0.0, lanes)
    for t in range(n):
        level = level + _row(envelope, t, lanes)
    _set_row(sums, n_modulations, level)
