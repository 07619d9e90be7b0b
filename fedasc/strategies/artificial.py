"""Artificial samples of many devices, drawn from each one's own stream and labelled together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.models.embedded import N_INPUTS
from fedasc.models.samples import Samples
from fedasc.models.teacher import Teacher
from fedasc.scenes import N_SCENES
from fedasc.strategies.drawing import Drawing
from fedasc.strategies.round_result import Tally

_NEAR = 0.1
"""How far a student's certainty may be from a threshold for its word to be enough."""

Correction = Callable[[NDArray[np.float32], FloatArray], FloatArray]
"""Probabilities (n_samples, 4) of samples (n_samples, 45), made of these and the teacher's."""


@dataclass(frozen=True, eq=False)
class Artificial:
    """One device's artificial samples.

    Args:
        samples: Those that count, with labels.
        n_drawn: How many were drawn for them.
        n_wanted: How many were wanted, as far as there were any.
    """

    samples: Samples
    n_drawn: int
    n_wanted: int

    def balanced(self) -> "Artificial":
        """The same samples, of which those of every scene that occurs together weigh the same."""
        counts = np.bincount(self.samples.scene, minlength=N_SCENES)
        n_scenes = max(int(np.count_nonzero(counts)), 1)
        weights = len(self.samples) / n_scenes / counts[self.samples.scene]
        return replace(self, samples=self.samples.weighted(weights))

    def tally(self) -> Tally:
        """How many there are, for reports."""
        by_scene = np.bincount(self.samples.scene, minlength=N_SCENES)
        return Tally(self.n_drawn, tuple(by_scene.tolist()), self.n_wanted)


def label_artificial(
    teacher: Teacher,
    draws: Sequence[Drawing],
    *,
    n_wanted: int,
    certainty: float,
    soft: bool,
    max_draws: int,
    corrections: Sequence[Correction | None] = (),
    arbiter: Teacher | None = None,
) -> list[Artificial]:
    """For each device as many samples as are wanted, if the teacher is certain of so many.

    Labelling is what costs: after a first block of as many as are wanted, the share kept tells
    how large the next must be, with a margin of two standard deviations and never larger than the
    first. The blocks of all devices go through the teacher in one pass.

    Args:
        teacher: Or whoever labels in its place.
        draws: One for each device.
        certainty: Probability that the teacher must give a scene for a sample to be kept.
        soft: Whether samples keep the probabilities of all scenes.
        max_draws: At most so many times as many samples are drawn as are wanted.
        corrections: Of the teacher's probabilities, one for each device; nobody's if empty.
        arbiter: Who labels anew what is nearly certain enough or hardly so, if anybody does.
    """
    corrections = corrections or [None] * len(draws)
    gathered = [
        Artificial(Samples.none(N_INPUTS), 0, min(n_wanted, draw.n_most or n_wanted))
        for draw in draws
    ]
    while True:
        sizes = [
            _n_next(artificial, draw.n_most or max_draws * n_wanted)
            for artificial, draw in zip(gathered, draws, strict=True)
        ]
        if not any(sizes):
            return [replace(each, samples=each.samples[: each.n_wanted]) for each in gathered]
        blocks = [draw(n) if n else None for draw, n in zip(draws, sizes, strict=True)]
        probabilities = teacher.probabilities(np.concatenate([b for b in blocks if b is not None]))
        ends = list(accumulate(sizes))
        for device, block in enumerate(blocks):
            if block is not None:
                of_block = probabilities[ends[device] - len(block) : ends[device]]
                correct = corrections[device] or _as_they_are
                corrected = correct(block, of_block)
                near = np.abs(corrected.max(axis=1) - certainty) < _NEAR
                if arbiter and near.any():
                    of_block[near] = arbiter.probabilities(block[near])
                    corrected = correct(block, of_block)
                kept = _certain(block, corrected, certainty=certainty, soft=soft)
                artificial = gathered[device]
                gathered[device] = replace(
                    artificial,
                    samples=artificial.samples + kept,
                    n_drawn=artificial.n_drawn + len(block),
                )


def _as_they_are(x: NDArray[np.float32], probabilities: FloatArray) -> FloatArray:
    return probabilities


def labelled_together(teacher: Teacher, blocks: Sequence[NDArray[np.float32]]) -> list[FloatArray]:
    """A teacher's probabilities (n_samples, 4) of each block (n_samples, 45), in one pass."""
    ends = list(accumulate(map(len, blocks)))
    return np.split(teacher.probabilities(np.concatenate(blocks)), ends[:-1])


def _n_next(artificial: Artificial, n_most: int) -> int:
    """Size of a device's next block; 0 if it has enough or has drawn too many."""
    n_wanted = artificial.n_wanted
    if not artificial.n_drawn:
        return n_wanted
    n_missing = max(n_wanted - len(artificial.samples), 0)
    share = max(len(artificial.samples), 1) / artificial.n_drawn
    n_expected = ceil((n_missing + 2 * sqrt(n_missing)) / share)
    return min(n_expected, n_wanted, n_most - artificial.n_drawn)


def _certain(
    x: NDArray[np.float32], probabilities: FloatArray, *, certainty: float, soft: bool
) -> Samples:
    """Of a block, the samples that the teacher is certain of, with its labels."""
    certain: NDArray[Any] = probabilities.max(axis=1) >= certainty
    kept = probabilities[certain]
    return Samples(x[certain], kept.argmax(axis=1), kept.astype(np.float32) if soft else None)
