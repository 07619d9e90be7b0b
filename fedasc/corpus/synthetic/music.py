"""Music by a small band: drums, bass, chords and a melody, played as a genre would.

A track draws its tempo, key, progression, instruments and balance; a recording is a passage of it
with its own notes, its own rests, and its own place in the progression.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from fedasc.arithmetic.functions import exp
from fedasc.arithmetic.powers import power, tanh
from fedasc.audio import FloatArray
from fedasc.corpus.synthetic.envelopes import (
    CONTROL_TIMES_S,
    DURATION_S,
    N_SAMPLES,
    Model,
    Samples,
    fluctuation,
    sine,
    upsampled,
)
from fedasc.corpus.synthetic.events import burst, grain_times_s, ring, scatter
from fedasc.corpus.synthetic.genres import GENRES, Bounds, Genre
from fedasc.corpus.synthetic.sources import (
    blend,
    filtered,
    harmonic,
    partials,
    reverberated,
    unit,
)

_CHANCES = {".": 0.0, "o": 0.25, "x": 0.7, "X": 1.0}
_SCALE = np.array([0, 2, 4, 5, 7, 9, 11])
_PROGRESSIONS = np.array([[0, 4, 5, 3], [5, 3, 0, 4], [0, 3, 4, 3], [1, 4, 0, 5], [0, 5, 1, 4]])
_STEPS_PER_BEAT = 4
_STEPS_PER_SECTION = 4 * _STEPS_PER_BEAT

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Score:
    """What all instruments of a recording share.

    Args:
        onsets_s: (n_steps,) times of the quarters of a beat.
        degrees: (n_steps,) the chord's root, in steps of the scale.
        changes: (n_steps,) where a chord begins.
        root_hz: Key.
        playing: (4, n_steps) whether drums, chords, bass and melody play.
    """

    onsets_s: FloatArray
    degrees: NDArray[np.int64]
    changes: Flags
    root_hz: float
    playing: Flags

    def line(
        self,
        struck: Flags,
        degrees: NDArray[np.int64],
        *,
        octave: int,
        timbre: FloatArray,
        loudness: FloatArray,
        attack_s: float,
        sustain_s: float,
        gap_s: float = 0.0,
        vibrato: float = 0.0,
    ) -> Samples:
        """A part that plays one note at a time, each until `gap_s` before the next.

        Args:
            struck: (n_steps,) where a note begins.
            degrees: (n_notes,) pitches, in steps of the scale.
            octave: Octaves above the key.
            timbre: (n_partials,) amplitudes.
            loudness: (n_notes,) amplitudes.
            attack_s: Time constant of the attack.
            sustain_s: Time constant of the decay.
            gap_s: Rest before the next note.
            vibrato: Its depth, as a share of the pitch.
        """
        onsets_s = self.onsets_s[struck]
        if not len(onsets_s):
            return np.zeros(N_SAMPLES, np.float32)
        pitches_hz = self.root_hz * power(2, octave + degrees // 7 + _SCALE[degrees % 7] / 12)
        note = np.maximum(np.searchsorted(onsets_s, CONTROL_TIMES_S, side="right") - 1, 0)
        since_s = np.maximum(CONTROL_TIMES_S - onsets_s[note], 0.0)
        until_s = np.append(onsets_s[1:], DURATION_S + 1.0)[note] - CONTROL_TIMES_S
        envelope = loudness[note] * (1 - exp(-since_s / attack_s)) * exp(-since_s / sustain_s)
        envelope *= np.clip((until_s - gap_s) / 0.01, 0, 1)
        frequency_hz = pitches_hz[note] * (1 + vibrato * sine(35 * CONTROL_TIMES_S))
        return harmonic(frequency_hz, timbre) * upsampled(envelope)


def _score(genre: Genre, track: Generator, take: Generator) -> _Score:
    beat_s = 60 / track.uniform(*genre.tempo_bpm)
    root_hz = 55 * float(power(2, track.uniform(0, 1)))
    progression = _PROGRESSIONS[track.integers(len(_PROGRESSIONS))]
    steps = np.arange(int(DURATION_S / beat_s * _STEPS_PER_BEAT) + 1)
    onsets_s = (steps + 2 * genre.swing * (steps % 4 == 2)) * beat_s / _STEPS_PER_BEAT
    steps, onsets_s = steps[onsets_s < DURATION_S], onsets_s[onsets_s < DURATION_S]
    sections = (steps + take.integers(_STEPS_PER_SECTION)) // _STEPS_PER_SECTION
    playing = (take.random((4, sections[-1] + 1)) < genre.playing)[:, sections]
    playing[1] |= ~playing[1:].any(axis=0)
    steps_per_chord = _STEPS_PER_BEAT * genre.beats_per_chord
    return _Score(
        onsets_s=onsets_s,
        degrees=progression[(steps // steps_per_chord + take.integers(4)) % 4],
        changes=steps % steps_per_chord == 0,
        root_hz=root_hz,
        playing=playing,
    )


def _drums(genre: Genre, score: _Score, track: Generator, take: Generator) -> Samples:
    """Kick, snare and hi-hat by the genre's chances."""
    times = grain_times_s(0.25)
    thump = sine(2 * np.pi * (track.uniform(45, 65) * times - 6 * exp(-times * 30)))
    kick = (thump * exp(-times / track.uniform(0.05, 0.15))).astype(np.float32)
    snare = burst(track, attack_s=0.001, decay_s=track.uniform(0.04, 0.12), low_hz=200)
    body = ring(track, low_hz=180, high_hz=400, n_modes=2, decay_s=0.08)[: len(snare)]
    snare[: len(body)] += np.float32(0.7) * body
    hat = burst(track, attack_s=0.0005, decay_s=track.uniform(0.015, 0.1), low_hz=6000)
    kit = np.zeros(N_SAMPLES, np.float32)
    levels = (1.0, track.uniform(0.3, 1.2), track.uniform(0.1, 0.8))
    for grain, marks, level in zip((kick, snare, hat), genre.kit, levels, strict=True):
        chances = np.resize([_CHANCES[mark] for mark in marks], len(score.onsets_s))
        hits = score.playing[0] & (take.random(len(chances)) < chances)
        beats = scatter(take, score.onsets_s[hits], [grain], spread_db=1.5)
        kit += np.float32(level) * beats
    return kit


def _timbre(genre: Genre, track: Generator) -> FloatArray:
    """(40,) amplitudes of an instrument's partials."""
    return partials(40, slope_db=track.uniform(*genre.slope_db), even=track.uniform(0.2, 1))


def _chords(genre: Genre, score: _Score, track: Generator, take: Generator) -> Samples:
    """Triads, struck when they change and now and then on an eighth."""
    timbre, again = _timbre(genre, track), track.uniform(*genre.strum)
    attack_s, sustain_s = track.uniform(*genre.attack_s), 2 * track.uniform(*genre.sustain_s)
    eighths = np.arange(len(score.changes)) % 2 == 0
    struck = score.changes | (eighths & (take.random(len(eighths)) < again))
    struck &= score.playing[1]
    triad = np.zeros(N_SAMPLES, np.float32)
    for third in (0, 2, 4):
        triad += score.line(
            struck,
            score.degrees[struck] + third,
            octave=1,
            timbre=timbre,
            loudness=np.ones(int(struck.sum())),
            attack_s=attack_s,
            sustain_s=sustain_s,
        )
    return triad


def _bass(genre: Genre, score: _Score, track: Generator, take: Generator) -> Samples:
    """Roots on the beat, and some between."""
    timbre, sustain_s = _timbre(genre, track), track.uniform(0.2, 1.0)
    beats = np.arange(len(score.changes)) % _STEPS_PER_BEAT == 0
    struck = score.playing[2] & (beats | (take.random(len(beats)) < 0.2))
    return score.line(
        struck,
        score.degrees[struck],
        octave=0,
        timbre=timbre,
        loudness=take.uniform(0.7, 1, int(struck.sum())),
        attack_s=0.01,
        sustain_s=sustain_s,
    )


def _melody(genre: Genre, score: _Score, track: Generator, take: Generator) -> Samples:
    """A random walk about the chord, played or sung; a consonant goes before each sung note."""
    timbre, density = _timbre(genre, track), track.uniform(*genre.density)
    attack_s, sustain_s = track.uniform(*genre.attack_s), track.uniform(*genre.sustain_s)
    vibrato, sung = track.uniform(0, 0.01), track.random() < genre.sung
    struck = score.playing[3] & (take.random(len(score.changes)) < density)
    walk = np.abs(np.cumsum(take.integers(-2, 3, int(struck.sum())))) % 9
    tune = score.line(
        struck,
        score.degrees[struck] + walk,
        octave=2 if sung else 3,
        timbre=timbre,
        loudness=take.uniform(0.5, 1, len(walk)),
        attack_s=0.04 if sung else attack_s,
        sustain_s=3.0 if sung else sustain_s,
        gap_s=0.08 if sung else 0.0,
        vibrato=vibrato,
    )
    if not sung:
        return tune
    formants_hz = (track.uniform(400, 800), track.uniform(900, 2200), 3000.0)
    hiss = burst(track, attack_s=0.02, decay_s=0.02, low_hz=3000)
    consonants = scatter(take, np.maximum(score.onsets_s[struck] - 0.08, 0), [hiss], spread_db=6)
    vowels = filtered(tune, peaks=[(hz, 0.3, 12.0) for hz in formants_hz])
    return blend((vowels, 0.0), (consonants, track.uniform(-25, -12)))


def music(genre: Genre) -> Model:
    """The model of one genre; its group is the track."""

    def model(track: Generator, take: Generator) -> Samples:
        def draw(bounds: Bounds) -> float:
            return float(track.uniform(*bounds))

        score = _score(genre, track, take)
        mix = blend(
            (_drums(genre, score, track, take), draw(genre.drums_db)),
            (_chords(genre, score, track, take), draw(genre.chords_db)),
            (_bass(genre, score, track, take), draw(genre.bass_db)),
            (_melody(genre, score, track, take), draw(genre.melody_db)),
        )
        drive = draw(genre.drive)
        if drive > 0:
            mix = tanh(unit(mix) * np.float32(drive)).astype(np.float32)
        mix = unit(mix) * fluctuation(take, 0.3, draw(genre.swell_db))
        return reverberated(track, mix, decay_s=draw((0.3, 2.0)), wet=draw(genre.wet))

    return model


MUSIC: dict[str, Model] = {name: music(genre) for name, genre in GENRES.items()}
