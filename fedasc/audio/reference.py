"""The AMS features in float64 on SciPy: slow, short, and the judge of the compiled path."""

from itertools import pairwise

import numpy as np
from scipy.signal import butter, sosfilt, sosfilt_zi

from fedasc.audio import FloatArray, Signal
from fedasc.audio.ams import relative_db
from fedasc.audio.bank import FilterBank


def reference_vectors(bank: FilterBank, signal: Signal) -> FloatArray:
    """Feature vectors of one signal, filtered by SciPy.

    Args:
        bank: The filters.
        signal: (n_samples,) full scale 1.0.

    Returns:
        (n_vectors, n_features) in dB.
    """
    n_vectors = len(signal) // bank.samples_per_vector
    signal = signal[: n_vectors * bank.samples_per_vector].astype(np.float64)
    energies = np.empty((bank.n_carriers, bank.n_modulations, n_vectors))
    levels = np.empty((bank.n_carriers, n_vectors))
    for k, edges_hz in enumerate(pairwise(bank.carrier_edges_hz)):
        carrier = butter(2, edges_hz, btype="bandpass", output="sos", fs=bank.sample_rate_hz)
        envelope = np.abs(sosfilt(carrier, signal)).reshape(-1, bank.hop).mean(axis=1)
        levels[k] = envelope.reshape(n_vectors, -1).mean(axis=1)
        start = envelope[: bank.envelopes_to_settle].mean()
        for m, edges in enumerate(pairwise(bank.modulation_edges_hz)):
            band = butter(1, edges, btype="bandpass", output="sos", fs=bank.envelope_rate_hz)
            output, _ = sosfilt(band, envelope, zi=sosfilt_zi(band) * start)
            energies[k, m] = (output**2).reshape(n_vectors, -1).mean(axis=1)
    return relative_db(bank, energies, levels)
