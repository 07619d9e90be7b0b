"""Speech by a source-filter model (Fant 1960).

Glottal pulses and fricative noise are shaped by formants that move from vowel to vowel. The words
mean nothing; rhythm, pitch and spectrum are those of speech.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from fedasc.arithmetic.powers import exp_in_single, log2, power
from fedasc.audio import FloatArray
from fedasc.corpus.synthetic.envelopes import (
    CONTROL_TIMES_S,
    DURATION_S,
    N_SAMPLES,
    RATE_HZ,
    Model,
    Samples,
    drift,
    sine,
    upsampled,
)
from fedasc.corpus.synthetic.sources import coloured, harmonic, partials, reverberated, unit

VOWELS_HZ = np.array(
    [
        (730, 1090, 2440, 3400),
        (270, 2290, 3010, 3600),
        (300, 870, 2240, 3300),
        (530, 1840, 2480, 3500),
        (570, 840, 2410, 3300),
        (660, 1720, 2410, 3500),
        (440, 1020, 2240, 3300),
        (490, 1350, 1690, 3300),
    ],
    dtype=np.float64,
)
"""(n_vowels, 4) formants of men's vowels (Peterson and Barney 1952); the fourth is ours."""

_FRAME = 512
_BINS_HZ = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ).astype(np.float32)
_BANDWIDTHS_HZ = (80.0, 110.0, 160.0, 240.0)


@cache
def _window() -> Samples:
    """(_FRAME,) half a sine, whose square adds up to 1 with that of frames that overlap by half."""
    return sine(np.pi * (np.arange(_FRAME) + 0.5) / _FRAME).astype(np.float32)


@cache
def _octaves() -> FloatArray:
    """(n_bins,) of frequencies, a little above those of the bins so that the first has any."""
    return log2(_BINS_HZ + 1)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a kind of speech is paced.

    Args:
        syllables_hz: Bounds of the rate.
        phrase: Bounds of the syllables in a phrase.
        pause_s: Bounds of the pause after it.
        liveliness: Share by which pitch and stress move.
        room: Bounds of the reverberant share of the energy.
    """

    syllables_hz: tuple[float, float]
    phrase: tuple[int, int]
    pause_s: tuple[float, float]
    liveliness: float
    room: tuple[float, float]


MANNERS = {
    "read": Manner(
        syllables_hz=(3.8, 5.2), phrase=(7, 16), pause_s=(0.25, 0.7), liveliness=0.8, room=(0, 0.4)
    ),
    "conversation": Manner(
        syllables_hz=(4.2, 6.2),
        phrase=(3, 18),
        pause_s=(0.15, 1.2),
        liveliness=1.2,
        room=(0.02, 0.6),
    ),
    "announcement": Manner(
        syllables_hz=(3.0, 4.2), phrase=(4, 9), pause_s=(0.4, 1.1), liveliness=0.7, room=(0.3, 0.88)
    ),
    "words": Manner(
        syllables_hz=(2.8, 4.5), phrase=(1, 4), pause_s=(0.3, 0.9), liveliness=0.9, room=(0, 0.5)
    ),
}


class _Track:
    """A curve through points in time, read at the control points."""

    def __init__(self, *values: float) -> None:
        self._times: list[float] = [0.0]
        self._values: list[tuple[float, ...]] = [values]

    def to(self, time_s: float, *values: float) -> None:
        self._times.append(time_s)
        self._values.append(values)

    def at(self, times_s: FloatArray) -> FloatArray:
        """Values at given times, as (n_values, n_times)."""
        columns = zip(*self._values, strict=True)
        return np.array([np.interp(times_s, self._times, column) for column in columns])


def _utter(
    manner: Manner, voice: Generator, take: Generator
) -> tuple[_Track, _Track, _Track, _Track]:
    """Draw syllable after syllable.

    Returns:
        Tracks of voicing, of frication, of the fricative's centre in Hz, and of the formants in Hz.
    """
    scale = voice.uniform(0.92, 1.25)
    rate_hz = voice.uniform(*manner.syllables_hz)
    crispness = voice.uniform(0.5, 1.5)
    voicing, friction, centre, formants = _Track(0), _Track(0), _Track(3000), _Track(*VOWELS_HZ[0])
    now = take.uniform(0.0, 0.5)
    while now < DURATION_S:
        n_syllables = take.integers(*manner.phrase, endpoint=True)
        for i in range(n_syllables):
            length = take.gamma(12, 1 / 12) / rate_hz * (1.3 if i == n_syllables - 1 else 1.0)
            stress = float(power(10, manner.liveliness * take.normal(-0.15 * i / n_syllables, 0.2)))
            onset = take.choice(4, p=[0.35, 0.25, 0.3, 0.1])
            lead = length * take.uniform(0.25, 0.4)
            vowel = VOWELS_HZ[take.integers(len(VOWELS_HZ))] * scale * take.uniform(0.95, 1.05)
            voicing.to(now, 0.02 * stress)
            friction.to(now, 0.0)
            centre.to(now, take.uniform(1800, 6000))
            if onset == 0:  # plosive: closure, then a burst
                friction.to(now + 0.7 * lead, 0.0)
                friction.to(now + 0.7 * lead + 0.004, crispness * stress)
                friction.to(now + 0.7 * lead + 0.025, 0.0)
                voicing.to(now + 0.9 * lead, 0.02 * stress)
            elif onset == 1:  # fricative
                friction.to(now + 0.4 * lead, 0.4 * crispness * stress)
                friction.to(now + 0.8 * lead, 0.4 * crispness * stress)
                friction.to(now + lead, 0.0)
                voicing.to(now + 0.9 * lead, take.choice([0.02, 0.15]) * stress)
            elif onset == 2:  # nasal or approximant
                voicing.to(now + 0.3 * lead, 0.3 * stress)
                voicing.to(now + 0.9 * lead, 0.35 * stress)
            formants.to(now + 1.2 * lead, *vowel)
            voicing.to(now + 1.2 * lead, stress)
            voicing.to(now + 0.75 * length, 0.8 * stress)
            formants.to(now + 0.85 * length, *vowel)
            voicing.to(now + 0.97 * length, 0.05 * stress)
            now += length
        voicing.to(now + 0.03, 0.0)
        now += take.uniform(*manner.pause_s)
        voicing.to(now, 0.0)
        friction.to(now, 0.0)
    return voicing, friction, centre, formants


def _formant_gain(formants_hz: FloatArray) -> Samples:
    """(n_frames, n_bins) magnitude of a cascade of resonances at (n_formants, n_frames)."""
    power = np.ones((formants_hz.shape[1], len(_BINS_HZ)), np.float32)
    squares = _BINS_HZ**2
    for track, width_hz in zip(formants_hz.astype(np.float32), _BANDWIDTHS_HZ, strict=True):
        centre = track[:, None] ** 2
        power *= centre**2 / ((centre - squares) ** 2 + squares * np.float32(width_hz * width_hz))
    return np.sqrt(power)


def _frames(signal: Samples) -> NDArray[np.complex64]:
    """(n_frames, n_bins) complex spectra of windowed frames that overlap by half."""
    padded = np.pad(signal, _FRAME // 2)
    views = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[:: _FRAME // 2]
    return np.asarray(rfft(views * _window(), axis=1))


def _overlapped(spectra: NDArray[np.complex64]) -> Samples:
    """(n_samples,) the frames of `_frames` put together again."""
    frames = irfft(spectra, _FRAME, axis=1) * _window()
    halves = frames.reshape(len(frames), 2, _FRAME // 2)
    return np.asarray((halves[1:, 0] + halves[:-1, 1]).ravel()[:N_SAMPLES], np.float32)


def speech(manner: Manner) -> Model:
    """The model of one kind of speech; its group is the voice."""

    def model(voice: Generator, take: Generator) -> Samples:
        pitch_hz = voice.choice([115.0, 200.0]) * float(power(2, voice.normal(0, 0.2)))
        tilt_db = voice.uniform(-11, -5)
        breath, hiss = voice.uniform(0.02, 0.15), voice.uniform(0.6, 2.5)
        voicing, friction, centre, formants = _utter(manner, voice, take)
        loudness = voicing.at(CONTROL_TIMES_S)[0]
        melody = manner.liveliness * (0.12 * drift(take, 0.7) + 0.06 * drift(take, 3))
        jitter = 0.006 * drift(take, 60)
        pulses = harmonic(pitch_hz * power(2, melody + jitter), partials(60, slope_db=tilt_db))
        noise = coloured(take, slope_db=0, low_hz=100)
        voiced = (pulses + np.float32(breath) * noise) * upsampled(loudness)
        fricative = noise * upsampled(np.float32(hiss) * friction.at(CONTROL_TIMES_S)[0])
        vowels, hisses = _frames(voiced), _frames(fricative)
        times_s = np.arange(len(vowels), dtype=np.float64) * (_FRAME // 2) / RATE_HZ
        octaves = (_octaves() - log2(centre.at(times_s)[0])[:, None]).astype(np.float32)
        spectra = vowels * _formant_gain(formants.at(times_s))
        spectra += hisses * exp_in_single(-(octaves**2) * 3)
        wet = voice.uniform(*manner.room)
        return reverberated(
            voice, unit(_overlapped(spectra)), decay_s=voice.uniform(0.2, 1.6), wet=wet
        )

    return model


VOICES: dict[str, Model] = {name: speech(manner) for name, manner in MANNERS.items()}
