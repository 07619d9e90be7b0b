"""The embedded synthetic corpus: every recording is a function of the seed and of its name.

It is the same to the last bit on every processor. So no model may use exponentials, logarithms,
powers, angles, complex products or convolutions of NumPy, SciPy or Python, but those of
`fedasc.arithmetic`, and squares, roots and sums. Only what NumPy draws of a normal or an
exponential variable in its tail, every four thousandth and every two thousandth draw, comes from a
logarithm of the C library; glibc 2.36 has one version of it for all processors.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from numpy.random import Generator

from fedasc.audio import Signal
from fedasc.config import fingerprint
from fedasc.corpus.recordings import Recording
from fedasc.corpus.synthetic.domestic import DOMESTIC
from fedasc.corpus.synthetic.envelopes import Model, Samples, amplitude, log_uniform
from fedasc.corpus.synthetic.music import MUSIC
from fedasc.corpus.synthetic.nature import NATURE
from fedasc.corpus.synthetic.sources import blend, coloured, filtered, unit
from fedasc.corpus.synthetic.urban import URBAN
from fedasc.corpus.synthetic.voices import VOICES
from fedasc.errors import SettingsError
from fedasc.seeds import Purpose, Streams

_FORMAT = 2
"""Raise it whenever the sound of any recording changes: the teacher that comes along with fedasc is
found by it. What is cached needs no number, it knows the code."""

_NOISES = {"domestic": DOMESTIC, "nature": NATURE, "urban": URBAN}
_MODELS: Mapping[str, Mapping[str, Model]] = {
    "noise": DOMESTIC | NATURE | URBAN,
    "music": MUSIC,
    "speech": VOICES,
}
_TAKES = 2
_CREST = 20.0
_PEAK = 0.98


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Address of a recording: which group of which type, and which take of it."""

    label: str
    type: str
    domain: str = ""
    group: int
    take: int

    def recording(self) -> Recording:
        group = f"{self.label}/{self.type}/{self.group:03d}"
        return Recording(
            path=f"{group}/{self.take}",
            label=self.label,
            type=self.type,
            group=group,
            domain=self.domain,
        )


@dataclass(frozen=True, kw_only=True)
class SyntheticCorpus:
    """Noises, music and speech of 10 s each, computed when they are read.

    Two recordings of a noise type share a device or place, two of a genre a track, all of a voice
    the voice: that is their group. A recording depends on nothing but the seed and its own name, so
    other counts add or leave out recordings and change none.

    Args:
        seed: Root of every recording, not negative.
        n_noise_recordings: Recordings of each noise type.
        n_music_recordings: Recordings of each genre.
        n_voices: Speakers; the kinds of speech take turns among them.
        n_voice_recordings: Recordings of each speaker.

    Raises:
        SettingsError: If the seed is negative or a count below 1.
    """

    seed: int = 0
    n_noise_recordings: int = 18
    n_music_recordings: int = 60
    n_voices: int = 40
    n_voice_recordings: int = 8

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            lowest = 0 if name == "seed" else 1
            if value < lowest:
                raise SettingsError(f"synthetic: {name} must be at least {lowest}, got {value}")

    @property
    def name(self) -> str:
        return "synthetic"

    @cached_property
    def recordings(self) -> tuple[Recording, ...]:
        return tuple(piece.recording() for piece in self._pieces)

    @cached_property
    def _pieces(self) -> tuple[_Piece, ...]:
        return tuple(self._listed())

    def _listed(self) -> Iterator[_Piece]:
        for domain, types in _NOISES.items():
            for kind in types:
                for i in range(self.n_noise_recordings):
                    group, take = divmod(i, _TAKES)
                    yield _Piece(label="noise", type=kind, domain=domain, group=group, take=take)
        for kind in MUSIC:
            for i in range(self.n_music_recordings):
                group, take = divmod(i, _TAKES)
                yield _Piece(label="music", type=kind, group=group, take=take)
        kinds = tuple(VOICES)
        for voice in range(self.n_voices):
            for take in range(self.n_voice_recordings):
                kind = kinds[voice % len(kinds)]
                yield _Piece(label="speech", type=kind, group=voice, take=take)

    def fingerprint(self) -> str:
        return fingerprint(self, _FORMAT)

    def seconds(self, index: int) -> float:
        return 10.0

    def read(self, index: int) -> Signal:
        """(160000,) float32 at 16 kHz, full scale 1.0; -29 to -14 dBFS."""
        piece = self._pieces[index]
        address = zlib.crc32(f"{piece.label}/{piece.type}".encode()), piece.group
        streams = Streams(self.seed)
        shared = streams.generator(Purpose.SYNTHESIS, *address, 0)
        take = streams.generator(Purpose.SYNTHESIS, *address, 1 + piece.take)
        return _recorded(_MODELS[piece.label][piece.type](shared, take), shared, take)


def _recorded(sound: Samples, place: Generator, take: Generator) -> Signal:
    """What a microphone makes of a sound: its response, room noise, its overload, and a level."""
    heard = filtered(
        sound,
        slope_db=place.normal(0, 1.2),
        low_hz=log_uniform(place, 30, 250),
        high_hz=log_uniform(place, 3500, 7500),
    )
    room = coloured(take, slope_db=place.uniform(-7, -2))
    heard = unit(blend((heard, 0.0), (room, place.uniform(-55, -25))))
    heard = heard.clip(-_CREST, _CREST)
    gain = min(
        amplitude(place.uniform(-26, -16) + take.uniform(-2, 2)), _PEAK / np.abs(heard).max()
    )
    return heard * np.float32(gain)
