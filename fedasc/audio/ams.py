"""Amplitude-modulation-spectrum features: 9 values per 2 s of audio, 45 per 10 s.

The shape of every feature vector is (carrier, modulation), flattened: with the default bank,
z[3k + m] is the energy of modulation band m in carrier band k, in dB relative to the mean level.
"""

import numpy as np

from fedasc.audio import FloatArray, Signal
from fedasc.audio.bank import VECTORS_PER_SEQUENCE, FilterBank
from fedasc.audio.kernels import envelopes, modulation_energies
from fedasc.errors import AudioError

_STREAMS_PER_CALL = 16
_LEAK = 1e-3


class AmsStream:
    """Extracts feature vectors from audio that comes in pieces of any length.

    Pieces of any lengths give bitwise the vectors of one whole piece, and any number of streams
    side by side gives bitwise the vectors of each alone.

    Args:
        bank: The filters.
        n_streams: Signals taken in side by side.
    """

    def __init__(self, bank: FilterBank, *, n_streams: int = 1) -> None:
        self._bank = bank
        self._carriers = bank.carrier_sections()
        self._modulations = bank.modulation_sections()
        self._carrier_state = np.zeros((bank.n_carriers, 2, 2, n_streams))
        self._modulation_state: FloatArray | None = None
        self._waiting: Signal = np.zeros((n_streams, 0), np.float32)

    def push(self, samples: Signal) -> FloatArray:
        """Take in the next samples and hand out the vectors that they complete.

        Args:
            samples: (n_streams, n_samples) full scale 1.0.

        Returns:
            (n_streams, n_vectors, n_features) in dB; n_vectors may be 0.

        Raises:
            AudioError: If the shape is wrong or a sample is not finite.
        """
        n_streams = self._carrier_state.shape[-1]
        if samples.ndim != 2 or len(samples) != n_streams:
            raise AudioError(
                f"expected samples of shape ({n_streams}, n_samples), got {samples.shape}"
            )
        if not np.isfinite(samples).all():
            raise AudioError("samples must be finite; repair or leave out the recording")
        if self._waiting.shape[1]:
            samples = np.concatenate([self._waiting, samples], axis=1)
        size = self._bank.samples_per_vector
        n_vectors = samples.shape[1] // size
        self._waiting = samples[:, n_vectors * size :].copy()
        vectors = np.empty((n_streams, n_vectors, self._bank.n_features))
        for j in range(n_vectors):
            vectors[:, j] = self._vector(samples[:, j * size : (j + 1) * size])
        return vectors

    def _vector(self, samples: Signal) -> FloatArray:
        bank = self._bank
        envelope = envelopes(samples, bank.hop, self._carriers, self._carrier_state)
        if self._modulation_state is None:
            first = envelope[: bank.envelopes_to_settle].mean(axis=0)
            self._modulation_state = _settled(self._modulations, first)
        energies = modulation_energies(envelope, self._modulations, self._modulation_state)
        return relative_db(bank, energies / len(envelope), envelope.mean(axis=0))


def _settled(sections: FloatArray, level: FloatArray) -> FloatArray:
    """State of the modulation filters after an endless envelope of constant level.

    A band-pass passes no DC, so its output is zero and both states hold the driven input.

    Args:
        sections: (n_modulations, 3).
        level: (n_carriers, n_streams).

    Returns:
        (n_carriers, n_modulations, 2, n_streams)
    """
    driven = sections[:, 0, None, None] * level[:, None, None]
    return np.repeat(-driven, 2, axis=2)


def relative_db(bank: FilterBank, energies: FloatArray, levels: FloatArray) -> FloatArray:
    """Features z from modulation energies and mean envelopes.

    Args:
        energies: (n_carriers, n_modulations, n_streams) mean squared modulation outputs.
        levels: (n_carriers, n_streams) mean envelopes.

    Returns:
        (n_streams, n_features) in dB; silence is finite.
    """
    floor = bank.floor
    own = levels[:, None] ** 2
    against = {
        "total": np.broadcast_to(own.mean(axis=0), own.shape) + floor,
        "band": own + floor,
        "none": np.ones_like(own),
    }[bank.reference]
    z = 10 * np.log10((energies + _LEAK * floor) / against)
    return z.reshape(-1, z.shape[-1]).T


def ams_vectors(bank: FilterBank, signals: Signal) -> FloatArray:
    """Feature vectors of whole signals.

    Args:
        signals: (n_signals, n_samples).

    Returns:
        (n_signals, n_vectors, n_features) in dB.

    Raises:
        AudioError: If a sample is not finite.
    """
    groups = (
        signals[start : start + _STREAMS_PER_CALL]
        for start in range(0, len(signals), _STREAMS_PER_CALL)
    )
    return np.concatenate([AmsStream(bank, n_streams=len(group)).push(group) for group in groups])


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
