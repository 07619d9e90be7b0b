"""Compiled loops of the AMS front end. Private to `fedasc.audio.ams`.

Streams lie side by side in the last axis, so that the compiler turns each innermost loop into
vector instructions. Every stream's arithmetic is its own and is neither reordered nor contracted:
results don't depend on how many streams share a call or on the width of the vectors.
"""

import numpy as np
from numba import njit

from fedasc.audio import FloatArray, Signal

_NEXT_TO_NOTHING = 1e-30


@njit(cache=True, nogil=True, error_model="numpy")
def envelopes(samples: Signal, hop: int, sections: FloatArray, state: FloatArray) -> FloatArray:
    """Mean of the rectified carrier bands over each hop.

    Args:
        samples: (n_streams, n_samples), whole hops.
        sections: (n_carriers, 2, 3) biquads b0, a1, a2 with the numerator b0 · [1, 0, -1].
        state: (n_carriers, 2, 2, n_streams), updated in place.

    Returns:
        (n_samples / hop, n_carriers, n_streams)
    """
    n_streams = state.shape[-1]
    n_carriers = sections.shape[0]
    n_blocks = samples.shape[1] // hop
    result = np.zeros((n_blocks, n_carriers, n_streams))
    block = np.empty((hop, n_streams))
    for j in range(n_blocks):
        for i in range(n_streams):
            for t in range(hop):
                block[t, i] = samples[i, j * hop + t]
        for k in range(n_carriers):
            b0, a1, a2 = sections[k, 0]
            c0, d1, d2 = sections[k, 1]
            for t in range(hop):
                for i in range(n_streams):
                    driven = b0 * block[t, i]
                    out = driven + state[k, 0, 0, i]
                    state[k, 0, 0, i] = state[k, 0, 1, i] - a1 * out
                    state[k, 0, 1, i] = -driven - a2 * out
                    driven = c0 * out
                    out = driven + state[k, 1, 0, i]
                    state[k, 1, 0, i] = state[k, 1, 1, i] - d1 * out
                    state[k, 1, 1, i] = -driven - d2 * out
                    result[j, k, i] += abs(out)
            _drop_denormals(state[k])
    return result / hop


@njit(cache=True, nogil=True, error_model="numpy")
def modulation_energies(
    envelope: FloatArray, sections: FloatArray, state: FloatArray
) -> FloatArray:
    """Sum of the squared modulation bands of each envelope.

    Args:
        envelope: (n, n_carriers, n_streams).
        sections: (n_modulations, 3) biquads b0, a1, a2 with the numerator b0 · [1, 0, -1].
        state: (n_carriers, n_modulations, 2, n_streams), updated in place.

    Returns:
        (n_carriers, n_modulations, n_streams)
    """
    n, n_carriers, n_streams = envelope.shape
    n_modulations = sections.shape[0]
    result = np.zeros((n_carriers, n_modulations, n_streams))
    for k in range(n_carriers):
        for m in range(n_modulations):
            b0, a1, a2 = sections[m]
            for t in range(n):
                for i in range(n_streams):
                    driven = b0 * envelope[t, k, i]
                    out = driven + state[k, m, 0, i]
                    state[k, m, 0, i] = state[k, m, 1, i] - a1 * out
                    state[k, m, 1, i] = -driven - a2 * out
                    result[k, m, i] += out * out
        _drop_denormals(state[k])
    return result


@njit(cache=True, nogil=True, error_model="numpy")
def _drop_denormals(state: FloatArray) -> None:
    """Filters that ring out in silence must not end in denormal numbers, which are slow."""
    for s in range(state.shape[0]):
        for r in range(state.shape[1]):
            for i in range(state.shape[2]):
                if abs(state[s, r, i]) < _NEXT_TO_NOTHING:
                    state[s, r, i] = 0.0
