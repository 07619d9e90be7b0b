"""Windows: what a hearing aid hears in 10 s, as indices into the pool and as sound."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray, Signal
from fedasc.audio.mixing import mix_at_snr, turned
from fedasc.corpus.clips import CLIP_SAMPLES, Clips
from fedasc.corpus.library import IntArray, Material
from fedasc.scenes import N_SCENES, Scene

SNR_DB: Mapping[Scene, tuple[float, float]] = {
    Scene.SPEECH: (25.0, 40.0),
    Scene.SPEECH_IN_NOISE: (-10.0, 10.0),
}
"""Ranges of the signal-to-noise ratio of the two classes with speech (section 4.1)."""


@dataclass(frozen=True)
class Windows:
    """What is heard, not yet rendered.

    Args:
        scene: (n_windows,) the true class.
        clip: (n_windows,) index into the pool: the speech, the music, or the noise.
        start: (n_windows,) sample of the clip at which the window starts; the clip goes round.
        noise: (n_windows,) index of the noise mixed with speech; -1 where there is none.
        snr_db: (n_windows,) NaN where nothing is mixed.
    """

    scene: IntArray
    clip: IntArray
    start: IntArray
    noise: IntArray
    snr_db: FloatArray

    def __len__(self) -> int:
        return len(self.scene)

    def __getitem__(self, some: slice | IntArray) -> "Windows":
        return Windows(*(getattr(self, field.name)[some] for field in fields(self)))

    def __add__(self, other: "Windows") -> "Windows":
        return Windows(
            *(
                np.concatenate([getattr(self, field.name), getattr(other, field.name)])
                for field in fields(self)
            )
        )


def draw_windows(
    material: Material, n_windows: int, *, shares: Sequence[float], rng: np.random.Generator
) -> Windows:
    """Draw what is heard: a class by its share, then clips of that class, then the SNR.

    Unless the material weights its clips, those of a class are used up before one is heard again.

    Args:
        shares: Probability of each scene.

    Raises:
        CorpusError: If a class that is to be heard has no clips.
    """
    scene = np.sort(rng.choice(N_SCENES, size=n_windows, p=shares))
    clip = np.empty(n_windows, np.int64)
    noise = np.full(n_windows, -1)
    snr_db = np.full(n_windows, np.nan)
    foreground = {Scene.NOISE: material.noise, Scene.MUSIC: material.music}
    for kind in Scene:
        here = np.flatnonzero(scene == kind)
        clip[here] = foreground.get(kind, material.speech).deal(len(here), rng)
        if kind in SNR_DB:
            noise[here] = material.noise.deal(len(here), rng)
            snr_db[here] = rng.uniform(*SNR_DB[kind], size=len(here))
    start = rng.integers(CLIP_SAMPLES, size=n_windows)
    order = rng.permutation(n_windows)
    return Windows(scene[order], clip[order], start, noise[order], snr_db[order])


def render(
    clips: Clips, windows: Windows, *, out: NDArray[np.float32] | None = None
) -> Iterator[Signal]:
    """Sound of each window in turn.

    Args:
        out: (n_windows, 160000), in whose rows it is written; new signals if None.

    Yields:
        (160000,) float32
    """
    for i, (clip, start, noise, snr_db) in enumerate(
        zip(windows.clip, windows.start, windows.noise, windows.snr_db, strict=True)
    ):
        row = None if out is None else out[i]
        if noise < 0:
            yield turned(clips.stored(clip), start, out=row)
        else:
            stored, beside = clips.stored(clip), clips.stored(noise)
            yield mix_at_snr(stored, beside, snr_db, start=start, out=row)
