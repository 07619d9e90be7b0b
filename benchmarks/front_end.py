"""The front end: features of many clips by fedasc, by SciPy and by torchaudio."""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import butter

from benchmarks.operations import filter_flops
from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Way, whole
from fedasc.audio import FULL_SCALE, FloatArray, Stored
from fedasc.audio.ams import ams_vectors, relative_db
from fedasc.audio.bank import FilterBank
from fedasc.audio.reference import reference_vectors
from fedasc.corpus.clips import CLIP_S, CLIP_SAMPLES

_TOLERANCE_DB = 0.01
_N_TIMES = 10  # once is over in milliseconds, which anything may disturb
_LEVELS_DBFS = (-45.0, -15.0)


def stages(sizes: Sizes) -> Iterator[Stage]:
    """Clips of noise at many levels, each swelling in its own rhythm."""
    bank, clips = FilterBank(), swelling_noise(sizes.n_clips)
    seconds = float(CLIP_S * sizes.n_clips)
    flops = filter_flops(bank, seconds)
    ways = [
        Way(
            name="fedasc",
            amount=_N_TIMES * seconds,
            run=whole(lambda: [ams_vectors(bank, clips) for _ in range(_N_TIMES)][-1]),
            flops=_N_TIMES * flops,
        ),
        Way(
            name="SciPy sosfilt",
            amount=seconds,
            run=whole(lambda: by_scipy(bank, clips)),
            flops=flops,
        ),
    ]
    left_out = {}
    if find_spec("torchaudio"):
        run = whole(lambda: by_torchaudio(bank, clips))
        ways.append(Way(name="torchaudio lfilter", amount=seconds, run=run, flops=flops))
    else:
        left_out["torchaudio lfilter"] = "torchaudio isn't installed; pip install -e '.[bench]'"
    yield Stage(
        name="ams",
        work=f"{sizes.n_clips} clips of {CLIP_S} s to features",
        unit="s of audio",
        ways=tuple(ways),
        agreement=Agreement(
            deviation=lambda ours, others: float(np.abs(ours - others).max()),
            tolerance=_TOLERANCE_DB,
            measure="largest difference in dB",
        ),
        left_out=left_out,
    )


def swelling_noise(n_clips: int) -> Stored:
    """(n_clips, 160000) noise that swells, at levels from soft to loud."""
    rng = np.random.default_rng(0)
    time_s = np.arange(CLIP_SAMPLES) / (CLIP_SAMPLES / CLIP_S)
    swell_hz = rng.uniform(0.5, 30, size=(n_clips, 1))
    levels = 10 ** (np.linspace(*_LEVELS_DBFS, n_clips)[:, None] / 20)
    noise = rng.standard_normal((n_clips, CLIP_SAMPLES), np.float32)
    noise *= levels * (1 + 0.8 * np.sin(2 * np.pi * swell_hz * time_s))
    return np.clip(np.rint(noise * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def by_scipy(bank: FilterBank, clips: Stored) -> FloatArray:
    """Features of one clip after another; the same shape as those of `ams_vectors`."""
    return np.stack([reference_vectors(bank, clip / FULL_SCALE) for clip in clips])


def by_torchaudio(bank: FilterBank, clips: Stored) -> FloatArray:
    """Features of all clips at once in single precision, but the modulation filters in double.

    torchaudio's filters start at rest. What they are fed is the envelope less its first mean, which
    a band-pass can't tell from a filter that starts in the steady state of that mean.
    """
    from torchaudio.functional import lfilter

    def filtered(signal: Any, section: NDArray[np.float64]) -> Any:
        b, a = (torch.as_tensor(part, dtype=signal.dtype) for part in (section[:3], section[3:]))
        return lfilter(signal, a, b, clamp=False)

    n_vectors = clips.shape[1] // bank.samples_per_vector
    signal = torch.from_numpy(clips[:, : n_vectors * bank.samples_per_vector].astype(np.float32))
    signal /= FULL_SCALE
    energies = np.empty((bank.n_carriers, bank.n_modulations, len(clips) * n_vectors))
    levels = np.empty((bank.n_carriers, len(clips) * n_vectors))
    for k, edges_hz in enumerate(pairwise(bank.carrier_edges_hz)):
        sections = butter(2, edges_hz, btype="bandpass", output="sos", fs=bank.sample_rate_hz)
        band = filtered(filtered(signal, sections[0]), sections[1])
        envelope = band.abs().reshape(len(clips), -1, bank.hop).double().mean(dim=2)
        levels[k] = envelope.reshape(-1, bank.envelopes_per_vector).mean(dim=1)
        start = envelope[:, : bank.envelopes_to_settle].mean(dim=1, keepdim=True)
        for m, edges in enumerate(pairwise(bank.modulation_edges_hz)):
            section = butter(1, edges, btype="bandpass", output="sos", fs=bank.envelope_rate_hz)[0]
            output = filtered(envelope - start, section)
            energies[k, m] = (output**2).reshape(-1, bank.envelopes_per_vector).mean(dim=1)
    z = relative_db(bank, energies, levels)
    return z.reshape(len(clips), n_vectors, bank.n_features)
