"""A device that listens: sound comes in, and for every 10 s a scene goes out. Never imports torch.

Filters run on from one window to the next, as they do on a device; in a simulation each window
starts with filters at rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log10

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import softmax
from fedasc.audio import FULL_SCALE, FloatArray, Signal, Stored
from fedasc.audio.ams import AmsStream
from fedasc.audio.bank import VECTORS_PER_SEQUENCE, FilterBank
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.scenes import SCENE_NAMES


@dataclass(frozen=True, eq=False, kw_only=True)
class Window:
    """What a device makes of 10 s.

    Args:
        start_s: When they begin, in seconds of sound.
        seconds: How long they are.
        scene: What the classifier takes them for.
        certainty: Its probability of that scene.
        level_dbfs: Root mean square relative to full scale; -inf for digital silence.
        x: (45,) the features in dB.
    """

    start_s: float
    seconds: float
    scene: int
    certainty: float
    level_dbfs: float
    x: NDArray[np.float32]

    def line(self) -> str:
        """Start, seconds, scene, certainty and level, as the compiled library prints them."""
        return (
            f"{self.start_s:.1f} {self.seconds:.1f} {SCENE_NAMES[self.scene]} "
            f"{self.certainty:.2f} {self.level_dbfs:.1f}"
        )


class Listener:
    """Turns sound that comes in pieces of any length into windows.

    Args:
        bank: The front end.
        classifier: What names the scenes.
        start_s: When the sound begins.
    """

    def __init__(
        self, bank: FilterBank, classifier: EmbeddedClassifier, *, start_s: float = 0.0
    ) -> None:
        self._stream = AmsStream(bank)
        self._classifier = classifier
        self._n_samples = VECTORS_PER_SEQUENCE * bank.samples_per_vector
        self._seconds = self._n_samples / bank.sample_rate_hz
        self._start_s = start_s
        self._n_windows = 0
        self._vectors: FloatArray = np.empty((0, bank.n_features))
        self._squares = 0.0
        self._n_heard = 0

    def push(self, samples: Signal | Stored) -> Iterator[Window]:
        """Take in the next samples, and hand out the windows that they complete.

        Args:
            samples: (n_samples,) at the bank's rate, full scale 1.0, or 32768 of int16.

        Raises:
            AudioError: If a sample isn't finite.
        """
        while len(samples):
            some = samples[: self._n_samples - self._n_heard]
            samples = samples[len(some) :]
            vectors = self._stream.push(some[None])[0]
            self._vectors = np.concatenate([self._vectors, vectors])
            self._squares += _energy(some)
            self._n_heard += len(some)
            if self._n_heard == self._n_samples:
                yield self._window()

    @property
    def seconds(self) -> float:
        """How long it has listened, in seconds of sound."""
        return self._seconds * (self._n_windows + self._n_heard / self._n_samples)

    def _window(self) -> Window:
        x = self._vectors.astype(np.float32).reshape(1, -1)
        shares = softmax(self._classifier.logits(x))[0]
        mean_square = self._squares / self._n_samples
        window = Window(
            start_s=self._start_s + self._n_windows * self._seconds,
            seconds=self._seconds,
            scene=int(shares.argmax()),
            certainty=float(shares.max()),
            level_dbfs=_dbfs(mean_square),
            x=x[0],
        )
        self._vectors = self._vectors[:0]
        self._squares, self._n_heard = 0.0, 0
        self._n_windows += 1
        return window


def level_of(samples: Signal | Stored) -> float:
    """Root mean square of (n_samples,) in dB relative to full scale; -inf for digital silence."""
    return _dbfs(_energy(samples) / max(len(samples), 1))


def _dbfs(mean_square: float) -> float:
    return 10 * log10(mean_square) if mean_square > 0 else -inf


def _energy(samples: Signal | Stored) -> float:
    """Sum of squares, full scale 1.0."""
    unit = 1 / FULL_SCALE if samples.dtype == np.int16 else 1.0
    return float(np.square(samples, dtype=np.float64).sum()) * unit * unit
