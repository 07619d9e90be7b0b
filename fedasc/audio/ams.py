"""Amplitude-modulation-spectrum features: 9 values per 2 s of audio, 45 per 10 s.

The shape of every feature vector is (carrier, modulation), flattened: with the default bank,
z[3k + m] is the energy of modulation band m in carrier band k, in dB relative to the mean level.
"""

import math
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import log
from fedasc.audio import FULL_SCALE, FloatArray, Signal, Stored
from fedasc.audio.bank import VECTORS_PER_SEQUENCE, FilterBank
from fedasc.audio.kernels import N_LANES, analyse
from fedasc.errors import AudioError

_LEAK = 1e-3
_DB = 10 / math.log(10)
_UNITS = {"int16": 1 / FULL_SCALE, "float32": 1.0, "float64": 1.0}


class AmsStream:
    """Extracts feature vectors from audio that comes in pieces of any length.

    Pieces of any lengths give bitwise the vectors of one whole piece, and any number of streams
    side by side gives bitwise the vectors of each alone.

    Args:
        bank: The filters.
        n_streams: Signals taken in side by side.
    """

    def __init__(self, bank: FilterBank, *, n_streams: int = 1) -> None:
        sections = bank.carrier_sections()
        self._bank = bank
        self._n_streams = n_streams
        self._carriers = sections[:, :, 1:].reshape(-1, 4).astype(np.float32)
        self._gains = (sections[:, :, 0].prod(axis=1) / bank.hop).astype(np.float32)
        self._modulations = bank.modulation_sections()
        n_lanes = N_LANES if n_streams > 1 else 1
        n_groups = -(-n_streams // n_lanes)
        self._lanes = (0,) * n_lanes
        self._state = (
            np.zeros((n_groups, 2, n_lanes), np.float32),
            np.zeros((n_groups, bank.n_carriers, 4, n_lanes), np.float32),
            np.zeros((n_groups, bank.n_carriers, 2 * bank.n_modulations, n_lanes)),
        )
        self._settled = False
        self._waiting: Signal | Stored = np.zeros((n_streams, 0), np.float32)

    def push(self, samples: Signal | Stored) -> FloatArray:
        """Take in the next samples and hand out the vectors that they complete.

        Args:
            samples: (n_streams, n_samples) full scale 1.0, or 32768 of int16.

        Returns:
            (n_streams, n_vectors, n_features) in dB; n_vectors may be 0.

        Raises:
            AudioError: If the shape or type is wrong, or a sample is not finite.
        """
        if samples.ndim != 2 or len(samples) != self._n_streams:
            raise AudioError(
                f"expected samples of shape ({self._n_streams}, n_samples), got {samples.shape}"
            )
        if samples.dtype.name not in _UNITS or not samples.dtype.isnative:
            raise AudioError(f"expected samples of {', '.join(_UNITS)}, got {samples.dtype}")
        whole = self._with_waiting(samples)
        bank = self._bank
        before, carriers, modulations = deepcopy(self._state)
        energies, levels = analyse(
            whole,
            np.float32(_UNITS[whole.dtype.name]),
            bank.hop,
            bank.envelopes_per_vector,
            0 if self._settled else bank.envelopes_to_settle,
            self._carriers,
            self._gains,
            self._modulations,
            before,
            carriers,
            modulations,
            self._lanes,
        )
        n_vectors = levels.shape[-1]
        rest = whole[:, n_vectors * bank.samples_per_vector :].copy()
        # What is not finite never leaves the filters again, so not every sample is looked at.
        if not all(np.isfinite(part).all() for part in (before, carriers, modulations, rest)):
            raise AudioError("samples must be finite; repair or leave out the recording")
        self._state, self._waiting = (before, carriers, modulations), rest
        self._settled |= n_vectors > 0
        n = self._n_streams
        z = relative_db(
            bank,
            energies[:, :, :n].reshape(bank.n_carriers, bank.n_modulations, -1),
            levels[:, :n].reshape(bank.n_carriers, -1),
        )
        return z.reshape(n, n_vectors, bank.n_features)

    def _with_waiting(self, samples: Signal | Stored) -> NDArray[Any]:
        """What waits for more and what came, in rows without gaps and read-only."""
        whole: NDArray[Any] = np.ascontiguousarray(samples).view()
        if self._waiting.size:
            pieces = [self._waiting, samples]
            if samples.dtype != self._waiting.dtype:
                pieces = [_in_single(piece) for piece in pieces]
            whole = np.concatenate(pieces, axis=1)
        whole.flags.writeable = False  # so that there is one kind of array to compile for
        return whole


def _in_single(samples: Signal | Stored) -> Signal:
    return samples.astype(np.float32) * np.float32(_UNITS[samples.dtype.name])


def relative_db(bank: FilterBank, energies: FloatArray, levels: FloatArray) -> FloatArray:
    """Features z from modulation energies and mean envelopes.

    Args:
        energies: (n_carriers, n_modulations, n_streams) mean squared modulation outputs.
        levels: (n_carriers, n_streams) mean envelopes.

    Returns:
        (n_streams, n_features) in dB; silence is finite.
    """
    floor = bank.floor
    band_powers = levels[:, None] ** 2
    against = {
        "total": np.broadcast_to(sum(band_powers) / len(band_powers), band_powers.shape) + floor,
        "band": band_powers + floor,
        "none": np.ones_like(band_powers),
    }[bank.reference]
    z = _DB * log((energies + _LEAK * floor) / against)
    return z.reshape(bank.n_features, z.shape[-1]).T


def ams_vectors(bank: FilterBank, signals: Signal | Stored) -> FloatArray:
    """Feature vectors of whole signals.

    Args:
        signals: (n_signals, n_samples) full scale 1.0, or 32768 of int16.

    Returns:
        (n_signals, n_vectors, n_features) in dB.

    Raises:
        AudioError: If a sample is not finite.
    """
    return AmsStream(bank, n_streams=len(signals)).push(signals)


def sequences(vectors: FloatArray) -> FloatArray:
    """Join every five vectors z to one sequence x (paper eq. 2).

    Args:
        vectors: (n_signals, n_vectors, n_features); vectors that fill no sequence are left out.

    Returns:
        (n_signals, n_vectors // 5, 5 · n_features)
    """
    n_signals, n_vectors, n_features = vectors.shape
    n_sequences = n_vectors // VECTORS_PER_SEQUENCE
    kept = vectors[:, : n_sequences * VECTORS_PER_SEQUENCE]
    return kept.reshape(n_signals, n_sequences, VECTORS_PER_SEQUENCE * n_features)
